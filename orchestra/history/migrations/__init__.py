"""The history of the history's tables: one file for each change, in ``versions``."""

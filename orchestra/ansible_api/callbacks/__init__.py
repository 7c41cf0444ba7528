"""Callbacks that people know by name and enable in their settings, written to the same interface as a project's own."""

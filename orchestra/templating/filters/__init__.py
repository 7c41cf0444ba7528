"""Filters by subject: each file has a table of its names, each filter is a function of its input and options."""

"""Finds module files and reads their one declaration."""

"""Finds and loads what a project brings itself."""

"""Template tests (``x is ...``) by subject; each file has a table of its names."""

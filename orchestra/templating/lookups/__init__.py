"""Lookups by subject: lists, files, values, programs, passwords. What they return is plain data for ever."""

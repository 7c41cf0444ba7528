"""Modules that ship with Orchestra: one file for each, loaded by path."""

"""Bytes to a host and back; knows nothing of tasks."""

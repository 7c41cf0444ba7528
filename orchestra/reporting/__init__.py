"""Sinks for events; a sink never changes a run."""

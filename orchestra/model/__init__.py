"""Frozen data that passes between rooms, and nothing else."""

"""Jinja2 over project text; host data is never rendered."""

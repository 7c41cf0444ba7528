"""Modules that are written to Ansible's Python interface: what they import, and what runs them on a host."""

"""Ansible's own command names, answered by Orchestra: their flags, their words, their exit statuses."""

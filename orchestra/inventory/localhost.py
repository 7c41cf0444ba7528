"""The controller as a host, when no inventory names it."""

from __future__ import annotations

import sys
from functools import cache

from orchestra.model.host import LOCALHOST_NAMES, Host, Inventory


@cache
def implicit_localhost(name: str = "localhost") -> Host:
    """The host that ``localhost`` means when no source names it: this machine, this Python, no connection."""
    variables = {"ansible_python_interpreter": sys.executable or "/usr/bin/python3", "ansible_connection": "local"}
    return Host(name, variables, implicit=True)


def find_host(inventory: Inventory, name: str) -> Host | None:
    """The host called ``name``; one of localhost's names finds the inventory's own localhost, else the implicit one."""
    host = inventory.hosts.get(name)
    if host is not None or name not in LOCALHOST_NAMES:
        return host
    for known in LOCALHOST_NAMES:
        if known in inventory.hosts:
            return inventory.hosts[known]
    return implicit_localhost(name)

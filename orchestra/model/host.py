"""Hosts, groups and the inventory they make; plain data, no loading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from orchestra.model.origin import Origin
from orchestra.model.record import record

#: Names that mean the controller itself when no inventory names them.
LOCALHOST_NAMES = ("localhost", "127.0.0.1", "::1")


@record
class Host:
    """One machine of the inventory. ``vars`` are those its inventory sources gave to it alone."""

    name: str
    vars: Mapping[str, Any] = field(default_factory=dict)
    #: Every group it is in, parents included; ordered by depth, priority and name: later ones win.
    groups: tuple[str, ...] = ()
    origin: Origin | None = None
    #: True for the localhost that no source names.
    implicit: bool = False


@record
class Group:
    """A group: its direct hosts and children by name, in the order of their sources."""

    name: str
    vars: Mapping[str, Any] = field(default_factory=dict)
    hosts: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    depth: int = 0
    priority: int = 1
    origin: Origin | None = None


@record
class Inventory:
    """All hosts and groups, and where they came from. A change (add_host) makes a new one."""

    hosts: Mapping[str, Host]
    groups: Mapping[str, Group]
    #: The paths (or ``host1,host2,`` lists) it was read from, in their order.
    sources: tuple[str, ...] = ()

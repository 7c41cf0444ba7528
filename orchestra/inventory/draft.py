"""What inventory sources say, before it becomes an Inventory: hosts and groups by name, variables in layers.

A parser fills a draft of its own, so that a source that fails half-way leaves nothing behind; whole ones are absorbed
in order. Variables are kept as the layers they were read in: hosts of one range share one layer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from orchestra.errors import LanguageError
from orchestra.model.origin import LocatedDict, Origin
from orchestra.model.record import mutable

PRIORITY_VARIABLE = "ansible_group_priority"


@mutable
class DraftHost:
    """A host as far as it is known."""

    origin: Origin | None
    layers: list[LocatedDict] = field(default_factory=list)


@mutable
class DraftGroup:
    """A group as far as it is known; hosts and children keep the order of their first mention, with its place."""

    origin: Origin | None
    hosts: dict[str, Origin | None] = field(default_factory=dict)
    children: dict[str, Origin | None] = field(default_factory=dict)
    layers: list[LocatedDict] = field(default_factory=list)
    priority: int = 1


class Draft:
    """Hosts and groups under construction."""

    def __init__(self) -> None:
        self.hosts: dict[str, DraftHost] = {}
        self.groups: dict[str, DraftGroup] = {}

    def add_group(self, name: str, origin: Origin | None = None) -> DraftGroup:
        """The group called ``name``, made if need be."""
        group = self.groups.get(name)
        if group is None:
            group = self.groups[name] = DraftGroup(origin)
        return group

    def copy(self) -> Draft:
        """Another draft with the same content; what is read (layers) is shared, for it does not change."""
        other = Draft()
        other.hosts = {name: DraftHost(host.origin, list(host.layers)) for name, host in self.hosts.items()}
        other.groups = {
            name: DraftGroup(group.origin, dict(group.hosts), dict(group.children), list(group.layers), group.priority)
            for name, group in self.groups.items()
        }
        return other

    def add_host(
        self, name: str, group: str | None, origin: Origin | None = None, layer: LocatedDict | None = None
    ) -> None:
        """Put a host into a group if one is named, with variables of its own if any."""
        host = self.hosts.get(name)
        if host is None:
            host = self.hosts[name] = DraftHost(origin)
        if layer:
            host.layers.append(layer)
        if group is not None:
            self.add_group(group, origin).hosts.setdefault(name, origin)

    def add_child(self, group: str, child: str, origin: Origin | None = None) -> None:
        """Put a group below another one."""
        self.add_group(child, origin)
        self.add_group(group, origin).children.setdefault(child, origin)

    def set_group_vars(self, name: str, layer: LocatedDict) -> None:
        """Add variables to a group; its priority is one of them.

        Raises:
            LanguageError: a priority that is no number.
        """
        group = self.add_group(name, layer.origin)
        if PRIORITY_VARIABLE in layer:
            group.priority = _priority(layer)
            layer = without(layer, PRIORITY_VARIABLE)
        if layer:
            group.layers.append(layer)

    def absorb(self, source: Draft, about_source: LocatedDict) -> None:
        """Take over all that ``source`` says; its new hosts start with the layer ``about_source``."""
        for name, group in source.groups.items():
            mine = self.add_group(name, group.origin)
            mine.hosts = {
                **mine.hosts,
                **{host: place for host, place in group.hosts.items() if host not in mine.hosts},
            }
            for child, place in group.children.items():
                mine.children.setdefault(child, place)
            mine.layers += group.layers
            mine.priority = group.priority if group.priority != 1 else mine.priority
        for name, host in source.hosts.items():
            known = self.hosts.get(name)
            if known is None:
                known = self.hosts[name] = DraftHost(host.origin, [about_source])
            known.layers += host.layers


def _priority(layer: LocatedDict) -> int:
    value = layer[PRIORITY_VARIABLE]
    try:
        return int(value)
    except (TypeError, ValueError):
        origin = layer.value_origins.get(PRIORITY_VARIABLE)
        raise LanguageError(f"{PRIORITY_VARIABLE} must be a whole number, not {value!r}", origin=origin) from None


def without(layer: LocatedDict, key: str) -> LocatedDict:
    """``layer`` without one key."""
    items = {name: value for name, value in layer.items() if name != key}
    return LocatedDict(items, origin=layer.origin, key_origins=layer.key_origins, value_origins=layer.value_origins)


def located(items: Mapping[str, Any], places: Mapping[str, Origin], origin: Origin | None) -> LocatedDict:
    """A mapping whose keys and values stand at the same places."""
    return LocatedDict(items, origin=origin, key_origins=places, value_origins=places)

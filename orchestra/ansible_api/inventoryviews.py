"""One host and one group as plugins see them; views on the inventory that they belong to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from orchestra.ansible_api.values import combine_vars

if TYPE_CHECKING:
    from orchestra.ansible_api.inventorydata import InventoryData


class _View:
    """Something with a name and variables."""

    __slots__ = ("_data", "name")

    def __init__(self, data: InventoryData, name: str) -> None:
        self._data = data
        self.name = name

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.name == self.name

    def __hash__(self) -> int:
        return hash((type(self).__name__, self.name))

    def __str__(self) -> str:
        return self.name

    __repr__ = __str__

    def get_name(self) -> str:
        """The name."""
        return self.name


class HostView(_View):
    """A host under construction."""

    __slots__ = ()

    @property
    def address(self) -> str:
        """What it is reached by where nothing else says it."""
        return self.name

    @property
    def vars(self) -> dict[str, Any]:
        """What sources gave to it alone; a copy, set_variable changes it."""
        return self._data.variables(self._data.draft.hosts[self.name].layers)

    @property
    def groups(self) -> list[GroupView]:
        """Every group it is in, those above others included."""
        return self.get_groups()

    def get_groups(self) -> list[GroupView]:
        """Every group it is in, the weakest first."""
        return [GroupView(self._data, name) for name in self._data.memberships(self.name)]

    def get_magic_vars(self) -> dict[str, Any]:
        """Its name and its groups' names."""
        groups = sorted(name for name in self._data.memberships(self.name) if name != "all")
        return {
            "inventory_hostname": self.name,
            "inventory_hostname_short": self.name.split(".")[0],
            "group_names": groups,
        }

    def get_vars(self) -> dict[str, Any]:
        """What sources gave to it, and its names."""
        return {**self.vars, **self.get_magic_vars()}

    def set_variable(self, key: str, value: Any) -> None:
        """Give it a variable."""
        self._data.set_variable(self.name, key, value)


class GroupView(_View):
    """A group under construction."""

    __slots__ = ()

    @property
    def vars(self) -> dict[str, Any]:
        """What sources gave to it; a copy, set_variable changes it."""
        return self._data.variables(self._data.draft.groups[self.name].layers)

    def get_vars(self) -> dict[str, Any]:
        """What sources gave to it."""
        return self.vars

    @property
    def priority(self) -> int:
        """Its priority among groups of its depth."""
        return int(self._data.draft.groups[self.name].priority)

    @property
    def depth(self) -> int:
        """How far it is from the top."""
        return self._data.depth(self.name)

    @property
    def hosts(self) -> list[HostView]:
        """The hosts that are directly in it."""
        return [HostView(self._data, name) for name in self._data.draft.groups[self.name].hosts]

    @property
    def child_groups(self) -> list[GroupView]:
        """The groups directly below it."""
        return [GroupView(self._data, name) for name in self._data.draft.groups[self.name].children]

    @property
    def parent_groups(self) -> list[GroupView]:
        """The groups directly above it."""
        return [GroupView(self._data, name) for name in self._data.parents(self.name)]

    def get_ancestors(self) -> set[GroupView]:
        """All groups above it."""
        return {GroupView(self._data, name) for name in self._data.ancestors(self.name)}

    def get_descendants(self) -> list[GroupView]:
        """All groups below it, level by level."""
        found: dict[str, None] = {}
        level = [self.name]
        while level:
            below = [child for name in level for child in self._data.draft.groups[name].children]
            level = [name for name in dict.fromkeys(below) if name not in found]
            found.update(dict.fromkeys(level))
        return [GroupView(self._data, name) for name in found]

    def get_hosts(self) -> list[HostView]:
        """All hosts in it and below it."""
        groups = [self, *self.get_descendants()]
        return list(dict.fromkeys(host for group in groups for host in group.hosts))

    def set_variable(self, key: str, value: Any) -> None:
        """Give it a variable."""
        self._data.set_group_variable(self.name, key, value)

    def add_host(self, host: Any) -> bool:
        """Put a host into it."""
        return self._data.add_child(self.name, getattr(host, "name", host))

    add_child_group = add_host


def sort_groups(groups: Iterable[GroupView]) -> list[GroupView]:
    """Groups so that later ones win."""
    return sorted(groups, key=lambda group: (group.depth, group.priority, group.name))


def get_group_vars(groups: Iterable[GroupView]) -> dict[str, Any]:
    """What groups give to a host that is in all of them."""
    found: dict[str, Any] = {}
    for group in sort_groups(groups):
        found = combine_vars(found, group.vars)
    return found

"""Inventories that change during a run: ``add_host`` and ``group_by``. Each change makes a new Inventory.

When nothing changes the same object comes back, which is how a caller knows whether to report ``changed``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from orchestra.errors import LanguageError
from orchestra.inventory.build import ancestors_of, order_groups
from orchestra.inventory.localhost import find_host
from orchestra.inventory.merging import merge_layers
from orchestra.model.host import Group, Host, Inventory
from orchestra.model.origin import LocatedDict


def with_host(
    inventory: Inventory, name: str, groups: Iterable[str] = (), variables: Mapping[str, Any] | None = None
) -> Inventory:
    """``inventory`` with a host that is in ``groups`` (made if need be) and has ``variables`` over those it had.

    Raises:
        LanguageError: the name is empty.
    """
    if not name:
        raise LanguageError("a host needs a name", hint="add_host: {name: web01}")
    known = inventory.hosts.get(name)
    host = known or Host(name)
    merged = _with_variables(host, variables or {})
    after = _Change(inventory)
    if known is None:
        after.join(name, "all")
    for group in groups:
        after.join(name, group)
    if known is not None and merged is host and not after.changed:
        return inventory
    after.hosts[name] = merged
    return after.result(name)


def with_group(inventory: Inventory, host: str, group: str, parents: Iterable[str] = ("all",)) -> Inventory:
    """``inventory`` with ``host`` in ``group``, which is below ``parents``; all groups are made if need be.

    Raises:
        LanguageError: no such host, or the groups would contain each other.
    """
    member = find_host(inventory, host)
    if member is None:
        raise LanguageError(f"there is no host {host!r} in the inventory")
    after = _Change(inventory)
    parents = tuple(parents) or ("all",)
    after.join(member.name, group, below_all="all" in parents)
    for parent in parents:
        after.put_below(group, parent)
    if not after.changed:
        return inventory
    after.hosts[member.name] = member
    return after.result(member.name)


def _with_variables(host: Host, variables: Mapping[str, Any]) -> Host:
    if all(key in host.vars and host.vars[key] == value for key, value in variables.items()):
        return host
    old = host.vars if isinstance(host.vars, LocatedDict) else LocatedDict(host.vars)
    new = variables if isinstance(variables, LocatedDict) else LocatedDict(variables)
    return replace(host, vars=merge_layers([old, new]))


class _Change:
    """One change under way: the new groups and hosts, and whether anything is different."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self.groups: dict[str, Group] = dict(inventory.groups)
        self.hosts: dict[str, Host] = dict(inventory.hosts)
        self.changed = False
        self._tree_changed = False

    def join(self, host: str, name: str, *, below_all: bool = True) -> None:
        """Put a host into a group; a new one is directly below ``all`` unless it will be below another."""
        group = self._group(name, below_all=below_all)
        if host not in group.hosts:
            self.groups[name] = replace(group, hosts=(*group.hosts, host))
            self.changed = True

    def put_below(self, name: str, parent_name: str) -> None:
        """Put a group below another one."""
        parent, child = self._group(parent_name), self._group(name)
        if name in parent.children:
            return
        if name in ancestors_of(self.groups)(parent_name):
            raise LanguageError(f"the group {name!r} can not be below {parent_name!r}, which is below it")
        self.groups[parent_name] = replace(parent, children=(*parent.children, name))
        self.groups[name] = replace(child, parents=(*child.parents, parent_name))
        self.changed = self._tree_changed = True

    def result(self, host: str) -> Inventory:
        """The new inventory; ``host`` is the one that joined groups."""
        self._settle(host)
        if self._tree_changed:
            self._set_depths()
        self._set_memberships(tuple(self.hosts) if self._tree_changed else (host,))
        return replace(self._inventory, hosts=self.hosts, groups=self.groups)

    def _group(self, name: str, *, below_all: bool = True) -> Group:
        if name not in self.groups:
            self.groups[name] = Group(name, depth=1)
            self.changed = self._tree_changed = True
            if below_all:
                self.put_below(name, "all")
        return self.groups[name]

    def _settle(self, host: str) -> None:
        """A host is in ``ungrouped`` exactly when it is in no other group; the implicit localhost never is."""
        grouped = any(host in group.hosts for name, group in self.groups.items() if name not in ("all", "ungrouped"))
        ungrouped = self.groups["ungrouped"]
        if grouped and host in ungrouped.hosts:
            self.groups["ungrouped"] = replace(ungrouped, hosts=tuple(name for name in ungrouped.hosts if name != host))
        elif not grouped and host not in ungrouped.hosts and not self.hosts[host].implicit:
            self.groups["ungrouped"] = replace(ungrouped, hosts=(*ungrouped.hosts, host))

    def _set_depths(self) -> None:
        depths: dict[str, int] = {}

        def depth(name: str) -> int:
            if name not in depths:
                depths[name] = max((depth(parent) + 1 for parent in self.groups[name].parents), default=0)
            return depths[name]

        self.groups = {name: replace(group, depth=depth(name)) for name, group in self.groups.items()}

    def _set_memberships(self, names: Collection[str]) -> None:
        ancestors = ancestors_of(self.groups)
        memberships: dict[str, set[str]] = {name: {"all"} for name in names}
        for group in self.groups.values():
            for host in group.hosts if len(names) > 1 else [name for name in names if name in group.hosts]:
                memberships[host] |= ancestors(group.name)
        for name, groups in memberships.items():
            self.hosts[name] = replace(self.hosts[name], groups=order_groups(groups, self.groups))

"""Inventories that change during a run: ``add_host`` and ``group_by``. Each change makes a new Inventory.

When nothing changes the same object comes back, which is how a caller knows whether to report ``changed``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    host = _with_variables(known or Host(name), variables or {})
    after = _Change(inventory, host)
    if known is None:
        after.join("all")
    for group in groups:
        after.join(group)
    return inventory if host is known and not after.changed else after.result()


def with_group(inventory: Inventory, host: str, group: str, parents: Iterable[str] = ("all",)) -> Inventory:
    """``inventory`` with ``host`` in ``group``, which is below ``parents``; all groups are made if need be.

    Raises:
        LanguageError: no such host, or the groups would contain each other.
    """
    member = find_host(inventory, host)
    if member is None:
        raise LanguageError(f"there is no host {host!r} in the inventory")
    after = _Change(inventory, member)
    parents = tuple(parents) or ("all",)
    after.join(group, below_all="all" in parents)
    for parent in parents:
        after.put_below(group, parent)
    return after.result() if after.changed else inventory


def _with_variables(host: Host, variables: Mapping[str, Any]) -> Host:
    if all(key in host.vars and host.vars[key] == value for key, value in variables.items()):
        return host
    old = host.vars if isinstance(host.vars, LocatedDict) else LocatedDict(host.vars)
    new = variables if isinstance(variables, LocatedDict) else LocatedDict(variables)
    return replace(host, vars=merge_layers([old, new]))


class _Change:
    """One change under way. Costs no look at other hosts, unless groups are put below each other."""

    def __init__(self, inventory: Inventory, host: Host) -> None:
        self._inventory = inventory
        self._host = host
        #: Every group the host is in, parents included.
        self._member_of = {"all", *host.groups} - {"ungrouped"}
        self._groups: dict[str, Group] = dict(inventory.groups)
        self._moved: list[str] = []
        self.changed = False

    def join(self, name: str, *, below_all: bool = True) -> None:
        """Put the host into a group; a new one is directly below ``all`` unless it will be below another."""
        group = self._group(name, below_all=below_all)
        if name in self._member_of and self._host.name in group.hosts:
            return
        self._groups[name] = replace(group, hosts=(*group.hosts, self._host.name))
        self._member_of |= ancestors_of(self._groups)(name)
        self.changed = True

    def put_below(self, name: str, parent_name: str) -> None:
        """Put a group below another one."""
        parent, child = self._group(parent_name), self._group(name)
        if name in parent.children:
            return
        if name in ancestors_of(self._groups)(parent_name):
            raise LanguageError(f"the group {name!r} can not be below {parent_name!r}, which is below it")
        self._groups[parent_name] = replace(parent, children=(*parent.children, name))
        self._groups[name] = replace(child, parents=(*child.parents, parent_name))
        self._moved.append(name)
        self.changed = True

    def result(self) -> Inventory:
        """The new inventory."""
        hosts = dict(self._inventory.hosts)
        hosts[self._host.name] = self._host
        if self._moved:
            self._set_depths()
        self._settle()
        hosts[self._host.name] = replace(self._host, groups=order_groups(self._member_of, self._groups))
        if any(self._groups[name].hosts or self._groups[name].children for name in self._moved):
            self._renew_others(hosts)
        return replace(self._inventory, hosts=hosts, groups=self._groups)

    def _group(self, name: str, *, below_all: bool = True) -> Group:
        if name not in self._groups:
            self._groups[name] = Group(name, depth=1)
            self.changed = True
            if below_all:
                self.put_below(name, "all")
        return self._groups[name]

    def _settle(self) -> None:
        """The host is in ``ungrouped`` exactly when it is in no other group; the implicit localhost never is."""
        name, ungrouped = self._host.name, self._groups["ungrouped"]
        for moved in self._moved:
            if name in self._groups[moved].hosts:
                self._member_of |= ancestors_of(self._groups)(moved)
        is_there = "ungrouped" in self._host.groups
        belongs = self._member_of == {"all"} and not self._host.implicit
        if is_there and not belongs:
            remaining = tuple(host for host in ungrouped.hosts if host != name)
            self._groups["ungrouped"] = replace(ungrouped, hosts=remaining)
        elif belongs:
            self._member_of.add("ungrouped")
            if not is_there:
                self._groups["ungrouped"] = replace(ungrouped, hosts=(*ungrouped.hosts, name))

    def _set_depths(self) -> None:
        depths: dict[str, int] = {}

        def depth(name: str) -> int:
            if name not in depths:
                depths[name] = max((depth(parent) + 1 for parent in self._groups[name].parents), default=0)
            return depths[name]

        self._groups = {
            name: group if depth(name) == group.depth else replace(group, depth=depth(name))
            for name, group in self._groups.items()
        }

    def _renew_others(self, hosts: dict[str, Host]) -> None:
        """Groups of all hosts anew: a group that has hosts came below another one."""
        ancestors = ancestors_of(self._groups)
        memberships: dict[str, set[str]] = {name: {"all"} for name in hosts}
        for group in self._groups.values():
            for name in group.hosts:
                memberships[name] |= ancestors(group.name)
        for name, groups in memberships.items():
            ordered = order_groups(groups, self._groups)
            if ordered != hosts[name].groups:
                hosts[name] = replace(hosts[name], groups=ordered)

"""An inventory for people and programs: ``--list`` in three forms, ``--host``, the tree of ``--graph``.

The forms are what ansible-inventory prints, so that they can be fed back as inventories. Vault values stay encrypted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from orchestra.errors import UsageError, nearest
from orchestra.inventory.localhost import find_host
from orchestra.inventory.patterns import HostSelector
from orchestra.inventory.values import Natives, hidden, plain, unmarked
from orchestra.inventory.variables import HostVariables
from orchestra.model.host import Host, Inventory

#: Variables that every run makes anew, and that are therefore not part of an inventory.
_MADE_BY_RUNS = frozenset(
    (
        "ansible_async_path", "ansible_collection_name", "ansible_config_file", "ansible_dependent_role_names",
        "ansible_diff_mode", "ansible_facts", "ansible_forks", "ansible_inventory_sources", "ansible_limit",
        "ansible_play_batch", "ansible_play_hosts", "ansible_play_hosts_all", "ansible_play_role_names",
        "ansible_playbook_python", "ansible_role_name", "ansible_role_names", "ansible_run_tags", "ansible_skip_tags",
        "ansible_verbosity", "ansible_version", "group_names", "groups", "hostvars", "inventory_dir", "inventory_file",
        "inventory_hostname", "inventory_hostname_short", "play_hosts", "playbook_dir", "role_name", "role_names",
        "role_path", "role_uuid",
    )
)  # fmt: skip
Convert = Callable[[Any], Any]


class Listing:
    """One inventory, shown.

    Args:
        limit: only hosts that this pattern means.
        export: groups keep their variables, and hosts have only their own.
        extra_vars: variables of the command line, which every host has.
        facts: what is kept of a host's facts, as variables.
        warn: hears of patterns that match nothing.
    """

    def __init__(
        self,
        inventory: Inventory,
        variables: HostVariables,
        *,
        limit: str = "",
        export: bool = False,
        extra_vars: Mapping[str, Any] | None = None,
        facts: Callable[[str], Mapping[str, Any]] = lambda name: {},
        warn: Callable[[str], None] | None = None,
    ) -> None:
        self._inventory = inventory
        self._variables = variables
        self._export = export
        self._extra_vars = extra_vars or {}
        self._facts = facts
        self._selector = HostSelector(inventory, warn)
        self._limit = limit
        self._native = Natives().of

    # -- The forms

    def flat(self) -> dict[str, Any]:
        """``--list``: groups, their hosts and children, and all variables of each host; for JSON."""
        hosts = self._hosts()
        shown = {host.name for host in hosts}
        result: dict[str, Any] = {}
        for name in self._walk("all"):
            entry = self._group_entry(name, shown)
            if self._export:
                entry |= _nonempty("vars", self._of_group(name, plain))
            if entry:
                result[name] = entry
        hostvars = {host.name: self._of_host(host, plain) for host in hosts}
        result["_meta"] = {
            "hostvars": {name: found for name, found in hostvars.items() if found},
            "profile": "inventory_legacy",
        }
        return result

    def nested(self) -> dict[str, Any]:
        """``--list --yaml``: groups inside groups; what comes a second time is empty there."""
        shown = {host.name for host in self._hosts()}
        seen_groups: set[str] = set()
        seen_hosts: set[str] = set()

        def entry(name: str) -> dict[str, Any]:
            children: dict[str, Any] = {}
            for child in self._inventory.groups[name].children:
                children.update({child: {}} if child in seen_groups else entry(child))
                seen_groups.add(child)
            parts = {"children": children, "hosts": self._members(name, shown, seen_hosts)}
            if self._export:
                parts["vars"] = self._of_group(name, self._native)
            filled = {key: value for key, value in parts.items() if value}
            return {name: filled} if filled else {}

        return entry("all")

    def tables(self) -> dict[str, Any]:
        """``--list --toml``: every group a table, with the names of its children."""
        shown = {host.name for host in self._hosts()}
        groups = self._inventory.groups
        seen_hosts: set[str] = set()
        result: dict[str, Any] = {}

        def visit(name: str) -> None:
            parts: dict[str, Any] = {"children": []}
            result[name] = parts
            for child in groups[name].children:
                if child == "ungrouped" and not groups["ungrouped"].hosts:
                    continue
                if name != "all":
                    parts["children"].append(child)
                visit(child)
            parts["hosts"] = self._members(name, shown, seen_hosts)
            if self._export:
                parts["vars"] = self._of_group(name, self._native)
            result[name] = {key: value for key, value in parts.items() if value}
            if not result[name]:
                del result[name]

        visit("all")
        return result

    def host(self, pattern: str, *, natively: bool = False) -> dict[str, Any]:
        """``--host``: the variables of the one host that a pattern means, for JSON or in Python's own types.

        Raises:
            UsageError: it means none, or several; says the nearest.
        """
        host = find_host(self._inventory, pattern)
        hosts = [host] if host is not None else self._selector.select(pattern)
        if len(hosts) == 1:
            return self._of_host(hosts[0], self._native if natively else unmarked)
        if hosts:
            raise UsageError(f"--host wants one host, and {pattern!r} means {len(hosts)}")
        near = nearest(pattern, self._inventory.hosts)
        raise UsageError(f"there is no host {pattern!r}", hint=f"near: {', '.join(near)}" if near else "")

    def graph(self, top: str = "all", *, with_vars: bool = False) -> str:
        """``--graph``: the tree of groups and hosts as text.

        Raises:
            UsageError: no such group.
        """
        if top not in self._inventory.groups:
            near = nearest(top, self._inventory.groups)
            raise UsageError(
                f"Pattern must be valid group name when using --graph, and there is no {top!r}",
                hint=f"near: {', '.join(near)}" if near else "",
            )
        return "\n".join(self._branches(top, 0, with_vars))

    # -- Their parts

    def _hosts(self) -> list[Host]:
        return self._selector.select("all", self._limit)

    def _of_host(self, host: Host, convert: Convert) -> dict[str, Any]:
        if self._export:
            found: Mapping[str, Any] = self._variables.own_part(host.name)
        else:
            merged = self._variables.for_host(host.name).merged()
            found = {**merged, **self._facts(host.name), **self._extra_vars}
        return _converted(found, convert)

    def _of_group(self, name: str, convert: Convert) -> dict[str, Any]:
        found = _converted(self._variables.of_group(name), convert)
        priority = self._inventory.groups[name].priority
        return found if priority == 1 else {**found, "ansible_group_priority": priority}

    def _members(self, name: str, shown: set[str], seen: set[str]) -> dict[str, Any]:
        """The hosts of a group with their variables, which stand where a host comes first."""
        found: dict[str, Any] = {}
        for host in self._inventory.groups[name].hosts if name != "all" else ():
            if host in shown:
                known = self._inventory.hosts[host]
                found[host] = {} if host in seen else self._of_host(known, self._native)
                seen.add(host)
        return found

    def _walk(self, top: str) -> Iterable[str]:
        """A group and all below it, each once, a branch at a time."""
        seen: dict[str, None] = {}

        def visit(name: str) -> None:
            if name not in seen:
                seen[name] = None
                for child in self._inventory.groups[name].children:
                    visit(child)

        visit(top)
        return seen

    def _group_entry(self, name: str, shown: set[str]) -> dict[str, Any]:
        group = self._inventory.groups[name]
        hosts = [host for host in group.hosts if host in shown] if name != "all" else []
        return _nonempty("hosts", hosts) | _nonempty("children", list(group.children))

    def _branches(self, name: str, depth: int, with_vars: bool) -> list[str]:
        group = self._inventory.groups[name]
        lines = [_branch(f"@{name}:", depth)]
        for child in group.children:
            lines += self._branches(child, depth + 1, with_vars)
        for host in group.hosts if name != "all" else ():
            lines.append(_branch(host, depth + 1))
            if with_vars:
                lines += _leaves(self._of_host(self._inventory.hosts[host], hidden), depth + 2)
        return lines + (_leaves(self._of_group(name, hidden), depth + 1) if with_vars else [])


def _converted(found: Mapping[Any, Any], convert: Convert) -> dict[Any, Any]:
    """Variables without what every run makes anew."""
    key_of = str if convert in (plain, unmarked) else lambda key: key
    return {key_of(key): convert(value) for key, value in found.items() if key not in _MADE_BY_RUNS}


def _nonempty(key: str, value: Any) -> dict[str, Any]:
    return {key: value} if value else {}


def _leaves(found: Mapping[Any, Any], depth: int) -> list[str]:
    lines = (f"{{{key} = {value}}}" for key, value in sorted(found.items(), key=lambda item: str(item[0])))
    return [_branch(line, depth) for line in lines]


def _branch(text: str, depth: int) -> str:
    return f"{'  |' * depth}--{text}" if depth else text

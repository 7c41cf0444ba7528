"""From a draft of all sources to the frozen Inventory: what every inventory has, depths, memberships, loops.

The rules are Ansible's: ``all`` is above everything, hosts of no other group are ``ungrouped``, a group's depth is its
longest way from ``all``, and of a host's groups the deeper, then the one of higher priority, then the later name wins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache

from orchestra.errors import LanguageError, ParseErrors
from orchestra.inventory.draft import Draft, DraftGroup
from orchestra.inventory.merging import merge_layers
from orchestra.model.host import Group, Host, Inventory
from orchestra.model.origin import LocatedDict, Origin

Warn = Callable[[str, Origin | None], None]


def build(draft: Draft, sources: Iterable[str], warn: Warn, *, merge: bool = False) -> Inventory:
    """The inventory that ``draft`` describes; ``merge`` joins mappings of one name instead of replacing them.

    Raises:
        LanguageError: groups that contain each other (ParseErrors: several loops).
    """
    groups = _with_standard_groups(draft)
    _settle_ungrouped(draft, groups)
    _refuse_loops(groups)
    parents = _parents(groups)
    depths = _depths(groups, parents)
    for name in groups.keys() & draft.hosts.keys():
        warn(f"{name!r} is both a group and a host", draft.hosts[name].origin)
    built = {name: _group(name, group, parents[name], depths[name], merge) for name, group in groups.items()}
    return Inventory(_hosts(draft, built, merge), built, tuple(sources))


def order_groups(names: Iterable[str], groups: Mapping[str, Group]) -> tuple[str, ...]:
    """``names`` so that later ones win."""
    return tuple(sorted(names, key=lambda name: (groups[name].depth, groups[name].priority, name)))


def ancestors_of(groups: Mapping[str, Group]) -> Callable[[str], frozenset[str]]:
    """A function that gives a group and all that are above it."""

    @cache
    def ancestors(name: str) -> frozenset[str]:
        return frozenset({name}).union(*(ancestors(parent) for parent in groups[name].parents))

    return ancestors


def _with_standard_groups(draft: Draft) -> dict[str, DraftGroup]:
    """All groups, ``all`` and ``ungrouped`` first, everything below ``all``."""
    groups = {"all": draft.add_group("all"), "ungrouped": draft.add_group("ungrouped")}
    groups |= draft.groups
    top = groups["all"]
    top.children = {"ungrouped": None, **top.children}
    has_parent = {child for group in groups.values() for child in group.children}
    for name in groups:
        if name != "all" and name not in has_parent:
            top.children.setdefault(name, None)
    return groups


def _settle_ungrouped(draft: Draft, groups: Mapping[str, DraftGroup]) -> None:
    """Exactly the hosts that are in no other group are in ``ungrouped``."""
    grouped = {host for name, group in groups.items() if name not in ("all", "ungrouped") for host in group.hosts}
    ungrouped = groups["ungrouped"]
    ungrouped.hosts = {host: place for host, place in ungrouped.hosts.items() if host not in grouped}
    for host in draft.hosts:
        if host not in grouped:
            ungrouped.hosts.setdefault(host, None)


def _refuse_loops(groups: Mapping[str, DraftGroup]) -> None:
    problems: list[LanguageError] = []
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        for child, place in groups[name].children.items():
            if child in (*path, name):
                way = " > ".join([*(*path, name)[(*path, name).index(child) :], child])
                hint = "take one of them out of the other's children"
                problems.append(LanguageError(f"groups that contain each other: {way}", origin=place, hint=hint))
            elif child not in done:
                visit(child, (*path, name))
        done.add(name)

    for name in groups:
        if name not in done:
            visit(name, ())
    if problems:
        raise problems[0] if len(problems) == 1 else ParseErrors(problems)


def _parents(groups: Mapping[str, DraftGroup]) -> dict[str, tuple[str, ...]]:
    parents: dict[str, list[str]] = {name: [] for name in groups}
    for name, group in groups.items():
        for child in group.children:
            parents[child].append(name)
    return {name: tuple(above) for name, above in parents.items()}


def _depths(groups: Iterable[str], parents: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    @cache
    def depth(name: str) -> int:
        return max((depth(parent) + 1 for parent in parents[name]), default=0)

    return {name: depth(name) for name in groups}


def _group(name: str, draft: DraftGroup, parents: tuple[str, ...], depth: int, merge: bool) -> Group:
    return Group(
        name,
        vars=merge_layers(draft.layers, merge=merge),
        hosts=tuple(draft.hosts),
        children=tuple(draft.children),
        parents=parents,
        depth=depth,
        priority=draft.priority,
        origin=draft.origin,
    )


def _hosts(draft: Draft, groups: Mapping[str, Group], merge: bool) -> dict[str, Host]:
    ancestors = ancestors_of(groups)
    direct: dict[str, list[str]] = {name: [] for name in draft.hosts}
    for name, group in groups.items():
        for member in group.hosts:
            direct[member].append(name)

    @cache
    def membership(names: tuple[str, ...]) -> tuple[str, ...]:
        return order_groups(frozenset({"all"}).union(*map(ancestors, names)), groups)

    merged: dict[tuple[int, ...], LocatedDict] = {}
    hosts: dict[str, Host] = {}
    for name, host in draft.hosts.items():
        key = tuple(map(id, host.layers))
        if key not in merged:
            merged[key] = merge_layers(host.layers, merge=merge)
        hosts[name] = Host(name, merged[key], membership(tuple(direct[name])), host.origin)
    return hosts

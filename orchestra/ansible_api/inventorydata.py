"""The inventory as plugins see and fill it: ``inventory.add_host``, ``inventory.groups["web"].vars`` and the rest.

A thin view on a draft of the inventory room, which it is handed: what a plugin adds stands in the draft at once, and
what earlier sources said is seen without being copied.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from typing import Any

from orchestra.ansible_api.errors import AnsibleError
from orchestra.ansible_api.inventoryviews import GroupView, HostView
from orchestra.ansible_api.values import combine_vars
from orchestra.model.origin import LocatedDict, LocatedList, Origin, TemplateText, UnsafeText, is_templated, origin_of

__all__ = ["InventoryData"]

_PRIORITY = "ansible_group_priority"
_MARKS = ("{{", "{%", "{#")


class _Views(Mapping[str, Any]):
    """Names of the draft to views of them."""

    def __init__(self, names: Callable[[], Mapping[str, Any]], view: Callable[[str], Any]) -> None:
        self._names = names
        self._view = view

    def __getitem__(self, name: str) -> Any:
        if name not in self._names():
            raise KeyError(name)
        return self._view(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return len(self._names())


class InventoryData:
    """Adds to a draft.

    Args:
        draft: the inventory room's draft, with all that earlier sources said.
        source: the source that is being read; new hosts are of it.
        group_name: gives the name that a group gets.
        trusted: whether text of the plugin that holds template marks is a template.
        processed: the sources that were read before.
        beside: what group_vars/ ("group_vars", name) and host_vars/ beside these sources hold.
    """

    def __init__(
        self,
        draft: Any,
        source: str,
        *,
        group_name: Callable[[str], str] = str,
        trusted: bool = False,
        processed: Sequence[str] = (),
        beside: Callable[[str, str], Mapping[str, Any]] = lambda kind, name: {},
    ) -> None:
        self.draft = draft
        self.current_source = source
        self.processed_sources = list(processed)
        self.beside = beside
        self._group_name = group_name
        self._trusted = trusted
        self._origin = Origin(source)
        self._layers: dict[tuple[str, str], tuple[LocatedDict, dict[Any, Origin]]] = {}
        self.hosts = _Views(lambda: draft.hosts, lambda name: HostView(self, name))
        self.groups = _Views(lambda: draft.groups, lambda name: GroupView(self, name))
        self._direct: dict[str, dict[str, None]] | None = None
        self._parents: dict[str, list[str]] | None = None
        self._depths: dict[str, int] = {}
        draft.add_child("all", "ungrouped")

    # -- What plugins add

    def add_group(self, group: str) -> str:
        """Add a group if it is not there; returns the name it got. Raises AnsibleError for an unusable name."""
        if not isinstance(group, str) or not group:
            raise AnsibleError(f"a group's name is a text, not {group!r}")
        name = self._group_name(str(group))
        if name not in self.draft.groups:
            self.draft.add_group(name, self._origin)
            self._forget_groups()
        return name

    def add_host(self, host: str, group: str | None = None, port: int | str | None = None) -> str:
        """Add a host if it is not there, and put it into a group that is; returns its name. Raises AnsibleError."""
        if not isinstance(host, str) or not host:
            raise AnsibleError(f"a host's name is a text, not {host!r}")
        if group and group not in self.draft.groups:
            raise AnsibleError(f"Could not find group {group} in inventory", obj=origin_of(group))
        name = str(host)
        if name not in self.draft.hosts:
            self.draft.add_host(name, None, self._origin, self._about_source())
            if port:
                self.set_variable(name, "ansible_port", int(port))
        if group:
            self._join(name, group)
        return name

    def add_child(self, group: str, child: str) -> bool:
        """Put a group or a host into a group; says whether it was not there. Raises AnsibleError for unknown names."""
        if group not in self.draft.groups:
            raise AnsibleError(f"{group} is not a known group")
        if child in self.draft.groups:
            if child in self.draft.groups[group].children:
                return False
            if group == child or child in self.ancestors(group):
                raise AnsibleError(f"the group {child!r} can not be below {group!r}, which is below it")
            self.draft.add_child(group, child, self._origin)
            self._forget_groups()
            return True
        if child in self.draft.hosts:
            return self._join(child, group)
        raise AnsibleError(f"{child} is not a known host nor group")

    def set_variable(self, entity: str, varname: str, value: Any, *, passed: Iterable[Any] = ()) -> None:
        """Give a group or a host a variable; ``passed`` are values of the project's that it may hold as they are.

        Raises:
            AnsibleError: there is no such group or host.
        """
        if entity in self.draft.groups:
            self.set_group_variable(entity, varname, value, passed=passed)
        elif entity in self.draft.hosts:
            self._set(("host", entity), self.draft.hosts[entity].layers, varname, value, passed)
        else:
            raise AnsibleError(f"Could not identify group or host named {entity}")

    def set_group_variable(self, group: str, varname: str, value: Any, *, passed: Iterable[Any] = ()) -> None:
        """Give a group a variable, or its priority."""
        if varname == _PRIORITY:
            self.draft.set_group_vars(group, LocatedDict({varname: value}, origin=self._origin))
        else:
            self._set(("group", group), self.draft.groups[group].layers, varname, value, passed)

    def remove_host(self, host: Any) -> None:
        """Take a host out of everything."""
        name = getattr(host, "name", host)
        self.draft.hosts.pop(name, None)
        for group in self.draft.groups.values():
            group.hosts.pop(name, None)
        self._direct = None

    def remove_group(self, group: Any) -> None:
        """Take a group out of everything."""
        name = getattr(group, "name", group)
        self.draft.groups.pop(name, None)
        for other in self.draft.groups.values():
            other.children.pop(name, None)
        self._forget_groups()

    def reconcile_inventory(self) -> None:
        """Part of the interface; the inventory is made whole when all sources were read."""

    # -- What plugins look at

    @property
    def localhost(self) -> HostView | None:
        """The host of that name, if a source has named it."""
        return self.get_host("localhost")

    def get_host(self, hostname: str) -> HostView | None:
        """A host, or None."""
        return HostView(self, hostname) if hostname in self.draft.hosts else None

    def get_groups_dict(self) -> dict[str, list[str]]:
        """Group name -> names of all its hosts."""
        return {name: [host.name for host in GroupView(self, name).get_hosts()] for name in self.draft.groups}

    def memberships(self, host: str) -> list[str]:
        """Every group that a host is in, those above others included, the weakest first."""
        if self._direct is None:
            self._direct = {name: {} for name in self.draft.hosts}
            for name, group in self.draft.groups.items():
                for member in group.hosts:
                    self._direct.setdefault(member, {})[name] = None
        found = dict.fromkeys(above for name in self._direct.get(host, ()) for above in (name, *self.ancestors(name)))
        return sorted(found, key=lambda name: (self.depth(name), self.draft.groups[name].priority, name))

    def ancestors(self, group: str) -> set[str]:
        """All groups above one."""
        found: set[str] = set()
        waiting = list(self.parents(group))
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self.parents(name)
        return found

    def parents(self, group: str) -> list[str]:
        """The groups directly above one."""
        if self._parents is None:
            self._parents = {}
            for name, above in self.draft.groups.items():
                for child in above.children:
                    self._parents.setdefault(child, []).append(name)
        return self._parents.get(group, [])

    def depth(self, group: str) -> int:
        """The longest way down to a group, as far as sources have said it."""
        if group not in self._depths:
            self._depths[group] = max((self.depth(name) + 1 for name in self.parents(group)), default=0)
        return self._depths[group]

    def variables(self, layers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Layers as one mapping, the later ones on top."""
        found: dict[str, Any] = {}
        for layer in layers:
            found = combine_vars(found, layer)
        return found

    # -- How it is kept

    def _join(self, host: str, group: str) -> bool:
        members = self.draft.groups[group].hosts
        if host in members:
            return False
        members[host] = self._origin
        if self._direct is not None:
            self._direct.setdefault(host, {})[group] = None
        return True

    def _forget_groups(self) -> None:
        self._parents = None
        self._depths.clear()

    def _about_source(self) -> LocatedDict:
        source = self.current_source
        folder = os.path.dirname(os.path.abspath(source)) if os.path.isfile(source) else None
        return LocatedDict({"inventory_file": source, "inventory_dir": folder}, templated=False)

    def _set(
        self, key: tuple[str, str], layers: list[LocatedDict], name: str, value: Any, passed: Iterable[Any]
    ) -> None:
        """Each host and group has one layer of this source."""
        layer, places = self._layers.get(key) or (LocatedDict({}, origin=self._origin), {})
        if key not in self._layers:
            self._layers[key] = layer, places
            layer.key_origins = layer.value_origins = places
            layers.append(layer)
        value = _as_templates(value) if self._trusted else as_data(value, {id(text) for text in passed})
        layer.update(combine_vars({name: layer[name]}, {name: value}) if name in layer else {name: value})
        places[name] = origin_of(value) or self._origin
        layer.templated = layer.templated or is_templated(value)


def as_data(value: Any, passed: Container[int]) -> Any:
    """The texts in a value as data, unless they are templates already or objects of the project's own."""
    if type(value) is str:
        return value if id(value) in passed else UnsafeText(value)
    if isinstance(value, Mapping):
        return _held({key: as_data(item, passed) for key, item in value.items()}, value)
    return _held([as_data(item, passed) for item in value], value) if isinstance(value, (list, tuple)) else value


def _held(made: Any, of: Any) -> Any:
    """A mapping or list in the form in which what is a template in it is rendered by whoever uses it."""
    if not is_templated(made):
        return made
    origin = origin_of(of)
    return LocatedDict(made, origin=origin) if isinstance(made, dict) else LocatedList(made, origin=origin)


def _as_templates(value: Any) -> Any:
    """The texts in a value that hold template marks, as templates."""
    if type(value) is str:
        return TemplateText(value) if any(mark in value for mark in _MARKS) else value
    if isinstance(value, Mapping):
        return _held({key: _as_templates(item) for key, item in value.items()}, value)
    return _held([_as_templates(item) for item in value], value) if isinstance(value, (list, tuple)) else value

"""Inventories that are one mapping of groups: YAML, and TOML by the same rules.

``GROUP: {hosts: {HOST: {VAR: VALUE}}, vars: {...}, children: {GROUP: ...}}``. What is merely odd is a warning, as in
Ansible; what can not be meant is a problem, and all of them are collected.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from orchestra.errors import LanguageError, ParseErrors, nearest
from orchestra.inventory.draft import Draft, located
from orchestra.inventory.hostnames import expand
from orchestra.model.origin import LocatedDict, Origin, origin_of

Warn = Callable[[str, Origin | None], None]
_SECTIONS = ("hosts", "vars", "children")


def parse_structure(data: Any, file: str, warn: Warn, *, group_name: Callable[[str], str] = str) -> Draft:
    """Read an inventory from what a YAML or TOML file holds.

    Raises:
        LanguageError: located; ParseErrors for several problems.
    """
    if not data:
        raise LanguageError("the file is empty; an inventory was expected", origin=Origin(file, 1, 1))
    if not isinstance(data, Mapping):
        raise LanguageError(
            f"an inventory is a mapping of groups, not {_kind(data)}",
            origin=origin_of(data) or Origin(file, 1, 1),
            hint="write:  all: {hosts: {web01: {}}}",
        )
    return _Reader(warn, group_name).read(data)


class _Reader:
    def __init__(self, warn: Warn, group_name: Callable[[str], str]) -> None:
        self._warn = warn
        self._group_name = group_name
        self._draft = Draft()
        self._problems: list[LanguageError] = []

    def read(self, data: Mapping[Any, Any]) -> Draft:
        for name, body in data.items():
            self._group(name, body, _key_place(data, name))
        if self._problems:
            raise self._problems[0] if len(self._problems) == 1 else ParseErrors(self._problems)
        return self._draft

    def _problem(self, message: str, origin: Origin | None, hint: str = "") -> None:
        self._problems.append(LanguageError(message, origin=origin, hint=hint))

    def _group(self, name: Any, body: Any, origin: Origin | None) -> str | None:
        if not isinstance(name, str) or not name:
            self._problem(f"the group name {name!r} is {_kind(name)}, not text", origin, "quote it")
            return None
        if body is not None and not isinstance(body, Mapping):
            self._warn(f"{name!r} is passed over: a group is a mapping, and this is {_kind(body)}", origin)
            return None
        group = self._group_name(name)
        self._draft.add_group(group, origin)
        body = body or {}
        for key, value in body.items():
            self._section(group, key, value, body)
        return group

    def _section(self, group: str, key: Any, value: Any, body: Mapping[Any, Any]) -> None:
        place = _key_place(body, key)
        if key not in _SECTIONS:
            near = nearest(str(key), _SECTIONS, 1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; a group has {', '.join(_SECTIONS)}"
            self._warn(f"{key!r} in group {group!r} is passed over{hint}", place)
            return
        if isinstance(value, str):
            value = located({str(value): None}, {str(value): place} if place else {}, place)
        if value is None:
            return
        if not isinstance(value, Mapping):
            hint = f"write each name with a colon:  {key}: {{name: }}" if key != "vars" else "write name: value"
            self._problem(f"{key!r} of group {group!r} must be a mapping, not {_kind(value)}", _place(body, key), hint)
            return
        getattr(self, f"_{key}")(group, value)

    def _vars(self, group: str, values: Mapping[Any, Any]) -> None:
        try:
            self._draft.set_group_vars(group, _as_layer(values))
        except LanguageError as problem:
            self._problems.append(problem)

    def _children(self, group: str, children: Mapping[Any, Any]) -> None:
        for name, body in children.items():
            place = _key_place(children, name)
            child = self._group(name, body, place)
            if child is not None:
                self._draft.add_child(group, child, place)

    def _hosts(self, group: str, hosts: Mapping[Any, Any]) -> None:
        for pattern, values in hosts.items():
            place = _key_place(hosts, pattern)
            if not isinstance(pattern, str):
                self._problem(f"Host pattern {pattern!r} must be a string, this is {_kind(pattern)}", place, "quote it")
            elif values is not None and not isinstance(values, Mapping):
                hint = f"write:  {pattern}: {{name: value}}"
                self._problem(f"the variables of host {pattern!r} are {_kind(values)}", _place(hosts, pattern), hint)
            else:
                self._host(pattern, values, group, place)

    def _host(self, pattern: str, values: Mapping[Any, Any] | None, group: str, place: Origin | None) -> None:
        try:
            names, port = expand(pattern)
        except ValueError as error:
            self._problem(f"{pattern!r}: {error}", place)
            return
        layer = _as_layer(values) if values else None
        for name in names:
            if port is not None:
                places = {"ansible_port": place} if place else {}
                self._draft.add_host(name, group, place, located({"ansible_port": port}, places, place))
            self._draft.add_host(name, group, place, layer)


def _as_layer(values: Mapping[Any, Any]) -> LocatedDict:
    return values if isinstance(values, LocatedDict) else LocatedDict(values)


def _key_place(data: Mapping[Any, Any], key: Any) -> Origin | None:
    return data.key_origins.get(key) if isinstance(data, LocatedDict) else None


def _place(data: Mapping[Any, Any], key: Any) -> Origin | None:
    return data.value_origins.get(key) if isinstance(data, LocatedDict) else None


def _kind(value: object) -> str:
    if isinstance(value, str):
        return "text"
    if isinstance(value, bool) or value is None:
        return "empty" if value is None else "yes or no"
    if isinstance(value, (int, float)):
        return "a number"
    return "a list" if isinstance(value, list) else "a mapping" if isinstance(value, Mapping) else type(value).__name__

"""Mappings that templates see in place of whole sets of variables: ``vars``, ``hostvars``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jinja2.utils import missing

from orchestra.templating.scope import Scope


class ScopeView(Mapping[str, Any]):
    """A scope's variables, each rendered when it is looked at, with that scope's own variables."""

    __slots__ = ("_scope",)

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def __getitem__(self, name: str) -> Any:
        if name not in self._scope.variables:
            raise KeyError(name)
        value = self._scope.values[name]
        if value is missing:
            raise KeyError(name)
        return value

    def __contains__(self, name: object) -> bool:
        return name in self._scope.variables

    def __iter__(self) -> Iterator[str]:
        return iter(self._scope.variables)

    def __len__(self) -> int:
        return len(self._scope.variables)

    def __repr__(self) -> str:
        return f"<variables of {self._scope.get('inventory_hostname', 'a host')}>"


class HostView(ScopeView):
    """One host of ``hostvars``: its variables are rendered with ``hostvars`` at hand, which is itself none of them."""

    __slots__ = ()

    def __getitem__(self, name: str) -> Any:
        if name == "hostvars":
            raise KeyError(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        return name != "hostvars" and super().__contains__(name)

    def __iter__(self) -> Iterator[str]:
        return (name for name in super().__iter__() if name != "hostvars")

    def __len__(self) -> int:
        return sum(1 for _ in self)


class SeenFrom(Mapping[str, Any]):
    """Another host's variables, each rendered with the variables of the task's own host when it is looked at."""

    __slots__ = ("_raw", "_scope")

    def __init__(self, raw: Mapping[str, Any], scope: Scope) -> None:
        self._raw = raw
        self._scope = scope

    def __getitem__(self, name: str) -> Any:
        return self._scope.render(self._raw[name])

    def __contains__(self, name: object) -> bool:
        return name in self._raw

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw)

    def __len__(self) -> int:
        return len(self._raw)


class HostVars(Mapping[str, Any]):
    """``hostvars``: every host's variables; a host's scope is made when it is first named, and nothing is O(hosts).

    ``raw`` maps host names to raw variables and has a fast ``in``.
    """

    __slots__ = ("_raw", "_scope", "_views")

    def __init__(self, raw: Mapping[str, Mapping[str, Any]], scope: Scope) -> None:
        self._raw = raw
        self._scope = scope
        self._views: dict[str, HostView] = {}

    def __getitem__(self, host: str) -> HostView:
        view = self._views.get(host)
        if view is None:
            inner = self._scope.templar.scope(self._raw[host], self._scope.lookups)
            view = self._views[host] = HostView(inner)
        return view

    def __contains__(self, host: object) -> bool:
        return host in self._raw

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw)

    def __len__(self) -> int:
        return len(self._raw)

    def __repr__(self) -> str:
        return f"<variables of {len(self._raw)} hosts>"

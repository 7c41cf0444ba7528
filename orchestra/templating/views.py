"""Mappings that templates see in place of whole sets of variables: ``vars``, ``hostvars``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
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


class HostVars(Mapping[str, Any]):
    """``hostvars``: every host's variables, each host's scope made when it is first named; nothing is O(hosts)."""

    __slots__ = ("_hosts", "_scope_of", "_views")

    def __init__(self, hosts: Collection[str], scope_of: Callable[[str], Scope]) -> None:
        """Take the names of all hosts (with a fast ``in``) and what makes one's scope."""
        self._hosts = hosts
        self._scope_of = scope_of
        self._views: dict[str, ScopeView] = {}

    def __getitem__(self, host: str) -> ScopeView:
        view = self._views.get(host)
        if view is None:
            if host not in self._hosts:
                raise KeyError(host)
            view = self._views[host] = ScopeView(self._scope_of(host))
        return view

    def __contains__(self, host: object) -> bool:
        return host in self._hosts

    def __iter__(self) -> Iterator[str]:
        return iter(self._hosts)

    def __len__(self) -> int:
        return len(self._hosts)

    def __repr__(self) -> str:
        return f"<variables of {len(self._hosts)} hosts>"

"""Lets templates call a lookup that is written to Ansible's interface: ``LookupModule.run(terms, variables, ...)``.

A call comes as data with ``terms``, ``options`` and a ``scope`` of the templating room, which this file only passes on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any, Protocol

from orchestra.ansible_api.files import DataLoader
from orchestra.ansible_api.templates import Templar
from orchestra.plugins.faults import class_in


class Call(Protocol):
    """What a lookup is called with; templating's LookupCall."""

    @property
    def terms(self) -> Sequence[Any]:
        """The terms, rendered."""

    @property
    def options(self) -> dict[str, Any]:
        """The options, rendered."""

    @property
    def scope(self) -> Any:
        """The templating scope."""


def adapted(module: ModuleType, name: str, path: str) -> Callable[[Call], Sequence[Any]]:
    """The lookup of a loaded file as templates call it.

    Raises:
        PluginFault: the file has no LookupModule.
    """
    cls = class_in(module, "LookupModule", "lookup", name, path)

    def run(call: Call) -> Sequence[Any]:
        scope = call.scope
        loader = DataLoader(scope.lookups, scope)
        plugin = cls(loader=loader, templar=Templar(loader))
        if hasattr(plugin, "introduce"):
            plugin.introduce(name, module)
        return _a_list(plugin.run(list(call.terms), variables=scope.view(), **call.options))

    run.accept_args_markers = bool(getattr(cls, "accept_args_markers", False))  # type: ignore[attr-defined]
    return run


def _a_list(found: Any) -> Sequence[Any]:
    return list(found) if isinstance(found, (tuple, set)) or hasattr(found, "__next__") else found

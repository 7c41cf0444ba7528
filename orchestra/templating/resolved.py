"""The values of one scope's variables, each rendered when it is first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2.utils import missing

from orchestra.errors import OrchestraError, TemplateError
from orchestra.model.origin import LocatedDict, LocatedList, Origin, TemplateText, origin_of
from orchestra.model.secret import Sealed
from orchestra.templating.lazy import LazyDict, LazyList, private_copy
from orchestra.templating.marker import Fault, Marker, Tripped, passed_through
from orchestra.templating.views import HostVars, SeenFrom

#: Variables that hold whole sets of variables.
_WHOLE_SETS = frozenset(("vars", "hostvars", "ansible_delegated_vars"))


class Resolved(dict[str, Any]):
    """Name -> value, for every name: a variable's, else a global function's, else Jinja's ``missing``.

    Only text that the loaders marked as a template is rendered, only containers that the loaders made are looked
    into for it: a plain dict or list came from a host and is handed out as it is.
    """

    __slots__ = ("_active", "_functions", "_scope")

    def __init__(self, scope: Any, functions: Mapping[str, Any]) -> None:
        super().__init__()
        self._scope = scope
        self._functions = functions
        self._active: dict[object, Origin | None] = {}

    def __missing__(self, name: str) -> Any:
        try:
            raw = self._scope.variables[name]
        except KeyError:
            value = self._scope.view() if name == "vars" else self._functions.get(name, missing)
        else:
            value = self._whole_sets(raw, name) if name in _WHOLE_SETS else self.wrap(raw, name)
        if type(value) is Fault and self._active:
            return value  # perhaps a loop that exists only from here; asked for elsewhere it may be fine
        self[name] = value
        return value

    def _whole_sets(self, raw: Any, name: str) -> Any:
        """``vars`` and ``hostvars`` hold raw values, and those of each host are rendered with that host's own."""
        if name == "vars":
            return self._scope.view()
        if name == "ansible_delegated_vars":
            return {host: SeenFrom(variables, self._scope) for host, variables in raw.items()}
        return HostVars(raw, self._scope) if isinstance(raw, Mapping) else raw

    def wrap(self, raw: Any, where: str | tuple[int, Any]) -> Any:
        """The value of ``raw``, the variable or the part of a lazy container, that ``where`` tells."""
        kind = type(raw)
        if kind is TemplateText:
            return self._rendered(raw, where)
        if kind is LocatedDict:
            return LazyDict(raw, self) if raw.templated else raw
        if kind is LocatedList:
            return LazyList(raw, self) if raw.templated else raw
        if kind is Sealed:
            return self._revealed(raw)
        return raw

    def _revealed(self, raw: Sealed) -> Any:
        try:
            return raw.reveal()
        except OrchestraError as error:
            return Fault(error, raw)

    def _rendered(self, text: TemplateText, where: Any) -> Any:
        if where in self._active:
            return Fault(self._recursion(where, text))
        self._active[where] = text.origin
        try:
            value = self._scope.templar.core.evaluate(self._scope, text)
        except Tripped as trip:
            value = trip.marker
        except OrchestraError as error:
            return Fault(error)
        finally:
            del self._active[where]
        if type(value) is Marker:
            passed_through(value, _name_of(where), text.origin)
        return value

    def _recursion(self, where: object, text: TemplateText) -> TemplateError:
        names = [name for name in self._active if isinstance(name, str)]
        chain = " -> ".join([*names, where if isinstance(where, str) else names[-1] if names else "itself"])
        return TemplateError(
            f"Recursive loop detected in template: a variable refers to itself: {chain}", origin=origin_of(text)
        )


class Watchful(Resolved):
    """Tells of text that looks like a template and is no text of the project; for who asks for it, since it costs."""

    __slots__ = ()

    def __missing__(self, name: str) -> Any:
        if name not in _WHOLE_SETS and looks_like_template(self._scope.variables.get(name)):
            text = f"Encountered untrusted template or expression in the variable {name!r}; it stays as it is."
            if self._scope.templar.core.options.untrusted == "fail":
                return Fault(TemplateError(text, hint="only text of the project is a template"))
            self._scope.lookups.warn(text)
        return super().__missing__(name)


def looks_like_template(raw: Any) -> bool:
    """Whether there is plain text with the marks of a template in ``raw``."""
    if isinstance(raw, Mapping):
        return any(map(looks_like_template, raw.values()))
    if isinstance(raw, (list, tuple)):
        return any(map(looks_like_template, raw))
    return isinstance(raw, str) and type(raw) is not TemplateText and any(mark in raw for mark in ("{{", "{%"))


def _name_of(where: str | tuple[int, Any]) -> str:
    """How errors call a variable, a key or an item."""
    if isinstance(where, str):
        return where
    return f"[{where[1]}]" if isinstance(where[1], int) else str(where[1])


class Private(dict[str, Any]):
    """A scope's values for a template that changes some in place: each container is copied first."""

    __slots__ = ("_below",)

    def __init__(self, below: Mapping[str, Any]) -> None:
        super().__init__()
        self._below = below

    def __missing__(self, name: str) -> Any:
        value = private_copy(self._below[name])
        self[name] = value
        return value

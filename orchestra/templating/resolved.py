"""The values of one scope's variables, each rendered when it is first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2.utils import missing

from orchestra.errors import OrchestraError, TemplateError
from orchestra.model.deprecated import DeprecatedText
from orchestra.model.origin import LocatedDict, LocatedList, Origin, TemplateText, origin_of
from orchestra.model.secret import Sealed
from orchestra.templating.lazy import LazyDict, LazyList, Untrusted, private_copy
from orchestra.templating.marker import Fault, Marker, Tripped, passed_through
from orchestra.templating.views import HostVars, SeenFrom

#: Variables that hold whole sets of variables.
_WHOLE_SETS = frozenset(("vars", "hostvars", "ansible_delegated_vars"))
_UNTRUSTED = "Encountered untrusted template or expression."


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
    """Tells of what is used: texts that a module calls deprecated and, for who asks for it, text that looks like a
    template and is no text of the project. It costs, so it is made only where there is something to tell."""

    __slots__ = ("_noticed",)

    def __init__(self, scope: Any, functions: Mapping[str, Any]) -> None:
        super().__init__(scope, functions)
        self._noticed: list[str] = []

    def wrap(self, raw: Any, where: str | tuple[int, Any]) -> Any:
        """As Resolved's, with what is to be told of noticed when it is used."""
        seen = self._seen(raw)
        if type(seen) is Untrusted and self._scope.templar.core.options.untrusted == "fail":
            return Fault(TemplateError(_UNTRUSTED, hint="only text of the project is a template"))
        if type(seen) is Untrusted or type(seen) is DeprecatedText:
            self._noticed.append(seen)
            return str.__str__(seen)
        return seen if type(seen) in (LazyDict, LazyList) else super().wrap(raw, where)

    def _seen(self, raw: Any) -> Any:
        """``raw`` with its parts marked, where it has any that are told of when they are used."""
        if isinstance(raw, Mapping) and self._concerns(raw):
            return LazyDict({key: self._part(item) for key, item in raw.items()}, self)
        if isinstance(raw, (list, tuple)) and self._concerns(raw):
            return LazyList([self._part(item) for item in raw], self)
        return Untrusted(raw) if self._is_untrusted(raw) else raw

    def _part(self, raw: Any) -> Any:
        return raw if type(raw) in (LocatedDict, LocatedList) else self._seen(raw)

    def _concerns(self, raw: Any) -> bool:
        if isinstance(raw, Mapping):
            return any(map(self._concerns, raw.values()))
        if isinstance(raw, (list, tuple)):
            return any(map(self._concerns, raw))
        return type(raw) is DeprecatedText or self._is_untrusted(raw)

    def _is_untrusted(self, raw: Any) -> bool:
        return self._scope.templar.core.options.untrusted != "ignore" and looks_like_template(raw)

    def tell(self, origin: Origin | None) -> None:
        """Tell of what was noticed since, by a text that stands at ``origin``."""
        noticed, self._noticed = self._noticed, []
        for text in noticed:
            if isinstance(text, DeprecatedText):
                self._scope.lookups.deprecated_value(text.notice, origin)
            else:
                self._scope.lookups.warn(_UNTRUSTED, origin)


def tell(scope: Any, origin: Origin | None) -> None:
    """Tell of what ``scope`` has noticed, by a text that stands at ``origin``."""
    if isinstance(scope.values, Watchful):
        scope.values.tell(origin)


def looks_like_template(raw: Any) -> bool:
    """Whether ``raw`` is plain text with the marks of a template."""
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

"""Finds a lookup by name and calls it the way templates and loops expect."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from orchestra.errors import OrchestraError, TemplateError, nearest
from orchestra.model.origin import LocatedList, TemplateText
from orchestra.templating.faults import say
from orchestra.templating.finish import Embedded, finish
from orchestra.templating.guard import first_marker, named
from orchestra.templating.lazy import LazyList
from orchestra.templating.lookups.call import LookupCall
from orchestra.templating.marker import MARKERS, Marker, Tripped
from orchestra.templating.omit import OMIT
from orchestra.templating.registry import COLLECTIONS, short_name

_TAKES_MARKERS = frozenset(("env", "first_found"))


def our_lookups() -> dict[str, Callable[[LookupCall], Sequence[Any]]]:
    """Every lookup of ours by its short name."""
    from orchestra.templating.lookups import files, lists, passwords, programs, values

    subjects = (lists, files, values, programs, passwords)
    return {name: func for subject in subjects for name, func in subject.LOOKUPS.items()}


class Lookups:
    """The lookups of a run: the project's own before ours."""

    def __init__(self, own: Mapping[str, Callable[..., Sequence[Any]]]) -> None:
        self._own = own

    @cached_property
    def _ours(self) -> dict[str, Callable[[LookupCall], Sequence[Any]]]:
        return our_lookups()

    def call(self, scope: Any, name: str, terms: list[Any], options: dict[str, Any]) -> Any:
        """As ``lookup(...)``: a marker when an argument is undefined, else the value. Raises TemplateError."""
        marker = self._refused(str(name), terms, options)
        if marker is not None:
            return marker
        options = dict(options)
        wantlist = bool(options.pop("wantlist", False))
        errors = options.pop("errors", "strict")
        try:
            given = [_rendered(scope, term) for term in terms]
            marker = self._refused(str(name), given, {})
            if marker is not None:
                return marker
            found = self._run(str(name), LookupCall(given, options, scope))
        except Tripped as trip:
            return trip.marker
        except OrchestraError as error:
            if errors not in ("warn", "ignore"):
                raise
            if errors == "warn":
                scope.lookups.warn(error.message)
            return [] if wantlist else None
        return found if wantlist else _joined(found)

    def call_for_loop(self, scope: Any, name: str, terms: Any, options: dict[str, Any]) -> Any:
        """As ``with_<name>``: terms may be raw. Raises TemplateError, Tripped."""
        options = {key: value for key, value in options.items() if key != "wantlist"}
        if type(terms) is TemplateText:
            terms = scope.templar.core.evaluate(scope, TemplateText(terms.strip(), terms.origin))
        if type(terms) is LocatedList and terms.templated:
            terms = LazyList(terms, scope.values)
        elif not isinstance(terms, list):
            terms = [scope.values.wrap(terms, "the loop")]
        items = list(terms)
        marker = self._refused(name, items, {})
        if marker is not None:
            marker._marker_trip()
        return list(self._run(name, LookupCall(items, options, scope, in_loop=True)))

    def _refused(self, name: str, terms: Sequence[Any], options: Mapping[str, Any]) -> Marker | None:
        """The first undefined argument, unless the lookup deals with such itself."""
        given = (*terms, *options.values())
        if MARKERS.isdisjoint(map(type, given)):
            return None
        if name in self._own:
            takes = getattr(self._own[name], "accept_args_markers", False)
        else:
            takes = short_name(name) in _TAKES_MARKERS
        return None if takes else first_marker(given)

    def _run(self, name: str, call: LookupCall) -> Sequence[Any]:
        func, foreign = self._find(name)
        if foreign:
            options = {key: _handed(value) for key, value in call.options.items() if value is not OMIT}
            call = LookupCall(_handed(list(call.terms)), options, call.scope, call.in_loop)
        try:
            # A project's own may ask anybody; ours wait by themselves where they have to.
            found = call.scope.lookups.wait(functools.partial(func, call)) if foreign else func(call)
        except (Tripped, OrchestraError) as error:
            if isinstance(error, OrchestraError):
                named(error, "lookup", name)
            raise
        except Exception as error:
            raise named(TemplateError(say(error)), "lookup", name) from error
        if isinstance(found, str) or not isinstance(found, Sequence):
            raise TemplateError(f"The lookup plugin '{name}' returned a {type(found).__name__} instead of a list")
        return found

    def _find(self, name: str) -> tuple[Callable[..., Sequence[Any]], bool]:
        if name in self._own:
            return self._own[name], True
        short = short_name(name)
        if short in self._ours:
            return self._ours[short], False
        close = nearest(short, self.names())
        hint = f"did you mean {' or '.join(map(repr, close))}?" if close else f"known collections: {_collections()}"
        raise TemplateError(f"The lookup plugin '{name}' was not found.", hint=hint)

    def names(self) -> Iterable[str]:
        """Every name that is known."""
        return [*self._own, *self._ours]


def _collections() -> str:
    return ", ".join(prefix.rstrip(".") for prefix in COLLECTIONS)


def _rendered(scope: Any, term: Any) -> Any:
    """A term with the templates that are quoted in it rendered; values of variables are never."""
    kind = type(term)
    if kind is Embedded:
        return scope.render_embedded(str(term))
    if kind is dict:
        return {key: _rendered(scope, item) for key, item in term.items()} if _quotes(term.values()) else term
    if kind is list or kind is tuple:
        return kind(_rendered(scope, item) for item in term) if _quotes(term) else term
    return term


def _handed(value: Any) -> Any:
    """Plain data; what is undefined deep inside is an error only if the plugin uses it."""
    if isinstance(value, Marker):
        return value
    if isinstance(value, (list, tuple)):
        return [_handed(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _handed(item) for key, item in value.items()}
    return finish(value)


def _quotes(items: Iterable[Any]) -> bool:
    return any(type(item) in (Embedded, dict, list, tuple) for item in items)


def _joined(found: Sequence[Any]) -> Any:
    """One result alone, texts joined by commas, anything else as a list."""
    if len(found) == 1:
        return found[0]
    if found and all(isinstance(item, str) for item in found):
        return ",".join(found)
    return found

"""The functions that every template has: ``lookup``, ``query``, ``q``, ``now``, ``undef``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from jinja2 import pass_context

from orchestra.errors import TemplateError
from orchestra.templating.marker import Marker


def _takes_markers(func: Callable[..., Any]) -> Callable[..., Any]:
    func.takes_markers = True  # type: ignore[attr-defined]
    return func


@_takes_markers
@pass_context
def lookup(context: Any, name: Any, /, *terms: Any, **options: Any) -> Any:
    """Run a lookup; several results are joined by commas, unless ``wantlist``."""
    if isinstance(name, Marker):
        return name
    return context.scope.templar.core.lookup(context.scope, name, list(terms), options)


@_takes_markers
@pass_context
def query(context: Any, name: Any, /, *terms: Any, **options: Any) -> Any:
    """Run a lookup; the result is a list."""
    if isinstance(name, Marker):
        return name
    return context.scope.templar.core.lookup(context.scope, name, list(terms), {**options, "wantlist": True})


def now(utc: bool = False, fmt: str | None = None) -> Any:
    """The time on the controller, as text when a format is given."""
    moment = datetime.now(UTC).replace(tzinfo=None) if utc else datetime.now()
    return moment.strftime(fmt) if fmt else moment


@_takes_markers
def undef(hint: Any = None) -> Any:
    """An undefined value, for defaults that have to be overridden."""
    if hint is not None and not isinstance(hint, str):
        raise TemplateError(f"The 'hint' argument must be of type 'str' or 'NoneType', not '{type(hint).__name__}'.")
    return Marker(hint or "Mandatory variable has not been overridden")


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "lookup": lookup,
    "query": query,
    "q": query,
    "now": now,
    "undef": undef,
}

"""Filters about a value as such: defaults, truth, type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jinja2 import Undefined

from orchestra.errors import TemplateError
from orchestra.templating.faults import type_name
from orchestra.templating.finish import written_text
from orchestra.templating.marker import Fault, Marker

_TRUE = frozenset(("yes", "on", "true", "1"))
_FALSE = frozenset(("no", "off", "false", "0"))


def default(value: Any, default_value: Any = "", boolean: bool = False) -> Any:
    """The default where the value is undefined; with ``boolean`` also where it is false or empty."""
    if isinstance(value, Fault):
        value._marker_trip()
    if isinstance(value, Undefined) or (boolean and not value):
        return default_value
    return value


def to_bool(value: Any) -> bool:
    """True for yes, on, true, 1 in any case; false for their opposites and for anything else."""
    if isinstance(value, str):
        return value.lower() in _TRUE
    return value is True or (isinstance(value, (int, float)) and value == 1)


def ternary(value: Any, true_val: Any, false_val: Any, none_val: Any = None) -> Any:
    """The first choice when the value is true, else the second; a third one for none."""
    if value is None and none_val is not None:
        return none_val
    return true_val if value else false_val


def mandatory(value: Any, msg: str | None = None) -> Any:
    """The value, which has to be defined."""
    if isinstance(value, Fault):
        value._marker_trip()
    if not isinstance(value, Marker):
        return value
    if msg is not None:
        raise TemplateError(str(msg))
    name = value._undefined_name
    raise TemplateError(f"Mandatory variable {f'{name!r} ' if name is not None else ''}not defined.")


def type_debug(value: Any) -> str:
    """The name of the value's type."""
    return "UndefinedMarker" if isinstance(value, Marker) else type_name(value)


def to_string(value: Any) -> str:
    """The value as text; what is text already stays what it is."""
    return value if isinstance(value, str) else written_text(value)


FILTERS: dict[str, Callable[..., Any]] = {
    "default": default,
    "d": default,
    "bool": to_bool,
    "ternary": ternary,
    "mandatory": mandatory,
    "type_debug": type_debug,
    "string": to_string,
}

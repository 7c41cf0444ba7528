"""What a module says of values that it returns: Ansible's `datatag`.

A text that is deprecated says so where it stands in the result, and is told of when it is used. Of any other value it
is told with the result.
"""

import datetime
from collections import namedtuple

from orchestra.runner.foreign.session import current, deprecate, deprecation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["deprecate_value", "deprecator_from_collection_name", "native_type_name"]

_DATES = (datetime.date, datetime.time)  # a datetime is a date
_SUPPORTED = (str, bytes, int, float, dict, list, tuple, set) + _DATES


class DeprecatedStr(str):
    """A text that is deprecated; ``notice`` says why."""

    notice = {}  # type: dict[str, Any]


DeprecatedStr.__name__ = "str"  # what the module knows it as


def places_of(value: "Any", path: "tuple[Any, ...]" = ()) -> "list[list[Any]]":
    """The paths of deprecated texts in a result, each with its notice."""
    if isinstance(value, DeprecatedStr):
        return [[list(path), value.notice]]
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, (list, tuple)) else ()
    return [place for key, item in items for place in places_of(item, path + (key,))]


Deprecator = namedtuple("Deprecator", ("resolved_name", "type"))


def deprecator_from_collection_name(collection_name: "str | None") -> "Deprecator | None":
    """Who removes something, when it is a collection; None for none."""
    return Deprecator(collection_name, None) if collection_name else None


def deprecate_value(
    value: "Any",
    msg: "str",
    *,
    version: "str | None" = None,
    date: "str | None" = None,
    collection_name: "str | None" = None,
    deprecator: "Any" = None,
    help_text: "str | None" = None,
) -> "Any":
    """The value, of which the task's result says that it is deprecated; None and booleans cannot be.

    Raises:
        TypeError: a value of this type cannot be deprecated.
        ValueError: both a deprecator and a collection's name are given.
    """
    if deprecator is not None and collection_name:
        raise ValueError("Specify only one of `deprecator` or `collection_name`.")
    if value is None or isinstance(value, bool):
        return value
    if not isinstance(value, _SUPPORTED):
        raise TypeError("a value of type {} cannot be deprecated".format(native_type_name(value)))
    owner = collection_name or (deprecator.resolved_name if deprecator is not None else None)
    text = "{} {}".format(msg, help_text) if help_text else msg
    if not isinstance(value, str):
        deprecate(text, version=version, date=date, collection_name=owner)
        return value
    marked = DeprecatedStr(value)
    marked.notice = deprecation(text, version=version, date=date, collection_name=owner)
    current().places_of = places_of
    return marked


def native_type_name(value: "Any") -> "str":
    """The name of a value's type, or of a type."""
    return value.__name__ if isinstance(value, type) else type(value).__name__

"""Texts of a module's result of which the module says that they are deprecated, marked where they stand.

What says where they stand comes from a host, so it is looked at as closely as any of its data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from orchestra.model.deprecated import DeprecatedText

#: The part of a reply that says where such texts are: pairs of a path and a notice.
DEPRECATED_TEXTS = "_deprecated_texts"


def marked(data: Mapping[str, Any]) -> dict[str, Any]:
    """A result without that part, with its texts marked."""
    result = {name: value for name, value in data.items() if name != DEPRECATED_TEXTS}
    for place in data[DEPRECATED_TEXTS] if isinstance(data[DEPRECATED_TEXTS], list) else ():
        if isinstance(place, list) and len(place) == 2 and isinstance(place[0], list) and isinstance(place[1], dict):
            _mark(result, *place)
    return result


def _mark(result: dict[str, Any], path: Sequence[Any], notice: Mapping[str, Any]) -> None:
    holder: Any = result
    try:
        for key in path[:-1]:
            holder = holder[key]
        if type(holder[path[-1]]) is str:
            holder[path[-1]] = DeprecatedText(holder[path[-1]], notice)
    except (LookupError, TypeError):
        return  # what it names is not there: nothing can be told of it

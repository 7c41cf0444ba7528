"""What the project's own text says behind a name: the only text that a condition may be read from a second time.

``when: "{{ ready }}"`` with ``ready: "port > 0 and up"`` asks for that expression. Where a value came from is not
kept with it, so the way is gone again from the name through what loaders read; whatever else it meets ends it.
"""

from __future__ import annotations

import re
from typing import Any

from orchestra.errors import TemplateError
from orchestra.model.origin import LocatedDict, LocatedList, Origin, TemplateText

_PATH = re.compile(r"\{\{-?\s*([A-Za-z_]\w*(?:\.\w+)*)\s*-?\}\}")
#: Names that refer to each other without end are told where they are rendered.
_DEEPEST = 20


def written(scope: Any, template: object, depth: int = 0) -> Any:
    """What the project wrote where ``template``, which only names it, points to; None where it wrote nothing there."""
    found = _PATH.fullmatch(str(template).strip())
    if found is None or depth > _DEEPEST:
        return None
    first, *keys = found[1].split(".")
    held = _followed(scope, scope.wrote(first), depth)
    for key in keys:
        held = _followed(scope, part(held, key), depth)
    return held


def part(held: object, key: Any) -> Any:
    """What stands below a key or a number in a container that a loader made, else None."""
    if isinstance(held, LocatedDict):
        return held.get(key)
    if isinstance(held, LocatedList) and str(key).isdigit() and int(key) < len(held):
        return held[int(key)]
    return None


def untrusted(origin: Origin | None, hint: str = "") -> TemplateError:
    """The error about an expression that the project's own text does not hold."""
    hint = hint or "what a template computes, or a host gave, is never evaluated: write the expression itself"
    return TemplateError("Encountered untrusted template or expression.", origin=origin, hint=hint)


def _followed(scope: Any, held: object, depth: int) -> Any:
    return written(scope, held, depth + 1) if isinstance(held, TemplateText) else held

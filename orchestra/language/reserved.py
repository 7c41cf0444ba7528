"""Names that a variable had better not have: keywords of the language, and what templates have as their own."""

from __future__ import annotations

import keyword
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from orchestra.language.keywordreader import key_origin
from orchestra.language.keywords import KEYWORDS
from orchestra.model.origin import Origin

#: Of the keywords, those that Ansible does not count.
_FREE = frozenset(("listen", "role", "user", "gather_subset", "validate_argspec"))
_OF_TEMPLATES = frozenset(
    (
        "async_val",
        "cycler",
        "dict",
        "joiner",
        "lipsum",
        "lookup",
        "namespace",
        "now",
        "omit",
        "q",
        "query",
        "range",
        "undef",
    )
)
RESERVED = (frozenset(KEYWORDS) - _FREE) | _OF_TEMPLATES | {"async_val"}

Warn = Callable[[str, Origin | None], None]


def warn_reserved(variables: Mapping[Any, Any], warn: Warn, origin: Origin | None = None) -> None:
    """Say which of the names are taken. ``origin`` is for mappings that do not know where they stand."""
    for name in taken(variables):
        warn(f"Found variable using reserved name '{name}'.", key_origin(variables, name) or origin)


def taken(names: Iterable[Any]) -> list[str]:
    """Those of ``names`` that are reserved."""
    return [name for name in names if name in RESERVED]


def is_variable_name(name: object) -> bool:
    """Whether a template could name a variable of this name."""
    return isinstance(name, str) and name.isidentifier() and name.isascii() and name not in _WORDS


def name_fault(name: object) -> str:
    """What is wrong with a name that no variable can have."""
    kind = "" if isinstance(name, str) else f" of type {type(name).__name__!r}"
    return f"Invalid variable name {str(name)!r}{kind}."


_WORDS = frozenset((*keyword.kwlist, "true", "false", "none"))

"""Filters of ansible-core's own ``ansible._protomatter``, by which playbooks look at how values are kept.

``apply_trust`` is not here: nothing makes a template of what is none. What is rendered keeps no tag but that it
is secret.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from typing import Any

from orchestra.errors import TemplateError
from orchestra.model.origin import ProjectText, TemplateText, origin_of
from orchestra.model.secret import Sealed, Secret
from orchestra.templating.finish import finish
from orchestra.templating.marker import Fault

PREFIX = "ansible._protomatter."
#: What ansible-core can say of a value.
KNOWN_TAGS = frozenset(
    ("Deprecated", "NotATemplate", "Origin", "SourceWasEncrypted", "TrustedAsTemplate", "VaultedValue")
)


def dump_object(value: Any) -> Any:
    """Plain data for a record, or for a value whose template failed."""
    if isinstance(value, Fault):
        return {"exception": {"message": value._marker_error.message}}
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


def origin(value: Any) -> str | None:
    """Where a value stands, where it still knows that."""
    found = origin_of(value)
    return str(found) if found else None


def python_literal_eval(value: Any, ignore_errors: bool = False) -> Any:
    """The value of a Python literal; with ``ignore_errors`` anything else as it is."""
    try:
        if not isinstance(value, str):
            raise TemplateError("The `value` to eval must be a string.")
        return ast.literal_eval(value)
    except (TemplateError, ValueError, SyntaxError):
        if ignore_errors:
            return value
        raise


def tag_names(value: Any) -> list[str]:
    """What is known of a value besides itself, by ansible-core's names for it."""
    found = ["Origin"] if origin_of(value) else []
    if isinstance(value, (TemplateText, ProjectText)):
        found.append("TrustedAsTemplate")
    return [*found, "VaultedValue"] if isinstance(value, (Secret, Sealed)) else found


def true_type(value: Any) -> str:
    """The name of a value's class."""
    return type(value).__name__


def unmask(value: Any, type_names: Any) -> Any:
    """The value: nothing here shows itself as another type."""
    if not isinstance(type_names, (str, list)):
        raise TemplateError("the names of types must be a text or a list of them")
    return value


FILTERS: dict[str, Callable[..., Any]] = {
    PREFIX + func.__name__: func for func in (dump_object, origin, python_literal_eval, tag_names, true_type, unmask)
}
FILTERS[PREFIX + "finalize"] = finish

"""A task's or play's keywords as values: rendered, with ``omit`` as if they had not been written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orchestra.engine.connections import is_true
from orchestra.errors import LanguageError
from orchestra.model.play import Task
from orchestra.templating.omit import OMIT

if TYPE_CHECKING:
    from orchestra.templating.scope import Scope


def value_of(scope: Scope, keyword: Any) -> Any:
    """The rendered value; None when it is not set or omitted. Raises TemplateError."""
    if keyword is None:
        return None
    rendered = scope.render(keyword)
    return None if rendered is OMIT else rendered


def number_of(scope: Scope, keyword: Any, default: float, name: str, task: Task) -> float:
    """The value of a keyword that is a number, at least 0.

    Raises:
        TemplateError: it cannot be rendered.
        LanguageError: it is no number; located.
    """
    value = value_of(scope, keyword)
    try:
        return default if value in (None, "") else max(float(value), 0.0)
    except (TypeError, ValueError):
        kind = "int" if name == "retries" else "float"
        text = f"Error processing keyword {name!r}: The value {value!r} could not be converted to {kind!r}."
        raise LanguageError(text, origin=task.key_origins.get(name, task.origin)) from None


def holds(scope: Scope, keyword: Any) -> bool:
    """Whether a keyword that is true or false is set and true. Raises TemplateError."""
    return keyword is not None and is_true(value_of(scope, keyword))

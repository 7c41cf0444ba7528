"""A task's or play's keywords as values: rendered, with ``omit`` as if they had not been written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orchestra.engine.connections import is_true
from orchestra.templating.omit import OMIT

if TYPE_CHECKING:
    from orchestra.templating.scope import Scope


def value_of(scope: Scope, keyword: Any) -> Any:
    """The rendered value; None when it is not set or omitted. Raises TemplateError."""
    if keyword is None:
        return None
    rendered = scope.render(keyword)
    return None if rendered is OMIT else rendered


def holds(scope: Scope, keyword: Any) -> bool:
    """Whether a keyword that is true or false is set and true. Raises TemplateError."""
    return keyword is not None and is_true(value_of(scope, keyword))

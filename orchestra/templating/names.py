"""Which variables a text of the project asks for, found without rendering it."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, TemplateSyntaxError, meta


class _Any(dict[str, Any]):
    """Has every filter and test: which of them exist does not matter here."""

    def get(self, name: str, default: Any = None) -> Any:
        """Some function."""
        return str

    def __contains__(self, name: object) -> bool:
        return True


_PARSER = Environment(autoescape=False)  # noqa: S701 - nothing is rendered with it
_PARSER.filters, _PARSER.tests = _Any(), _Any()


def names_in(text: str, *, condition: bool = False) -> frozenset[str] | None:
    """The variables that a template, or a condition, names; None where it can not be read."""
    try:
        tree = _PARSER.parse("{{ (" + text + ") }}" if condition else text)
        return frozenset(meta.find_undeclared_variables(tree))
    except TemplateSyntaxError:
        return None

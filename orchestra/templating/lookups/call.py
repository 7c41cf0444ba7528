"""What a lookup is given, and the words it may use to ask for options."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import field, replace
from typing import Any

from orchestra.errors import TemplateError, nearest
from orchestra.model.record import record

_TRUE = frozenset(("1", "true", "yes", "on", "t", "y"))
_FALSE = frozenset(("0", "false", "no", "off", "f", "n", ""))


@record
class LookupCall:
    """One use of a lookup. ``scope`` is the templating scope; the run is behind ``scope.lookups``."""

    terms: Sequence[Any]
    options: dict[str, Any] = field(default_factory=dict)
    scope: Any = None
    #: Called by ``with_<name>`` and not from a template.
    in_loop: bool = False

    def option(self, name: str, default: Any = None) -> Any:
        """An option as it was given."""
        value = self.options.get(name)
        return default if value is None else value

    def text(self, name: str, default: str = "") -> str:
        """An option as text."""
        return str(self.option(name, default))

    def number(self, name: str, default: int | None = None) -> int | None:
        """An option as a whole number; text may be decimal, hexadecimal or octal."""
        value = self.option(name, default)
        if value is None or isinstance(value, int):
            return value
        try:
            return whole_number(str(value))
        except ValueError:
            raise TemplateError(f"the option '{name}' has an invalid value: {value!r} is no whole number") from None

    def flag(self, name: str, default: bool = False) -> bool:
        """An option as true or false."""
        value = self.option(name, default)
        text = str(value).lower()
        if text in _TRUE or text in _FALSE:
            return text in _TRUE
        raise TemplateError(f"the option '{name}' has an invalid value: {value!r} is neither true nor false")

    def texts(self) -> Iterable[str]:
        """The terms, which have to be text."""
        for term in self.terms:
            if not isinstance(term, str):
                raise TemplateError(f"text was expected, not {term!r}")
            yield term

    def inline(self, term: str, known: Iterable[str] = ()) -> tuple[str, LookupCall]:
        """A term in the old form ``key name=value``: its words without ``=``, and the call with these options.

        Those that are not ``known`` are refused, where it says which are.
        """
        words, given = [], {}
        for word in _WORD.findall(term):
            name, equals, value = word.partition("=")
            if equals and name.isidentifier():
                given[name] = _unquoted(value)
            else:
                words.append(word)
        if known:
            check_names(given, known)
        return " ".join(words), replace(self, options={**self.options, **given})


def check_names(given: Iterable[str], known: Iterable[str]) -> None:
    """Refuse options that a lookup does not have."""
    known = list(known)
    for name in given:
        if name not in known:
            close = nearest(name, known)
            hint = f"did you mean '{close[0]}'?" if close else f"it has {', '.join(known)}"
            raise TemplateError(f"'{name}' is not a valid option", hint=hint)


def whole_number(text: str) -> int:
    """Read ``10``, ``0x1f`` or ``0600``. Raises ValueError."""
    text = text.strip()
    if text.startswith("0") and text.isdigit() and len(text) > 1:
        return int(text, 8)
    return int(text, 0)


#: A word: what stands in quotes may hold blanks; a quote alone is a character like others.
_WORD = re.compile(r"""(?:[^\s"']|"[^"]*"|'[^']*'|["'])+""")


def _unquoted(value: str) -> str:
    """A value without the quotes around it."""
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value


Lookup = Callable[[LookupCall], Sequence[Any]]

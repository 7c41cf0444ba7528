"""Raw values of an inventory as other programs read them: for JSON, and in Python's own types for YAML and TOML.

Templates are shown as they stand in the file, encrypted values as their ciphertext.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any

from orchestra.model.origin import TemplateText, UnsafeText
from orchestra.model.secret import MASK, Sealed, Secret

#: The key under which an encrypted value shows its ciphertext, and the one under which text that is no template stands.
SEALED = "__ansible_vault"
_UNSAFE = "__ansible_unsafe"


def plain(value: Any) -> Any:
    """A value as JSON holds it, in the form that an inventory script may print too."""
    return {_UNSAFE: str(value)} if isinstance(value, UnsafeText) else _for_json(value, plain)


def unmarked(value: Any) -> Any:
    """A value as JSON holds it, where nothing says which text is no template."""
    return _for_json(value, unmarked)


def _for_json(value: Any, inner: Callable[[Any], Any]) -> Any:
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, (int, float)):
        return value
    if isinstance(value, Sealed):
        return {SEALED: value.ciphertext}
    if isinstance(value, Mapping):
        return {str(key): inner(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [inner(item) for item in value]
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)


class Natives:
    """Values in Python's own types, whatever JSON has no word for included.

    What several hosts share, as of a group, is one object here too, so that YAML can name it once.
    """

    def __init__(self) -> None:
        self._made: dict[int, tuple[Any, Any]] = {}

    def of(self, value: Any) -> Any:
        """A value in Python's own types."""
        if isinstance(value, str):
            return _text(value)
        if not isinstance(value, (Sealed, Mapping, list, tuple, set)):
            return value
        known = self._made.get(id(value))
        if known is None:
            known = self._made[id(value)] = value, self._new(value)
        return known[1]

    def _new(self, value: Any) -> Any:
        if isinstance(value, Sealed):
            return {SEALED: value.ciphertext}
        if isinstance(value, Mapping):
            return {self.of(key): self.of(item) for key, item in value.items()}
        return [self.of(item) for item in value]


def hidden(value: Any) -> Any:
    """A value in Python's own types, for people: what is encrypted is not shown."""
    if isinstance(value, Sealed):
        return MASK
    if isinstance(value, Mapping):
        return {hidden(key): hidden(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [hidden(item) for item in value]
    return _text(value) if isinstance(value, str) else value


def _text(value: str) -> str:
    if isinstance(value, Secret):
        return MASK
    return str(value) if isinstance(value, TemplateText) or type(value) is not str else value

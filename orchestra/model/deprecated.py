"""Values of which a module says that they are deprecated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class DeprecatedText(str):
    """A text in a module's result; ``notice`` is what the module says of it: msg, version or date, deprecator."""

    __slots__ = ("notice",)
    notice: Mapping[str, Any]

    def __new__(cls, text: str, notice: Mapping[str, Any]) -> DeprecatedText:
        """Mark ``text``; whoever uses it is told of ``notice``."""
        self = super().__new__(cls, text)
        self.notice = notice
        return self

    def __reduce__(self) -> tuple[type[DeprecatedText], tuple[str, Mapping[str, Any]]]:
        return DeprecatedText, (str.__str__(self), self.notice)

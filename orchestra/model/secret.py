"""A secret is a type, not a habit.

``Secret`` marks a value; ``Redactor`` masks each known secret in text that leaves the process, typed or not.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestra.model.origin import Origin

MASK = "********"
#: Shorter values occur by chance in innocent text; they are masked by type alone.
MIN_MATCH_LENGTH = 6


class Secret(str):
    """Text that hides itself in ``repr``; what is derived from it stays one (templating sees to that)."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(MASK)


class Sealed:
    """A value that stands encrypted in the user's files (``!vault``); opened at its first use, once in a run.

    What it holds is plain data for ever: a Secret, never a template. Whoever renders a value calls ``reveal``.
    """

    __slots__ = ("_opener", "_value", "ciphertext", "origin")

    def __init__(
        self, ciphertext: str, opener: Callable[[str, Origin | None], Secret], origin: Origin | None = None
    ) -> None:
        self.ciphertext = ciphertext
        self.origin = origin
        self._opener = opener
        self._value: Secret | None = None

    def reveal(self) -> Secret:
        """The decrypted text. Raises VaultError, located, without the right password."""
        if self._value is None:
            self._value = self._opener(self.ciphertext, self.origin)
        return self._value

    def __repr__(self) -> str:
        return f"Sealed({MASK!r})"


class Redactor:
    """The secrets of one run; each sink masks its text through it."""

    def __init__(self) -> None:
        self._values: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        #: True once the run has met a secret; until then nothing needs to be followed.
        self.seen = False

    def add(self, value: str) -> Secret:
        """Remember ``value`` (and, of many lines, each long one) and return it as a Secret."""
        self.seen = True
        parts = {value, value.strip(), *(line.strip() for line in value.splitlines())}
        fresh = {part for part in parts if len(part) >= MIN_MATCH_LENGTH} - self._values
        if fresh:
            self._values |= fresh
            self._pattern = None
        return value if isinstance(value, Secret) else Secret(value)

    def mask(self, text: str) -> str:
        """Return ``text`` with every known secret replaced by asterisks."""
        if not self._values:
            return text
        if self._pattern is None:
            longest_first = sorted(self._values, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))
        return self._pattern.sub(MASK, text)

    def mask_data(self, value: object) -> object:
        """Mask a JSON-like value all through: by type, and by matching text."""
        if isinstance(value, (Secret, Sealed)):
            return MASK
        if isinstance(value, str):
            return self.mask(value)
        if isinstance(value, dict):
            return {self.mask_data(key): self.mask_data(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.mask_data(item) for item in value]
        return value

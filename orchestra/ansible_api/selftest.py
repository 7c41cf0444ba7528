"""How a plugin checks itself hard: ``ansible._internal._testing``, which ansible-core's own test plugins import."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Checks:
    """Counts what held."""

    def __init__(self) -> None:
        self.made = 0

    def check(self, value: object, msg: str = "") -> None:
        """Note that a check held. Raises AssertionError where it did not."""
        if not value:
            raise AssertionError(msg or "the check does not hold")
        self.made += 1


@contextmanager
def hard_fail_context(msg: str) -> Iterator[Checks]:
    """Checks of one purpose. Raises AssertionError where one does not hold, or none was made."""
    checks = Checks()
    yield checks
    checks.check(checks.made, f"nothing was checked: {msg}")

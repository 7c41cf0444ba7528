"""What was under way when a host could not be reached: results begin with it, in the words that playbooks look for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from orchestra.errors import Unreachable


@contextmanager
def by_ssh() -> Iterator[None]:
    """What is done in here reaches a host by SSH."""
    try:
        yield
    except Unreachable as error:
        error.during = "Failed to connect to the host via ssh: "
        raise

"""Events to methods by name, so that a sink is a class with one method for each event that it cares about."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from orchestra.model.event import Event


def event_name(kind: type) -> str:
    """``task_finished`` for TaskFinished; the name in method names and in JSON."""
    return _snake_case(kind.__name__)


@cache
def _snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class Dispatcher:
    """A sink that hands each event to its ``on_<event name>`` method, and drops it when there is none."""

    def __call__(self, event: Event) -> None:
        """Take one event."""
        method: Callable[[Event], None] | None = getattr(self, f"on_{event_name(type(event))}", None)
        if method is not None:
            method(event)

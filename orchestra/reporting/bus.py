"""One event to many sinks. A sink that fails is reported once and then left out; it never changes the run.

A closed pipe (``| head``) is no failure: that sink ends without a word.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from orchestra.model.event import Event

Sink = Callable[[Event], None]


class Bus:
    """Fans events out. ``report`` is told, once for each sink, that it failed and why."""

    def __init__(self, sinks: Sequence[Sink], report: Callable[[str], None]) -> None:
        self._sinks = list(sinks)
        self._report = report

    def add(self, sink: Sink) -> None:
        """Let one more sink have the events."""
        self._sinks.append(sink)

    def replace(self, old: Sink, new: Sink) -> None:
        """Let a sink have the events in another one's place."""
        self._sinks[:] = [new if sink is old else sink for sink in self._sinks]

    def __call__(self, event: Event) -> None:
        """Hand ``event`` to every sink that still works."""
        for sink in tuple(self._sinks):
            try:
                sink(event)
            except BrokenPipeError:
                self._sinks.remove(sink)  # whoever read it has seen enough; the run goes on all the same
            except Exception as problem:
                self._sinks.remove(sink)
                name = getattr(sink, "name", type(sink).__name__)
                self._report(f"output {name} stopped: {type(problem).__name__}: {problem}")

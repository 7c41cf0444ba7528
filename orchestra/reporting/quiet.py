"""``--output quiet``: nothing while all is well; failures, with place, cause and how to try again, at the end."""

from __future__ import annotations

from collections.abc import Sequence

from orchestra.model.event import Interrupted, RunFailed, RunFinished
from orchestra.reporting.dispatch import Dispatcher
from orchestra.reporting.ending import ending
from orchestra.reporting.failures import fault_lines
from orchestra.reporting.screen import Screen


class QuietSink(Dispatcher):
    """Speaks only when something went wrong, on the error stream."""

    def __init__(self, screen: Screen, command: Sequence[str] = (), base: str = "") -> None:
        self._screen = screen
        self._command = command
        self._base = base

    def on_run_failed(self, event: RunFailed) -> None:
        """A fault that belongs to no host."""
        for line in fault_lines(event, self._base):
            self._screen.write(line, "error", error=True)

    def on_interrupted(self, event: Interrupted) -> None:
        """The user stopped the run."""
        self._screen.write("INTERRUPTED", "error", error=True)
        for host, task in event.in_flight:
            self._screen.write(f"  in flight: {host}  {task}", "error", error=True)

    def on_run_finished(self, event: RunFinished) -> None:
        """The report, when the exit status is not 0."""
        if event.exit_code:
            for line in ending(event, self._screen.look, self._command, self._base):
                self._screen.write_pieces(line, error=True)
        self._screen.flush()

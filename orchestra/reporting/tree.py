"""``--tree DIR`` of ad hoc runs: each host's result as JSON in a file of the host's name."""

from __future__ import annotations

import os
from collections.abc import Callable

from orchestra.errors import OrchestraError
from orchestra.model.event import TaskFinished
from orchestra.reporting.dispatch import Dispatcher
from orchestra.reporting.options import OutputOptions
from orchestra.reporting.results import dump


class TreeSink(Dispatcher):
    """Writes ``folder``/HOST when a host is through. Secrets are masked."""

    def __init__(self, folder: str, options: OutputOptions, mask: Callable[[object], object]) -> None:
        self._folder = folder
        self._options = options
        self._mask = mask
        try:
            os.makedirs(folder, exist_ok=True)
        except OSError as error:
            raise OrchestraError(f"cannot make the folder {folder} of --tree: {error.strerror}") from error

    def on_task_finished(self, event: TaskFinished) -> None:
        """Write one host's file."""
        name = event.outcome.host.replace(os.sep, "_")
        with open(os.path.join(self._folder, name), "w", encoding="utf-8") as file:
            file.write(dump(event.outcome, self._options, self._mask, indent=None))

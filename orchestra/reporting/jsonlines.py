"""``--output json``: one JSON object a line for programs; the form is in docs/output.md."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TextIO

from orchestra.model.event import Event, RunFinished
from orchestra.reporting.codec import encode


class JsonLinesSink:
    """Writes events as they come. ``clock`` gives seconds since the epoch; ``mask`` hides known secrets in data."""

    def __init__(self, out: TextIO, mask: Callable[[object], object], clock: Callable[[], float]) -> None:
        self._out = out
        self._mask = mask
        self._clock = clock

    def __call__(self, event: Event) -> None:
        """Write one event. The last line of a run has exactly ``event``, ``exit`` and ``hosts``."""
        for data in encode(event):
            if data["event"] != "run_finished":
                data.setdefault("time", round(self._clock(), 3))
            self._out.write(json.dumps(self._mask(data), default=str) + "\n")
        if isinstance(event, RunFinished):
            self._out.flush()

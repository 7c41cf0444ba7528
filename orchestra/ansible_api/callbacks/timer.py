"""Says at the end how long the run took."""

from __future__ import annotations

import time
from typing import Any

from orchestra.ansible_api.callback import CallbackBase


class CallbackModule(CallbackBase):
    """Counts from the moment it is loaded."""

    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "ansible.posix.timer"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._started = time.monotonic()

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """The run is over."""
        minutes, seconds = divmod(int(time.monotonic() - self._started), 60)
        hours, minutes = divmod(minutes, 60)
        days, hours = divmod(hours, 24)
        self._display.display(f"Playbook run took {days} days, {hours} hours, {minutes} minutes, {seconds} seconds")

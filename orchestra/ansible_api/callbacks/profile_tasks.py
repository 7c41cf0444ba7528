"""Says when each task begins and how long the last one took; at the end which tasks took longest."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from orchestra.ansible_api.callback import CallbackBase

DOCUMENTATION = """
options:
  output_limit: {type: str, default: "20", env: [{name: PROFILE_TASKS_TASK_OUTPUT_LIMIT}],
                 ini: [{section: callback_profile_tasks, key: task_output_limit}]}
  sort_order: {type: str, default: descending, choices: [ascending, descending, none],
               env: [{name: PROFILE_TASKS_SORT_ORDER}], ini: [{section: callback_profile_tasks, key: sort_order}]}
  summary_only: {type: bool, default: false, env: [{name: PROFILE_TASKS_SUMMARY_ONLY}],
                 ini: [{section: callback_profile_tasks, key: summary_only}]}
"""


class CallbackModule(CallbackBase):
    """Takes the time between the beginnings of tasks."""

    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "ansible.posix.profile_tasks"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._begun = self._last = time.monotonic()
        self._names: dict[str, str] = {}
        self._times: dict[str, float] = {}
        self._current = ""

    def _switch(self, key: str = "", name: str = "") -> None:
        """End the task that was under way and begin another."""
        now = time.monotonic()
        if self._current:
            self._times[self._current] = now - self._last + self._times.get(self._current, 0.0)
        if not self.get_option("summary_only"):
            took, total = (_clock(seconds) for seconds in (now - self._last, now - self._begun))
            stamp = time.strftime("%A %d %B %Y  %H:%M:%S %z")
            self._display.display(self._filled(f"{stamp} ({took})       {total} "))
        self._current, self._last = key, now
        if key:
            self._names[key] = name

    def _filled(self, text: str) -> str:
        return text + "*" * max(0, self._display.columns - len(text))

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """A task begins."""
        self._switch(task._uuid, task.get_name())

    def v2_playbook_on_handler_task_start(self, task: Any) -> None:
        """A handler begins."""
        self._switch(task._uuid, task.get_name())

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """The run is over."""
        self._switch()
        self._display.display("=" * self._display.columns)
        for key, seconds in self._ordered():
            name, took = self._names[key], f"{seconds:.2f}s"
            dashes = "-" * max(2, self._display.columns - len(name) - len(took) - 2)
            self._display.display(f"{name} {dashes} {took}")

    def _ordered(self) -> Sequence[tuple[str, float]]:
        found = list(self._times.items())
        order, limit = self.get_option("sort_order"), str(self.get_option("output_limit"))
        if order != "none":
            found.sort(key=lambda pair: pair[1], reverse=order != "ascending")
        return found if limit.lower() == "all" else found[: int(limit)]


def _clock(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}:{minutes:02d}:{rest:06.3f}"

"""Says at the end how long each role took."""

from __future__ import annotations

import time
from typing import Any

from orchestra.ansible_api.callback import CallbackBase

DOCUMENTATION = """
options:
  summary_only: {type: bool, default: true, env: [{name: PROFILE_ROLES_SUMMARY_ONLY}],
                 ini: [{section: callback_profile_roles, key: summary_only}]}
"""


class CallbackModule(CallbackBase):
    """Takes the time between the beginnings of tasks; those without a role count for their action."""

    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "ansible.posix.profile_roles"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._last = time.monotonic()
        self._current = ""
        self._times: dict[str, float] = {}

    def _switch(self, name: str = "") -> None:
        now = time.monotonic()
        if self._current:
            self._times[self._current] = now - self._last + self._times.get(self._current, 0.0)
        self._current, self._last = name, now

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """A task begins."""
        self._switch(task._role.get_name() if task._role is not None else task.action)

    def v2_playbook_on_handler_task_start(self, task: Any) -> None:
        """A handler begins."""
        self.v2_playbook_on_task_start(task, False)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """The run is over."""
        self._switch()
        lines = [*sorted(self._times.items(), key=lambda pair: -pair[1]), ("total", sum(self._times.values()))]
        self._display.display("=" * self._display.columns)
        for name, seconds in lines:
            if name == "total":
                self._display.display("~" * self._display.columns)
            took = f"{seconds:.2f}s"
            dashes = "-" * max(2, self._display.columns - len(name) - len(took) - 2)
            self._display.display(f"{name} {dashes} {took}")

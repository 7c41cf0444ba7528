"""Writes what became of each task into a log file of each host."""

from __future__ import annotations

import os
import time
from typing import Any

from orchestra.ansible_api.callback import CallbackBase

DOCUMENTATION = """
options:
  log_folder: {type: str, default: /var/log/ansible/hosts, env: [{name: ANSIBLE_LOG_FOLDER}],
               ini: [{section: callback_log_plays, key: log_folder}]}
"""


class CallbackModule(CallbackBase):
    """One line for each end of a task: time, playbook, task, action, how it ended, the result."""

    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "community.general.log_plays"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._playbook = ""

    def v2_playbook_on_start(self, playbook: Any) -> None:
        """A playbook begins."""
        self._playbook = str(playbook._file_name)

    def _log(self, result: Any, category: str) -> None:
        folder = os.path.expanduser(str(self.get_option("log_folder")))
        os.makedirs(folder, exist_ok=True)
        now = time.strftime("%b %d %Y %H:%M:%S")
        data = self._dump_results(result._result)
        head = f"{now} - {self._playbook} - {result.task_name} - {result._task.action} - {category}"
        path = os.path.join(folder, os.path.basename(result._host.get_name()))
        with open(path, "a", encoding="utf-8") as file:
            file.write(f"{head} - {data}\n\n")

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """A task failed on a host."""
        self._log(result, "FAILED")

    def v2_runner_on_ok(self, result: Any) -> None:
        """A task went well on a host."""
        self._log(result, "OK")

    def v2_runner_on_skipped(self, result: Any) -> None:
        """A task was skipped on a host."""
        self._log(result, "SKIPPED")

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """A host is out of reach."""
        self._log(result, "UNREACHABLE")

"""Runs a play case through ansible-core, for the comparison and for writing expectations down."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.engine.playcases import Case, Record, environment, fill

CALLBACK = """
import json
from ansible.plugins.callback import CallbackBase

class CallbackModule(CallbackBase):
    CALLBACK_VERSION, CALLBACK_TYPE, CALLBACK_NAME = 2.0, "stdout", "rows"

    def row(self, **row):
        print("ROW " + json.dumps(row, default=str), flush=True)

    def v2_playbook_on_task_start(self, task, is_conditional=False):
        if task.action not in ("meta", "ansible.builtin.meta"):
            self.row(task=task.get_name())

    v2_playbook_on_handler_task_start = v2_playbook_on_task_start

    def end(self, result, status):
        if result._task.action not in ("meta", "ansible.builtin.meta"):
            self.row(task=result._task.get_name(), host=result._host.name, status=status, result=result._result)

    def v2_runner_on_ok(self, result):
        if result._task.action.rpartition(".")[2] not in ("include_tasks", "include_role"):
            self.end(result, "changed" if result._result.get("changed") else "ok")

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self.end(result, "failed (ignored)" if ignore_errors else "failed")

    def v2_runner_on_skipped(self, result):
        self.end(result, "skipped")

    def v2_runner_on_unreachable(self, result):
        self.end(result, "unreachable")

    def v2_playbook_on_stats(self, stats):
        recap = {host: stats.summarize(host) for host in sorted(stats.processed)}
        for counts in recap.values():
            counts["unreachable"] = counts.get("unreachable", 0)
            counts["failed"] = counts.pop("failures")
        self.row(recap=recap)
"""


def run_peer(case: Case, folder: Path, program: str) -> Record:
    """Run the case in ``folder``, where it is laid out, with ansible-playbook.

    Host after host: ansible-core takes included files, hosts that a task adds and the like in the order in which hosts
    happen to answer. A case that is about hosts at the same time says ANSIBLE_FORKS itself.
    """
    plugins = folder / "peer_callback"
    plugins.mkdir(exist_ok=True)
    (plugins / "rows.py").write_text(CALLBACK)
    environ = {
        **os.environ, "ANSIBLE_FORKS": "1", **environment(case),
        "ANSIBLE_STDOUT_CALLBACK": "rows", "ANSIBLE_CALLBACK_PLUGINS": str(plugins),
        "ANSIBLE_PYTHON_INTERPRETER": "auto_silent", "ANSIBLE_LOCALHOST_WARNING": "0", "PWD": str(folder),
    }  # fmt: skip
    done = subprocess.run(
        [program, *case.command()], capture_output=True, text=True, cwd=folder, env=environ, check=False,
        input=case.stdin,
    )  # fmt: skip
    record = fill(Record(done.returncode), _rows(done.stdout), case.unordered)
    record.printed = done.stdout + done.stderr
    return record


def _rows(text: str) -> Iterator[Any]:
    for line in text.splitlines():
        if line.startswith("ROW "):
            yield json.loads(line[4:])

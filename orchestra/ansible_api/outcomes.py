"""What callbacks look at: results, hosts, plays, playbooks, includes and the sums of a run.

``ansible.executor.task_result``, ``ansible.executor.stats`` and the objects that come with them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from orchestra.ansible_api.tasks import TaskView
from orchestra.model.event import Included, PlaybookStarted, PlayStarted, RunFinished
from orchestra.model.outcome import HostTotals

CENSORED = "the output has been hidden due to the fact that 'no_log: true' was specified for this result"
_STAYS = ("attempts", "changed", "retries", "_ansible_no_log")
_VERDICTS = ("failed", "skipped")


class HostView:
    """A host of a result."""

    implicit = False

    def __init__(self, name: str) -> None:
        self.name = self.address = name
        self.vars: dict[str, Any] = {}
        self.groups: list[Any] = []
        self._uuid = name

    def get_name(self) -> str:
        """The inventory's name."""
        return self.name

    def get_vars(self) -> dict[str, Any]:
        """Part of the interface; a callback gets no variables here."""
        return dict(self.vars)

    def get_groups(self) -> list[Any]:
        """Part of the interface."""
        return list(self.groups)

    def __str__(self) -> str:
        return self.name

    __repr__ = __str__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, HostView) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)


class CallbackTaskResult:
    """What became of a task, or of one item of its loop, on one host."""

    def __init__(self, host: HostView, task: TaskView, return_data: Mapping[str, Any], task_fields: Any = None) -> None:
        self._host = host
        self._task = task
        #: The verdict: results of callbacks do not hold it.
        self._verdict = {key: return_data[key] for key in _VERDICTS if key in return_data}
        self._result: Any = {key: value for key, value in return_data.items() if key not in _VERDICTS}
        self._task_fields = task_fields if task_fields is not None else fields_of(task)
        #: The event that it was made of, for what builds on our own output.
        self.event: Any = None

    @property
    def host(self) -> HostView:
        """The host."""
        return self._host

    @property
    def task(self) -> TaskView:
        """The task."""
        return self._task

    @property
    def result(self) -> Any:
        """The result."""
        return self._result

    @property
    def task_fields(self) -> Any:
        """The task's keywords."""
        return self._task_fields

    @property
    def task_name(self) -> str:
        """The task's name."""
        return str(self._task_fields.get("name") or self._task.get_name())

    @property
    def exception(self) -> Any:
        """The traceback's text, if there is one."""
        return self._result.get("exception")

    def is_changed(self) -> bool:
        """Whether something changed."""
        return self._check("changed")

    def is_skipped(self) -> bool:
        """Whether it was skipped, with all its items."""
        items = self._result.get("results")
        if items and all(isinstance(item, dict) for item in items):
            return all(item.get("skipped") for item in items)
        return bool(self._verdict.get("skipped"))

    def is_failed(self) -> bool:
        """Whether it failed."""
        return self._check("failed_when_result" if "failed_when_result" in self._result else "failed")

    def is_unreachable(self) -> bool:
        """Whether the host was out of reach."""
        return self._check("unreachable")

    def needs_debugger(self, globally_enabled: bool = False) -> bool:
        """Part of the interface."""
        return False

    def clean_copy(self) -> CallbackTaskResult:
        """Another one, without what ``no_log`` hides."""
        made = CallbackTaskResult(self._host, self._task, visible(self._result) | self._verdict, self._task_fields)
        made.event = self.event
        return made

    def _check(self, key: str) -> bool:
        items = self._result.get("results")
        if key not in {**self._result, **self._verdict} and isinstance(items, list):
            return any(isinstance(item, dict) and item.get(key) for item in items)
        return bool({**self._result, **self._verdict}.get(key))


TaskResult = _RawTaskResult = _WireTaskResult = CallbackTaskResult


def visible(result: Mapping[str, Any], no_log: bool = False) -> dict[str, Any]:
    """A result as callbacks see it: nothing of what ``no_log`` hides."""
    if no_log or result.get("_ansible_no_log"):
        return {"censored": CENSORED, **{key: result[key] for key in _STAYS if key in result}}
    return dict(result)


def fields_of(task: TaskView) -> dict[str, Any]:
    """The keywords of a task."""
    names = ("name", "args", "action", "async_val", "poll", "loop", "when", "tags", "register", "ignore_errors",
             "delegate_to", "no_log", "check_mode", "diff", "become", "become_user", "become_method", "environment",
             "changed_when", "failed_when", "until", "retries", "notify", "run_once", "connection", "vars")  # fmt: skip
    return {name: getattr(task, name) for name in names} | {"async": task.async_val}


class PlayView:
    """A play."""

    def __init__(self, event: PlayStarted) -> None:
        self.event = event
        self.name = event.name
        self.hosts = list(event.hosts)
        self.strategy = event.strategy
        self.check_mode = event.check
        self._uuid = f"{event.origin.line:08x}-play-{event.name}"
        self.tags: list[str] = []
        self.vars: dict[str, Any] = {}
        self.serial: list[Any] = []
        self.roles: list[Any] = []
        self.tasks: list[Any] = []
        self._attributes: dict[str, Any] = {"hosts": self.hosts, "name": self.name}

    def get_name(self) -> str:
        """The play's name, else its hosts."""
        return self.name

    def get_path(self) -> str:
        """``file:line`` of the play."""
        return f"{self.event.origin.file}:{self.event.origin.line}"

    def get_vars(self) -> dict[str, Any]:
        """Part of the interface; a callback gets no variables here."""
        return dict(self.vars)

    def get_tasks(self) -> list[Any]:
        """Part of the interface; tasks are known when they begin."""
        return []

    def __str__(self) -> str:
        return self.name

    __repr__ = __str__


class PlaybookView:
    """A file of plays."""

    def __init__(self, event: PlaybookStarted) -> None:
        self.event = event
        self._file_name = event.path or "__adhoc_playbook__"
        self._basedir = os.path.dirname(os.path.abspath(event.path)) if event.path else os.getcwd()
        self._entries = [None] * event.plays

    def get_plays(self) -> list[Any]:
        """As many entries as there are plays; what they are is known when they begin."""
        return list(self._entries)


class IncludedFileView:
    """A dynamic include that brought a file in."""

    def __init__(self, event: Included, task: TaskView) -> None:
        self.event = event
        self._filename = event.file
        self._task = task
        self._args = dict(task.args)
        self._hosts = [HostView(name) for name in event.hosts]
        self._vars: dict[str, Any] = {"item": event.label} if event.label is not None else {}
        self._is_role = "role" in task.action


class HandlerView:
    """A handler that was notified."""

    def __init__(self, name: str) -> None:
        self.name = name

    def get_name(self, include_role_fqcn: bool = True) -> str:
        """The handler's name."""
        return self.name

    def __str__(self) -> str:
        return self.name


_COLUMNS = {"ok": "ok", "failures": "failed", "dark": "unreachable", "changed": "changed", "skipped": "skipped",
            "rescued": "rescued", "ignored": "ignored"}  # fmt: skip


class AggregateStats:
    """The recap: host -> count, for each column."""

    def __init__(self, event: RunFinished | None = None) -> None:
        self.event = event
        self._totals: Mapping[str, HostTotals] = event.totals if event is not None else {}
        self.processed = dict.fromkeys(self._totals, 1)
        self.custom: dict[str, Any] = dict(event.custom_stats) if event is not None else {}
        for name, field in _COLUMNS.items():
            counts = {host: getattr(totals, field) for host, totals in self._totals.items()}
            setattr(self, name, {host: count for host, count in counts.items() if count})

    def summarize(self, host: str) -> dict[str, int]:
        """The recap of one host."""
        totals = self._totals.get(host, HostTotals())
        return {name: getattr(totals, field) for name, field in _COLUMNS.items() if name != "dark"} | {
            "unreachable": totals.unreachable
        }

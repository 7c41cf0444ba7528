"""``stdout_callback=json``: the whole run as one JSON document at its end, in the form of Ansible's json callback."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from orchestra.model.event import PlayStarted, RunFailed, RunFinished, TaskFinished, TaskStarted
from orchestra.model.outcome import HostTotals, Outcome, Status, TaskInfo
from orchestra.reporting.dispatch import Dispatcher
from orchestra.reporting.failures import fault_lines
from orchestra.reporting.results import is_censored, short_action, shown_result, without_internal_keys
from orchestra.reporting.screen import Screen

_FLAGS = {
    Status.FAILED: {"failed": True},
    Status.SKIPPED: {"skipped": True},
    Status.UNREACHABLE: {"unreachable": True},
    Status.LOST: {"unreachable": True},
}


class DocumentSink(Dispatcher):
    """Collects plays, tasks and results. ``clock`` gives seconds since the epoch."""

    def __init__(self, screen: Screen, mask: Callable[[object], object], clock: Callable[[], float]) -> None:
        self._screen = screen
        self._mask = mask
        self._clock = clock
        self._plays: list[dict[str, Any]] = []
        self._tasks: dict[int, dict[str, Any]] = {}

    def on_play_started(self, event: PlayStarted) -> None:
        """A play begins."""
        head = {"duration": {"start": self._now()}, "id": str(len(self._plays) + 1), "name": event.name}
        self._plays.append({"play": {**head, "path": str(event.origin)}, "tasks": []})

    def on_task_started(self, event: TaskStarted) -> None:
        """A task begins."""
        self._task(event.task)

    def _task(self, task: TaskInfo) -> dict[str, Any]:
        if task.id not in self._tasks:
            path = f"{task.origin.file}:{task.origin.line}"
            head = {"duration": {"start": self._now()}, "id": str(task.id), "name": task.name, "path": path}
            self._tasks[task.id] = {"hosts": {}, "task": head}
            if self._plays:
                self._plays[-1]["tasks"].append(self._tasks[task.id])
        return self._tasks[task.id]

    def on_task_finished(self, event: TaskFinished) -> None:
        """A host is through."""
        outcome = event.outcome
        record = self._task(outcome.task)
        record["hosts"][outcome.host] = self._mask(_result(outcome))
        record["task"]["duration"]["end"] = self._now()
        if self._plays:
            self._plays[-1]["play"]["duration"]["end"] = self._now()

    def on_run_failed(self, event: RunFailed) -> None:
        """A fault that belongs to no host, beside the document."""
        self._screen.write("\n".join(fault_lines(event)), "error", error=True)

    def on_run_finished(self, event: RunFinished) -> None:
        """Write the document."""
        stats = dict(event.custom_stats)
        document = {
            "custom_stats": {host: stats[host] for host in stats if host != "_run"},
            "global_custom_stats": stats.get("_run", {}),
            "plays": self._plays,
            "stats": {host: _totals(event.totals[host]) for host in sorted(event.totals)},
        }
        self._screen.out.write(json.dumps(document, indent=4, sort_keys=True, default=str) + "\n")
        self._screen.flush()

    def _now(self) -> str:
        return datetime.fromtimestamp(self._clock(), UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _result(outcome: Outcome) -> dict[str, Any]:
    shown = shown_result(outcome) if is_censored(outcome) else dict(outcome.result)
    public: Mapping[str, Any] = without_internal_keys(shown)
    return {**public, "action": short_action(outcome.task.action), **_FLAGS.get(outcome.status, {})}


def _totals(totals: HostTotals) -> dict[str, int]:
    return {
        "changed": totals.changed,
        "failures": totals.failed,
        "ignored": totals.ignored,
        "ok": totals.ok,
        "rescued": totals.rescued,
        "skipped": totals.skipped,
        "unreachable": totals.unreachable,
    }

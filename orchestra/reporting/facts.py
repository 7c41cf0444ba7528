"""What ``orchestra facts`` prints: the facts of each host as JSON or YAML, and errors beside them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from orchestra.model.event import RunFailed, RunFinished, TaskFinished, Warned
from orchestra.model.outcome import Outcome, Status
from orchestra.reporting.dispatch import Dispatcher
from orchestra.reporting.failures import cause, fault_lines
from orchestra.reporting.results import dump_json
from orchestra.reporting.screen import Screen
from orchestra.reporting.yamltext import dump_yaml


class FactsSink(Dispatcher):
    """``one_line`` writes ``{"host": ..., "facts": ...}`` lines as hosts answer; else one document at the end."""

    def __init__(self, screen: Screen, mask: Callable[[object], object], *, yaml: bool, one_line: bool) -> None:
        self._screen = screen
        self._mask = mask
        self._yaml = yaml
        self._one_line = one_line
        self._facts: dict[str, Any] = {}

    def on_task_finished(self, event: TaskFinished) -> None:
        """A host answered."""
        outcome = event.outcome
        if outcome.status in (Status.FAILED, Status.UNREACHABLE, Status.LOST):
            self._screen.write(f"{outcome.status.value}: {outcome.host} | {cause(outcome)}", "error", error=True)
        elif self._one_line:
            self._screen.write(dump_json({"host": outcome.host, "facts": self._of(outcome)}))
        else:
            self._facts[outcome.host] = self._of(outcome)

    def _of(self, outcome: Outcome) -> object:
        return self._mask(outcome.result.get("ansible_facts", {}))

    def on_warned(self, event: Warned) -> None:
        """A warning, to the error stream."""
        self._screen.write(f"warning: {event.message} {event.hint}".strip(), "warn", error=True)

    def on_run_failed(self, event: RunFailed) -> None:
        """A fault that belongs to no host."""
        self._screen.write("\n".join(fault_lines(event)), "error", error=True)

    def on_run_finished(self, event: RunFinished) -> None:
        """The document, hosts in order of name."""
        if not self._one_line:
            facts = {host: self._facts[host] for host in sorted(self._facts)}
            self._screen.write(dump_yaml(facts, lossy=False) if self._yaml else dump_json(facts, 4))
        self._screen.flush()

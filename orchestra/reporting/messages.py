"""Warnings, deprecations and failure blocks as Ansible 2.19 prints them, each text once in a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from orchestra.model.event import RunFailed, Warned
from orchestra.model.outcome import Cause, Outcome, Status
from orchestra.reporting.explain import block, causes_of
from orchestra.reporting.options import OutputOptions
from orchestra.reporting.results import short_action
from orchestra.reporting.screen import Screen

#: What these could not bring in is told as a fault of the project, not of the task.
_INCLUDES = frozenset(("include_tasks", "include_role"))
_HOW_TO_DISABLE = "Deprecation warnings can be disabled by setting `deprecation_warnings=False` in ansible.cfg."


class Messages:
    """Prints what accompanies results; remembers what it printed."""

    def __init__(self, screen: Screen, options: OutputOptions) -> None:
        self._screen = screen
        self._options = options
        self._seen: set[str] = set()
        self._told: set[str] = set()

    def of_outcome(self, outcome: Outcome) -> None:
        """The warnings, deprecations and the failure that ``outcome`` carries."""
        for text in _texts(outcome.result.get("warnings")):
            if text.strip() not in self._told:
                self._once(f"[WARNING]: {text}", "warn", error=True)
        for text in _texts(outcome.result.get("deprecations")):
            if text not in self._told:
                self._deprecation(text)
        if outcome.causes and short_action(outcome.task.action) in _INCLUDES:
            first = outcome.causes[0]
            self._once(f"[ERROR]: {block((Cause(first.message, first.origin),))}", "error", error=True)
            return
        causes = _of_reaching(outcome) or causes_of(outcome)
        if causes:
            self._once(f"[ERROR]: {block(causes)}", "error", error=self._options.failed_stderr)

    def warned(self, event: Warned) -> None:
        """A warning that belongs to no result, or that was told before its task had one."""
        message = event.message if event.notice is None else _text(event.notice)
        self._told.add(message)
        text = block((Cause(message, event.origin, event.hint),))
        if event.deprecation:
            self._deprecation(text)
        else:
            self._once(f"[WARNING]: {text}", "warn", error=True)

    def run_failed(self, event: RunFailed) -> None:
        """A fault that belongs to no host."""
        text = block((Cause(event.message, event.origin, event.hint),))
        self._once(f"[ERROR]: {text}", "error", error=True)

    def _deprecation(self, text: str) -> None:
        if self._options.deprecation_warnings:
            self._once(f"[WARNING]: {_HOW_TO_DISABLE}", "warn", error=True)
            self._once(f"[DEPRECATION WARNING]: {text}", "deprecate", error=True)

    def _once(self, text: str, role: str, *, error: bool) -> None:
        if text not in self._seen:
            self._seen.add(text)
            self._screen.write(text, role, error=error)


def _of_reaching(outcome: Outcome) -> tuple[Cause, ...]:
    """A host that is out of reach is one cause, in the words of its result, unless the fault stands in a file."""
    out_of_reach = outcome.status in (Status.UNREACHABLE, Status.LOST) and not outcome.looped
    if not out_of_reach or len(outcome.causes) != 1 or outcome.causes[0].origin is not None:
        return ()
    return (Cause(str(outcome.result.get("msg", "")), outcome.task.origin, outcome.causes[0].hint),)


def _texts(entries: Any) -> Iterable[str]:
    if isinstance(entries, str):
        return [entries]
    return [_text(entry) for entry in entries or ()]


def _text(entry: Any) -> str:
    """A message as Ansible shows it; one of many lines is followed by an empty line."""
    text = str(entry.get("msg", "") if isinstance(entry, Mapping) else entry).strip()
    if isinstance(entry, Mapping) and isinstance(entry.get("deprecator"), Mapping):
        sentence = text if text.endswith(("!", "?")) else f"{text.rstrip('.')}."
        text = f"{sentence} This feature will be removed from {_removal(entry, entry['deprecator'])}."
    return f"{text}\n\n" if "\n" in text else text


def _removal(entry: Mapping[str, Any], owner: Mapping[str, Any]) -> str:
    """What something deprecated is removed from, and when."""
    name = str(owner.get("resolved_name"))
    whose = "ansible-core" if name == "ansible.builtin" else f"collection '{name}'"
    if owner.get("type"):
        collection, _, short = name.rpartition(".")
        whose = f"{owner['type']} '{short}' in collection '{collection}'"
    if entry.get("date"):
        return f"{whose} in a release after {entry['date']}"
    return f"{whose} version {entry['version']}" if entry.get("version") else f"{whose} in a future release"

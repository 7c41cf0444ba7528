"""What the ``ansible`` command prints for ad hoc runs, in its many-line and its one-line form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from orchestra.model.event import Interrupted, Noted, RunFailed, RunFinished, TaskFinished, Warned
from orchestra.model.outcome import Outcome, Status
from orchestra.reporting.difftext import diff_pieces
from orchestra.reporting.dispatch import Dispatcher
from orchestra.reporting.messages import Messages
from orchestra.reporting.options import OutputOptions
from orchestra.reporting.results import abridged, dump, dump_json, is_censored, is_debug, short_action, shown_result
from orchestra.reporting.screen import Screen

#: Modules whose output is text for people.
_TEXTUAL = frozenset({"command", "shell", "raw", "script", "win_command", "win_shell"})
_STATES = {
    Status.OK: ("SUCCESS", "ok"),
    Status.CHANGED: ("CHANGED", "changed"),
    Status.FAILED: ("FAILED", "error"),
    Status.SKIPPED: ("SKIPPED", "skip"),
    Status.UNREACHABLE: ("UNREACHABLE!", "unreachable"),
    Status.LOST: ("UNREACHABLE!", "unreachable"),
}


def _as_it_is(value: object) -> object:
    return value


class MinimalSink(Dispatcher):
    """``web01 | CHANGED | rc=0 >>`` and what the program printed, or the result as JSON."""

    def __init__(self, screen: Screen, options: OutputOptions, mask: Callable[[object], object]) -> None:
        self._screen = screen
        self._options = options
        self._mask = mask
        self._messages = Messages(screen, options)

    def on_task_finished(self, event: TaskFinished) -> None:
        """A host is through."""
        outcome = event.outcome
        if outcome.diff and not is_censored(outcome):
            self._screen.write_pieces(diff_pieces(outcome.diff, self._options))
        self._messages.of_outcome(outcome)
        word, role = _STATES[outcome.status]
        if outcome.status is Status.SKIPPED:
            self._screen.write(f"{outcome.host} | {word}", role)
        elif _is_textual(outcome):
            self._screen.write(_program(outcome, word), role)
        else:
            mark = "!" if outcome.status is Status.FAILED else ""
            raw = is_debug(outcome) and not is_censored(outcome)  # scripts rely on what debug prints
            text = dump(outcome, self._options, _as_it_is if raw else self._mask, indent=4)
            self._screen.write(f"{outcome.host} | {word}{mark} => {text}", role, raw=raw)

    def on_warned(self, event: Warned) -> None:
        """A warning, once."""
        self._messages.warned(event)

    def on_noted(self, event: Noted) -> None:
        """A line of the verbosity that the user asked for."""
        if self._options.verbosity >= event.verbosity:
            self._screen.write(f"<{event.host}> {event.message}" if event.host else event.message, "verbose")

    def on_run_failed(self, event: RunFailed) -> None:
        """A fault that belongs to no host."""
        self._messages.run_failed(event)

    def on_interrupted(self, event: Interrupted) -> None:
        """The user stopped the run."""
        self._screen.write("[ERROR]: User interrupted execution", "error", error=True)

    def on_run_finished(self, event: RunFinished) -> None:
        """The end."""
        self._screen.flush()


class OneLineSink(MinimalSink):
    """The same on one line for each host."""

    def on_task_finished(self, event: TaskFinished) -> None:
        """A host is through."""
        outcome = event.outcome
        word, role = _STATES[outcome.status]
        if outcome.status in (Status.UNREACHABLE, Status.LOST):
            text = f"{outcome.host} | {word}: {outcome.result.get('msg', '')}"
        elif outcome.status is Status.SKIPPED:
            text = f"{outcome.host} | {word}"
        elif _is_textual(outcome):
            text = _program_line(outcome, word)
        else:
            mark = "!" if outcome.status is Status.FAILED else ""
            result = self._mask(abridged(shown_result(outcome), self._options.verbosity))
            text = f"{outcome.host} | {word}{mark} => {dump_json(result)}"
        self._screen.write(text, role)


def _is_textual(outcome: Outcome) -> bool:
    if outcome.status in (Status.UNREACHABLE, Status.LOST) or is_censored(outcome):
        return False
    result = outcome.result
    return short_action(outcome.task.action) in _TEXTUAL and "ansible_job_id" not in result


def _program(outcome: Outcome, word: str) -> str:
    result = outcome.result
    printed = "".join(str(result.get(name) or "") for name in ("stdout", "stderr", "msg"))
    return f"{outcome.host} | {word} | rc={_status(result)} >>\n{printed}\n"


def _program_line(outcome: Outcome, word: str) -> str:
    result = outcome.result
    text = f"{outcome.host} | {word} | rc={_status(result)} | (stdout) {_flat(result, 'stdout')}"
    if result.get("stderr"):
        return f"{text} (stderr) {_flat(result, 'stderr')}"
    silent = outcome.status is Status.FAILED and not result.get("stdout")
    return f"{text} (msg) {_flat(result, 'msg')}" if silent else text


def _status(result: Mapping[str, Any]) -> Any:
    """The program's exit status; -1 where it has none, for it did not begin or was stopped."""
    return -1 if result.get("rc") is None else result["rc"]


def _flat(result: Mapping[str, Any], name: str) -> str:
    return str(result.get(name) or "").replace("\r", "\\r").replace("\n", "\\n")

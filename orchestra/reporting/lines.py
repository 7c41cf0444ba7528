"""``--output lines``: one stable line for each event, for pipes, logs and CI. No cursor codes, no folding of results.

A line is ``word: host | task | ...``; text of many lines has its line ends written as ``\\n``.
"""

from __future__ import annotations

from collections.abc import Callable

from orchestra.model.event import (
    AsyncPolled,
    Included,
    Interrupted,
    ItemFinished,
    MetaRan,
    NoHosts,
    Noted,
    PlaybookStarted,
    PlayStarted,
    Retrying,
    RunFailed,
    RunFinished,
    RunStarted,
    TaskFinished,
    TaskStarted,
    Warned,
)
from orchestra.model.outcome import Outcome, Status
from orchestra.reporting.dispatch import Dispatcher
from orchestra.reporting.failures import cause, deepest_origin, hints_of, place
from orchestra.reporting.options import OutputOptions
from orchestra.reporting.recap import host_role, recap_line
from orchestra.reporting.results import (
    CENSORED_ITEM,
    dump,
    host_label,
    is_censored,
    is_debug,
    is_verbose,
    item_label,
    message_of,
    printed_text,
    warnings_of,
)
from orchestra.reporting.screen import Screen

ROLES = {
    Status.OK: "ok",
    Status.CHANGED: "changed",
    Status.FAILED: "error",
    Status.SKIPPED: "skip",
    Status.UNREACHABLE: "unreachable",
    Status.LOST: "unreachable",
}


class LinesSink(Dispatcher):
    """Writes plays line by line. ``base`` is the folder that paths are shown from; ``mask`` hides secrets in data."""

    def __init__(
        self, screen: Screen, options: OutputOptions, mask: Callable[[object], object], base: str = ""
    ) -> None:
        self._screen = screen
        self._options = options
        self._mask = mask
        self._base = base
        self._adhoc = False

    def on_run_started(self, event: RunStarted) -> None:
        """Remember what kind of run it is."""
        self._adhoc = event.kind == "adhoc"

    def on_playbook_started(self, event: PlaybookStarted) -> None:
        """Name the file."""
        if event.path:
            self._say("playbook", event.path)

    def on_play_started(self, event: PlayStarted) -> None:
        """Name the play, its place and how many hosts it has."""
        if self._adhoc:
            return
        hosts = f"{len(event.hosts)} host{'' if len(event.hosts) == 1 else 's'}"
        self._say("play", event.name, hosts, place(event.origin, self._base), "check" if event.check else "")

    def on_no_hosts(self, event: NoHosts) -> None:
        """Nobody matched, or nobody is left."""
        self._say("no hosts", "no host is left" if event.remaining else f"nothing matches {event.pattern}", role="skip")

    def on_task_started(self, event: TaskStarted) -> None:
        """Name the task and its place."""
        if not self._adhoc:
            self._say(
                "handler" if event.task.handler else "task", event.task.name, place(event.task.origin, self._base)
            )

    def on_item_finished(self, event: ItemFinished) -> None:
        """One item's verdict."""
        self._outcome(event.outcome, f"item={item_label(event.outcome)}")

    def on_task_finished(self, event: TaskFinished) -> None:
        """One host's verdict."""
        self._outcome(event.outcome)

    def _outcome(self, outcome: Outcome, *more: str) -> None:
        if self._is_hidden(outcome):
            return
        parts = [host_label(outcome), outcome.task.name, *more]
        if outcome.status in (Status.FAILED, Status.UNREACHABLE, Status.LOST):
            parts += [place(deepest_origin(outcome), self._base), cause(outcome)]
            parts += [f"hint: {hint}" for hint in hints_of(outcome)]
        elif is_debug(outcome) and outcome.status is Status.OK and not outcome.looped and not is_censored(outcome):
            parts.append(message_of(outcome, self._mask))
        if self._is_shown(outcome):
            parts.append(dump(outcome, self._options, self._mask))
        if outcome.ignored:
            parts.append("ignored")
        self._warnings(outcome)
        self._diff(outcome)
        self._printed(outcome)
        self._say(outcome.status.value, *parts, role=ROLES[outcome.status])

    def _warnings(self, outcome: Outcome) -> None:
        for text in warnings_of(outcome):
            self._say("warning", outcome.host, text, role="warn", error=True)

    def _printed(self, outcome: Outcome) -> None:
        """What an ad hoc command printed is what it was run for."""
        if self._adhoc:
            for line in printed_text(outcome).splitlines():
                self._screen.write(f"out: {outcome.host} | {line}")

    def _is_shown(self, outcome: Outcome) -> bool:
        """Whether the whole result is: where it is asked for, and where it is all that an ad hoc module has to say."""
        if is_debug(outcome):
            return False
        if self._options.verbosity:
            return is_verbose(outcome, self._options)
        said = outcome.status in (Status.OK, Status.CHANGED) and not outcome.looped and not printed_text(outcome)
        return self._adhoc and said and "rc" not in outcome.result

    def _is_hidden(self, outcome: Outcome) -> bool:
        if outcome.status is Status.SKIPPED:
            return not self._options.show_skipped
        return outcome.status is Status.OK and not self._options.show_ok

    def _diff(self, outcome: Outcome) -> None:
        if outcome.diff and not is_censored(outcome):
            from orchestra.reporting.difftext import diff_pieces

            text = "".join(piece for piece, _ in diff_pieces(outcome.diff, self._options))
            for line in text.rstrip("\n").split("\n"):
                self._screen.write(f"diff: {outcome.host} | {line}")

    def on_included(self, event: Included) -> None:
        """A file was brought in."""
        label = CENSORED_ITEM if event.task.no_log else event.label
        item = f"item={label}" if event.label is not None else ""
        self._say("included", event.file, item, f"for {', '.join(event.hosts)}", role="included")

    def on_retrying(self, event: Retrying) -> None:
        """An attempt was not good enough."""
        self._say("retrying", event.host, event.task.name, f"{event.left} retries left", role="debug")

    def on_async_polled(self, event: AsyncPolled) -> None:
        """A background job goes on."""
        self._say("running", event.host, event.task.name, f"job {event.job}", role="debug")

    def on_meta_ran(self, event: MetaRan) -> None:
        """A meta task did something."""
        self._say("meta", event.host, event.text)

    def on_warned(self, event: Warned) -> None:
        """A warning, to the error stream."""
        if event.deprecation and not self._options.deprecation_warnings:
            return
        word = "deprecated" if event.deprecation else "warning"
        text = f"{event.message} {event.hint}".strip()
        self._say(word, event.host, text, place(event.origin, self._base), role="warn", error=True)

    def on_noted(self, event: Noted) -> None:
        """A line of the verbosity that the user asked for."""
        if self._options.verbosity >= event.verbosity:
            self._say("note", event.host, event.message, role="verbose")

    def on_run_failed(self, event: RunFailed) -> None:
        """A fault that belongs to no host, to the error stream."""
        hint = f"hint: {event.hint}" if event.hint else ""
        self._say("error", event.message, place(event.origin, self._base), hint, role="error", error=True)

    def on_interrupted(self, event: Interrupted) -> None:
        """The user stopped the run."""
        self._say("interrupted", "by the user", role="error", error=True)
        for host, task in event.in_flight:
            self._say("in flight", host, task, role="error", error=True)

    def on_run_finished(self, event: RunFinished) -> None:
        """A recap line for each host."""
        for host in sorted(event.totals):
            totals = event.totals[host]
            self._screen.write(recap_line(host, totals), host_role(totals))
        self._screen.flush()

    def _say(self, word: str, *parts: str, role: str = "", error: bool = False) -> None:
        text = " | ".join(part.replace("\r\n", "\n").replace("\n", "\\n") for part in parts if part)
        self._screen.write(f"{word}: {text}", role, error=error)

"""The output that scripts know: what ansible-playbook 2.19 prints, byte for byte.

It knows events and the screen; the rules of what a result shows are in ``results``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from orchestra.model.event import (
    AsyncPolled,
    BatchStarted,
    HandlersNotified,
    HostStarted,
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
from orchestra.model.origin import Origin
from orchestra.model.outcome import Outcome, Status, TaskInfo
from orchestra.reporting.difftext import diff_pieces
from orchestra.reporting.dispatch import Dispatcher
from orchestra.reporting.messages import Messages
from orchestra.reporting.options import OutputOptions
from orchestra.reporting.recap import padded_recap, show_custom_stats
from orchestra.reporting.results import (
    CENSORED_ITEM,
    dump,
    host_label,
    is_censored,
    is_debug,
    is_verbose,
    item_label,
    short_action,
)
from orchestra.reporting.screen import Screen

_INCLUDES = frozenset({"include_tasks", "include_role", "include"})
#: Strategies whose tasks get their banner with the first result, since hosts do not march in step.
_UNSTEADY = frozenset({"free", "host_pinned"})
_WORDS = {Status.OK: ("ok", "ok"), Status.CHANGED: ("changed", "changed")}


class AnsibleSink(Dispatcher):
    """Prints plays as ansible-playbook does. ``mask`` hides known secrets in data.

    What ``debug`` prints is shown as it is, since scripts rely on it, unless ``keep_secrets`` says otherwise.
    """

    def __init__(
        self, screen: Screen, options: OutputOptions, mask: Callable[[object], object], *, keep_secrets: bool = False
    ) -> None:
        self._screen = screen
        self._options = options
        self._mask = mask
        self._keep_secrets = keep_secrets
        self._messages = Messages(screen, options)
        self._check_run = False
        self._broken_off = False
        self._play = PlayStarted("", Origin(""), ())
        self._batches = 0
        self._banner_of: int | None = None

    # What begins

    def on_run_started(self, event: RunStarted) -> None:
        """Remember whether this is a dry run."""
        self._check_run = event.check

    def on_playbook_started(self, event: PlaybookStarted) -> None:
        """A banner for the file at -vv, one for a dry run where wanted."""
        if self._options.verbosity > 1:
            self._screen.banner(f"PLAYBOOK: {os.path.basename(event.path)}")
            self._screen.write(f"{event.plays} plays in {event.path}\n")
        if self._check_run and self._options.check_mode_markers:
            self._screen.banner("DRY RUN")

    def on_play_started(self, event: PlayStarted) -> None:
        """The play's banner."""
        self._play = event
        self._batches = 0
        self._play_banner()

    def on_batch_started(self, event: BatchStarted) -> None:
        """Every batch after the first repeats the play's banner."""
        self._batches += 1
        if self._batches > 1:
            self._play_banner()

    def _play_banner(self) -> None:
        name = self._play.name.strip()
        self._screen.banner((f"PLAY [{name}]" if name else "PLAY") + self._check_mark(self._play))

    def on_no_hosts(self, event: NoHosts) -> None:
        """Nobody matched, or nobody is left."""
        if event.remaining:
            for _ in range(event.times):
                self._screen.banner("NO MORE HOSTS LEFT")
        else:
            self._screen.write("skipping: no hosts matched", "skip")

    def on_task_started(self, event: TaskStarted) -> None:
        """The task's banner, unless it waits for a result that is worth showing."""
        steady = short_action(self._play.strategy) not in _UNSTEADY
        if steady and self._options.show_ok and self._options.show_skipped:
            self._task_banner(event.task)

    def on_host_started(self, event: HostStarted) -> None:
        """A line for each host where wanted."""
        if self._options.show_per_host_start:
            self._screen.write(f" [started TASK: {event.task.name} on {event.host}]", "ok")

    def _task_banner(self, task: TaskInfo) -> None:
        self._banner_of = task.id
        kind = "RUNNING HANDLER" if task.handler else "TASK"
        self._screen.banner(f"{kind} [{task.name.strip()}]{self._check_mark(task)}")
        if self._options.verbosity >= 2:
            self._task_path(task)

    def _task_path(self, task: TaskInfo) -> None:
        self._screen.write(f"task path: {task.origin.file}:{task.origin.line}", "debug")

    def _need_banner(self, task: TaskInfo) -> None:
        if self._banner_of != task.id:
            self._task_banner(task)

    def _check_mark(self, what: PlayStarted | TaskInfo) -> str:
        return " [CHECK MODE]" if what.check and self._options.check_mode_markers else ""

    # What ends

    def on_task_finished(self, event: TaskFinished) -> None:
        """A host is through with a task."""
        outcome = event.outcome
        end = background_end(outcome)
        if end:
            self._screen.write(end, "debug")
        if outcome.status is Status.FAILED:
            self._failed(outcome)
        elif outcome.status is Status.SKIPPED:
            self._skipped(outcome)
        elif outcome.status in _WORDS:
            self._good(outcome)
        else:
            self._unreachable(outcome)

    def on_item_finished(self, event: ItemFinished) -> None:
        """A host is through with an item of a loop."""
        outcome = event.outcome
        if outcome.status is Status.SKIPPED:
            self._skipped(outcome)
        elif outcome.status in _WORDS:
            self._good(outcome)
        else:
            self._item_failed(outcome)

    def _good(self, outcome: Outcome) -> None:
        self._diff(outcome)
        if short_action(outcome.task.action) in _INCLUDES:
            if outcome.label is None:
                self._need_banner(outcome.task)
            return
        if outcome.status is Status.OK and not self._options.show_ok:
            return
        self._need_banner(outcome.task)
        self._messages.of_outcome(outcome)
        if not outcome.looped:
            word, role = _WORDS[outcome.status]
            item = "" if outcome.label is None else f" => (item={item_label(outcome)})"
            self._line(f"{word}: [{host_label(outcome)}]{item}", outcome, role)

    def _skipped(self, outcome: Outcome) -> None:
        if self._options.show_skipped:
            self._need_banner(outcome.task)
            self._messages.of_outcome(outcome)
            item = "" if outcome.label is None else f" => (item={item_label(outcome)}) "
            self._line(f"skipping: [{outcome.host}]{item}", outcome, "skip")

    def _failed(self, outcome: Outcome) -> None:
        self._need_banner(outcome.task)
        self._messages.of_outcome(outcome)
        if not outcome.looped or short_action(outcome.task.action) == "debug":  # any other loop's items have said it
            self._fatal(outcome)
        self._ignoring(outcome)

    def _fatal(self, outcome: Outcome) -> None:
        start = f"fatal: [{host_label(outcome)}]: FAILED! => "
        if self._options.verbosity < 2 and self._options.show_task_path_on_failure:
            self._task_path(outcome.task)
        shown = replace(outcome, result={"msg": outcome.result.get("msg")}) if outcome.looped else outcome
        self._bad_line(start, shown, "error")

    def _item_failed(self, outcome: Outcome) -> None:
        self._need_banner(outcome.task)
        self._messages.of_outcome(outcome)
        self._bad_line(f"failed: [{host_label(outcome)}] (item={item_label(outcome)}) => ", outcome, "error")

    def _unreachable(self, outcome: Outcome) -> None:
        self._need_banner(outcome.task)
        self._messages.of_outcome(outcome)
        self._bad_line(f"fatal: [{host_label(outcome)}]: UNREACHABLE! => ", outcome, "unreachable")
        self._ignoring(outcome)

    def _ignoring(self, outcome: Outcome) -> None:
        if outcome.ignored:
            self._screen.write("...ignoring", "skip")

    def _line(self, text: str, outcome: Outcome, role: str) -> None:
        if is_verbose(outcome, self._options):
            text += f" => {self._dump(outcome)}"
        self._screen.write(text, role, raw=self._raw(outcome))

    def _bad_line(self, text: str, outcome: Outcome, role: str) -> None:
        self._screen.write(text + self._dump(outcome), role, error=self._options.failed_stderr)

    def _dump(self, outcome: Outcome) -> str:
        return dump(outcome, self._options, _as_is if self._raw(outcome) else self._mask)

    def _raw(self, outcome: Outcome) -> bool:
        """``no_log`` hides a secret even in ``debug``."""
        return is_debug(outcome) and not is_censored(outcome) and not self._keep_secrets

    def _diff(self, outcome: Outcome) -> None:
        if not outcome.diff or outcome.status is not Status.CHANGED or is_censored(outcome):
            return
        pieces = diff_pieces(outcome.diff, self._options)
        if pieces:
            self._need_banner(outcome.task)
            self._screen.write_pieces(pieces)

    # What happens in between

    def on_included(self, event: Included) -> None:
        """A file was brought in."""
        self._need_banner(event.task)
        text = f"included: {event.file} for {', '.join(event.hosts)}"
        if event.label is not None:
            text += f" => (item={CENSORED_ITEM if event.task.no_log else event.label})"
        self._screen.write(text, "included")

    def on_retrying(self, event: Retrying) -> None:
        """An attempt was not good enough."""
        outcome = Outcome(event.host, event.task, Status.OK, event.result, label=event.label)
        text = f"FAILED - RETRYING: [{host_label(outcome)}]: {event.task.name.strip()} ({event.left} retries left)."
        if is_verbose(outcome, self._options, above=2):
            text += f"Result was: {self._dump(outcome)}"
        self._screen.write(text, "debug")

    def on_async_polled(self, event: AsyncPolled) -> None:
        """A background job was looked at."""
        state = f"started={bool(event.started)} finished={bool(event.finished)}"
        self._screen.write(f"ASYNC POLL on {event.host}: jid={event.job} {state}", "debug")

    def on_handlers_notified(self, event: HandlersNotified) -> None:
        """Said at -vv."""
        if self._options.verbosity > 1:
            for handler in event.handlers:
                self._screen.write(f"NOTIFIED HANDLER {handler} for {event.host}", "verbose")

    def on_meta_ran(self, event: MetaRan) -> None:
        """Said at -vv."""
        if self._options.verbosity > 1:
            self._screen.write(f"META: {event.text}", "verbose")

    def on_noted(self, event: Noted) -> None:
        """A line of the verbosity that the user asked for."""
        if max(self._options.verbosity, self._options.notes) >= event.verbosity:
            self._screen.write(f"<{event.host}> {event.message}" if event.host else event.message, "verbose")

    def on_warned(self, event: Warned) -> None:
        """A warning, once."""
        self._messages.warned(event)

    def on_run_failed(self, event: RunFailed) -> None:
        """A fault that belongs to no host."""
        self._messages.run_failed(event)
        self._broken_off = True

    def on_interrupted(self, event: Interrupted) -> None:
        """The user stopped the run."""
        self._screen.write("[ERROR]: User interrupted execution", "error", error=True)
        for host, task in event.in_flight:
            self._screen.write(f"in flight: [{host}]: {task}", "error", error=True)

    def on_run_finished(self, event: RunFinished) -> None:
        """The recap; none where a fault ended the run that is no host's."""
        if not self._broken_off:
            _recap(event, self._screen)
            if event.custom_stats and self._options.show_custom_stats:
                show_custom_stats(event.custom_stats, self._screen, self._options, self._mask)
            if self._check_run and self._options.check_mode_markers:
                self._screen.banner("DRY RUN")
        self._screen.flush()


def _recap(event: RunFinished, screen: Screen) -> None:
    screen.banner("PLAY RECAP")
    for host in sorted(event.totals):
        screen.write_pieces(padded_recap(host, event.totals[host]))
    screen.write("")


def background_end(outcome: Outcome) -> str:
    """What is said of a background job that was waited for; "" for anything else."""
    if short_action(outcome.task.action) == "async_status":
        return ""
    result = outcome.result
    job = result.get("ansible_job_id") or _mapping(result.get("async_result")).get("ansible_job_id")
    if job and outcome.status is Status.FAILED:
        return f"ASYNC FAILED on {outcome.host}: jid={job}"
    return f"ASYNC OK on {outcome.host}: jid={job}" if job and result.get("finished") else ""


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _as_is(value: object) -> object:
    return value

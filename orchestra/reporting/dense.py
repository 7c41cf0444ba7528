"""``--output dense``: a line for each task, equal differences once; what the live view leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from orchestra.model.event import (
    HostStarted,
    Interrupted,
    ItemFinished,
    NoHosts,
    Noted,
    PlayStarted,
    RunFailed,
    RunFinished,
    RunStarted,
    TaskFinished,
    TaskStarted,
    Warned,
)
from orchestra.model.outcome import Outcome, Status, TaskInfo
from orchestra.reporting.dispatch import Dispatcher
from orchestra.reporting.ending import ending
from orchestra.reporting.failures import fault_lines, place
from orchestra.reporting.options import OutputOptions
from orchestra.reporting.recap import host_role, recap_line
from orchestra.reporting.results import dump, host_label, is_verbose, item_label, warnings_of
from orchestra.reporting.screen import Look, Piece
from orchestra.reporting.tally import Recorder, Tally
from orchestra.reporting.taskview import task_lines

#: Writes one line; the live view puts it above its moving part.
WriteLine = Callable[[Sequence[Piece]], None]


class DenseSink(Dispatcher):
    """Writes each task once it is over on all hosts.

    ``clock`` counts seconds; ``command`` is what the user typed; ``base`` the folder that paths are shown from;
    ``complain`` writes what ends the whole run (default: as all else).
    """

    def __init__(
        self,
        write: WriteLine,
        look: Look,
        options: OutputOptions,
        mask: Callable[[object], object],
        clock: Callable[[], float],
        *,
        command: Sequence[str] = (),
        base: str = "",
        complain: WriteLine | None = None,
    ) -> None:
        self._write = write
        self._complain = complain or write
        self._look = look
        self._options = options
        self._mask = mask
        self._clock = clock
        self._command = command
        self._base = base
        self._recorder = Recorder(options, mask)
        self._seen_warnings: set[str] = set()
        #: Tasks under way by id; several at once under strategy free.
        self.tallies: dict[int, Tally] = {}
        self.play: PlayStarted | None = None

    def on_run_started(self, event: RunStarted) -> None:
        """Ad hoc runs show what programs print."""
        self._recorder.show_output = event.kind == "adhoc"

    def on_play_started(self, event: PlayStarted) -> None:
        """The play's head."""
        self._flush()
        self.play = event
        count = len(event.hosts)
        hosts = f"{count} host{'' if count == 1 else 's'}"
        between = " · " if self._look.unicode else " - "
        dry = f"{between}check mode" if event.check else ""
        where = place(event.origin, self._base)
        self._write([(f"PLAY {event.name}", "highlight"), (f"{between}{hosts}{dry}", ""), (f"  {where}", "debug")])

    def on_no_hosts(self, event: NoHosts) -> None:
        """Nobody matched, or nobody is left."""
        self._flush()
        text = "no host is left" if event.remaining else f"no host matches {event.pattern}"
        self._write([(f"   {text}", "skip")])

    def on_task_started(self, event: TaskStarted) -> None:
        """Another task; under strategy linear the one before is over."""
        if event.task.id in self.tallies:
            return
        if self.play is None or self.play.strategy.rpartition(".")[2] not in ("free", "host_pinned"):
            self._flush()
        self._tally(event.task).expected = event.hosts

    def on_host_started(self, event: HostStarted) -> None:
        """A host begins."""
        self._tally(event.task).running[event.host] = self._clock()

    def on_item_finished(self, event: ItemFinished) -> None:
        """An item's difference or message."""
        self._recorder.item(self._tally(event.outcome.task), event.outcome)
        self._details(event.outcome, f" (item={item_label(event.outcome)})")

    def on_task_finished(self, event: TaskFinished) -> None:
        """A host is through."""
        self._recorder.finished(self._tally(event.outcome.task), event.outcome, self._clock())
        if not event.outcome.looped:
            self._details(event.outcome, "")

    def _details(self, outcome: Outcome, item: str) -> None:
        for text in warnings_of(outcome):
            self._warn(text)
        if self._options.verbosity and outcome.status is not Status.FAILED and is_verbose(outcome, self._options):
            text = dump(outcome, self._options, self._mask)
            self._write([(f"     {outcome.status.value}: {host_label(outcome)}{item} {text}", "debug")])

    def on_warned(self, event: Warned) -> None:
        """A warning, once."""
        if not event.deprecation or self._options.deprecation_warnings:
            where = place(event.origin, self._base)
            self._warn(f"{event.message} {event.hint}".strip() + (f" ({where})" if where else ""))

    def _warn(self, text: str) -> None:
        if text not in self._seen_warnings:
            self._seen_warnings.add(text)
            for line in f"warning: {text}".splitlines():
                self._write([(f"   {line}", "warn")])

    def on_noted(self, event: Noted) -> None:
        """A line of the verbosity that the user asked for."""
        if self._options.verbosity >= event.verbosity:
            self._write([(f"   {event.host + ': ' if event.host else ''}{event.message}", "verbose")])

    def on_run_failed(self, event: RunFailed) -> None:
        """A fault that belongs to no host."""
        self._flush()
        for line in fault_lines(event, self._base):
            self._complain([(line, "error")])

    def on_interrupted(self, event: Interrupted) -> None:
        """The user stopped the run."""
        self._flush()
        self._write([("INTERRUPTED", "error")])
        for host, task in event.in_flight:
            self._write([(f"  in flight: {host}  {task}", "error")])

    def on_run_finished(self, event: RunFinished) -> None:
        """The report and the sum."""
        self._flush()
        if self._options.verbosity:
            for host in sorted(event.totals):
                self._write([(recap_line(host, event.totals[host]), host_role(event.totals[host]))])
        for line in ending(event, self._look, self._command, self._base):
            self._write(line)

    def _tally(self, task: TaskInfo) -> Tally:
        if task.id not in self.tallies:
            self.tallies[task.id] = Tally(task, self._clock())
        return self.tallies[task.id]

    def _flush(self) -> None:
        """Write the tasks that are over."""
        for tally in self.tallies.values():
            if tally.done and not self._is_dull(tally):
                for line in task_lines(tally, width=self._look.width, unicode=self._look.unicode):
                    self._write(line)
        self.tallies.clear()

    def _is_dull(self, tally: Tally) -> bool:
        """Skipped everywhere, or just fine, and the user does not want to see that."""
        if set(tally.counts) <= {Status.SKIPPED}:
            return not self._options.show_skipped
        return not self._options.show_ok and set(tally.counts) <= {Status.OK, Status.SKIPPED}

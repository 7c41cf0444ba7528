"""What became of one task on all hosts so far: counts, equal differences and messages, who is still at it.

Kept by sinks that show tasks rather than single results; it prints nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice

from orchestra.model.outcome import Outcome, Status, TaskInfo
from orchestra.reporting.difftext import diff_pieces
from orchestra.reporting.failures import cause
from orchestra.reporting.options import OutputOptions
from orchestra.reporting.results import dump_json, host_label, is_censored, is_debug, message_of, printed_text
from orchestra.reporting.screen import Piece

_BAD = (Status.FAILED, Status.UNREACHABLE, Status.LOST)


@dataclass(slots=True)
class Tally:
    """One task's sums. Times are seconds of the sink's clock."""

    task: TaskInfo
    begun: float
    #: How many hosts the task will run on; 0 when that is not known.
    expected: int = 0
    ended: float = 0.0
    counts: Counter[Status] = field(default_factory=Counter)
    ignored: int = 0
    #: Host -> when it began.
    running: dict[str, float] = field(default_factory=dict)
    #: Equal differences -> the hosts that have them.
    diffs: dict[tuple[Piece, ...], list[str]] = field(default_factory=dict)
    #: Equal messages (debug, programs' output of ad hoc runs) -> hosts.
    messages: dict[str, list[str]] = field(default_factory=dict)
    #: Equal failures -> hosts.
    failures: dict[tuple[Status, bool, str], list[str]] = field(default_factory=dict)

    @property
    def done(self) -> int:
        """Hosts that are through."""
        return self.counts.total()

    def slowest(self, count: int) -> tuple[tuple[str, float], ...]:
        """The hosts that have been at it longest, with the time they began; hosts begin in the order of ``running``."""
        return tuple(islice(self.running.items(), count))


class Recorder:
    """Adds events to tallies. ``mask`` hides secrets in data; ``show_output`` keeps what programs print (ad hoc)."""

    def __init__(self, options: OutputOptions, mask: Callable[[object], object]) -> None:
        self._options = options
        self._mask = mask
        self.show_output = False

    def finished(self, tally: Tally, outcome: Outcome, now: float) -> None:
        """A host is through with the task."""
        tally.running.pop(outcome.host, None)
        tally.ended = now
        tally.counts[outcome.status] += 1
        tally.ignored += outcome.ignored and outcome.status is Status.FAILED
        if outcome.status in _BAD:
            key = (outcome.status, outcome.ignored, cause(outcome))
            tally.failures.setdefault(key, []).append(host_label(outcome))
        if not outcome.looped:
            self.item(tally, outcome)

    def item(self, tally: Tally, outcome: Outcome) -> None:
        """An item (or a task without a loop) brought a difference or a message."""
        if is_censored(outcome):
            return
        if outcome.diff:
            pieces = tuple(diff_pieces(outcome.diff, self._options))
            if pieces:
                tally.diffs.setdefault(pieces, []).append(outcome.host)
        text = self._message(outcome)
        if text:
            hosts = tally.messages.setdefault(text, [])
            if outcome.host not in hosts:
                hosts.append(outcome.host)

    def _message(self, outcome: Outcome) -> str:
        if is_debug(outcome) and outcome.status in (Status.OK, Status.CHANGED):
            return message_of(outcome, self._mask)
        if not self.show_output or outcome.status not in (Status.OK, Status.CHANGED):
            return ""
        if "stdout" in outcome.result or "rc" in outcome.result:
            return printed_text(outcome)
        shown = {key: value for key, value in outcome.result.items() if key not in ("invocation", "changed")}
        return dump_json(self._mask(shown), 2) if shown else ""

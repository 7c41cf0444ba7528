"""A finished task in a few lines: what became of it, equal differences and messages folded to their hosts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from orchestra.model.outcome import HostTotals, Status
from orchestra.reporting.fold import fold
from orchestra.reporting.screen import Piece, display_width
from orchestra.reporting.tally import Tally

#: Lines of one difference that are shown.
MAX_DIFF_LINES = 24
_MAX_MESSAGE_LINES = 40
_MAX_HOSTS = 8
_SYMBOLS = {"ok": ("✔", "+"), "changed": ("~", "~"), "error": ("✗", "x"), "skip": ("·", "-")}
_COUNTED: tuple[tuple[Status, str, str], ...] = (
    (Status.OK, "ok", "ok"),
    (Status.CHANGED, "changed", "changed"),
    (Status.SKIPPED, "skipped", "skip"),
    (Status.FAILED, "failed", "error"),
    (Status.UNREACHABLE, "unreachable", "unreachable"),
    (Status.LOST, "lost", "unreachable"),
)


def symbol(role: str, unicode: bool) -> str:
    """The mark of a state; words always stand beside it."""
    return _SYMBOLS[role][0 if unicode else 1]


def task_lines(tally: Tally, *, width: int, unicode: bool) -> Iterator[list[Piece]]:
    """The lines of one task."""
    yield _head(tally, width, unicode)
    for message, hosts in tally.messages.items():
        yield from _message_lines(message, hosts)
    for diff, hosts in tally.diffs.items():
        yield from _diff_lines(diff, hosts)
    for (status, ignored, cause), hosts in tally.failures.items():
        word = f"{status.value}, ignored" if ignored else status.value
        yield from _failure_lines(word, cause, hosts, unicode)


def _head(tally: Tally, width: int, unicode: bool) -> list[Piece]:
    role = _role(tally)
    name = ("handler " if tally.task.handler else "") + tally.task.name
    room = max(20, width - 44)
    name = _cut(name, room)
    pieces: list[Piece] = [(f" {symbol(role, unicode)} ", role), (name + " " * (room - display_width(name)) + "  ", "")]
    pieces += counts(tally.counts, tally.ignored, unicode)
    if tally.ended > tally.begun:
        pieces.append((f"  {seconds(tally.ended - tally.begun)}", "debug"))
    return pieces


def counts(numbers: Mapping[Status, int], ignored: int, unicode: bool) -> list[Piece]:
    """``412 ok · 9 changed``."""
    numbers = {**numbers, Status.FAILED: numbers.get(Status.FAILED, 0) - ignored}
    found = [(f"{numbers[status]} {word}", role) for status, word, role in _COUNTED if numbers.get(status, 0) > 0]
    if ignored:
        found.append((f"{ignored} failed, ignored", "warn"))
    between: Piece = (" · " if unicode else ", ", "")
    return [piece for pair in found for piece in (between, pair)][1:]


def _role(tally: Tally) -> str:
    if any(not ignored for _, ignored, _ in tally.failures):
        return "error"
    if tally.counts[Status.CHANGED]:
        return "changed"
    return "ok" if tally.counts[Status.OK] or tally.failures else "skip"


def _cut(text: str, room: int) -> str:
    if display_width(text) <= room:
        return text
    while display_width(text) > room - 3:
        text = text[:-1]
    return text + "..."


def _message_lines(message: str, hosts: Sequence[str]) -> Iterator[list[Piece]]:
    lines = message.rstrip("\n").split("\n")
    label = f"     {fold(hosts, _MAX_HOSTS)}: "
    if len(lines) == 1:
        yield [(label, "debug"), (lines[0], "")]
        return
    yield [(label, "debug")]
    for line in lines[:_MAX_MESSAGE_LINES]:
        yield [(f"       {line}", "")]
    if len(lines) > _MAX_MESSAGE_LINES:
        yield [(f"       ... {len(lines) - _MAX_MESSAGE_LINES} more lines", "debug")]


def _diff_lines(diff: Sequence[Piece], hosts: Sequence[str]) -> Iterator[list[Piece]]:
    many = f"{len(hosts)} hosts, same diff: " if len(hosts) > 1 else ""
    yield [(f"     {many}{fold(hosts, _MAX_HOSTS)}", "debug")]
    lines = [(line, role) for text, role in diff for line in text.splitlines() if line.strip()]
    for line, role in lines[:MAX_DIFF_LINES]:
        yield [(f"       {line}", role)]
    if len(lines) > MAX_DIFF_LINES:
        yield [(f"       ... {len(lines) - MAX_DIFF_LINES} more lines", "debug")]


def _failure_lines(word: str, cause: str, hosts: Sequence[str], unicode: bool) -> Iterator[list[Piece]]:
    first, *more = cause.split("\n")
    yield [(f"     {symbol('error', unicode)} {fold(hosts, _MAX_HOSTS)} {word}: {first}", "error")]
    for line in more:
        yield [(f"       {line}", "error")]


def seconds(elapsed: float) -> str:
    """``2.1s``, ``41s``, ``3m05s``."""
    if elapsed < 10:
        return f"{elapsed:.1f}s"
    if elapsed < 60:
        return f"{elapsed:.0f}s"
    minutes, rest = divmod(int(elapsed), 60)
    return f"{minutes}m{rest:02d}s" if minutes < 60 else f"{minutes // 60}h{minutes % 60:02d}m"


def summary_line(totals: Sequence[HostTotals], elapsed: float) -> list[Piece]:
    """``412 hosts  409 ok  15 changed  1 failed  2 unreachable  38s``: hosts by what became of them."""
    failed = sum(1 for one in totals if one.failed)
    unreachable = sum(1 for one in totals if one.unreachable)
    changed = sum(1 for one in totals if one.changed)
    good = sum(1 for one in totals if not one.failed and not one.unreachable)
    pieces: list[Piece] = [(f"{len(totals)} host{'' if len(totals) == 1 else 's'}", ""), (f"  {good} ok", "ok")]
    for number, word, role in ((changed, "changed", "changed"), (failed, "failed", "error")):
        pieces.append((f"  {number} {word}", role if number else ""))
    if unreachable:
        pieces.append((f"  {unreachable} unreachable", "unreachable"))
    return [*pieces, (f"  {seconds(elapsed)}", "debug")]

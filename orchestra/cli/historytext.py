"""The history as text: aligned columns and indented blocks, in colour on a terminal, the same lines in a pipe."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from orchestra.history.comparing import Comparison, Difference, TaskDifference
from orchestra.history.records import ResultRecord, RunDetail, RunRecord, TaskHistory, TaskRecord
from orchestra.history.store import BAD
from orchestra.reporting.choose import Request, look_of
from orchestra.reporting.difftext import diff_pieces
from orchestra.reporting.fold import fold
from orchestra.reporting.options import OutputOptions
from orchestra.reporting.screen import Piece, Screen, clean, display_width
from orchestra.reporting.taskview import seconds
from orchestra.settings import Settings

#: A line of pieces; what would not fit on a terminal is cut only where a table says so.
Line = list[Piece]
ROLES = {
    "ok": "ok", "changed": "changed", "failed": "error", "skipped": "skip", "unreachable": "unreachable",
    "lost": "unreachable", "interrupted": "error", "running": "included",
}  # fmt: skip
#: Lines of a message or of a program's output that are shown.
_MAX_LINES = 20


def write(lines: Iterable[Line], settings: Settings) -> None:
    """Print lines."""
    request = Request(
        force_color=settings.force_color,
        no_color=settings.nocolor,
        colours=settings.file_values.get("colors", {}),
    )
    screen = Screen(sys.stdout, sys.stderr, look_of(sys.stdout, os.environ, request))
    for line in lines:
        screen.write_pieces(line)
    screen.flush()


def run_lines(runs: Sequence[RunRecord]) -> Iterator[Line]:
    """A table of runs."""
    if not runs:
        yield [("no run is recorded that fits", "")]
        return
    heads = ("RUN", "STARTED", "TOOK", "STATE", "HOSTS", "CHANGED", "FAILED", "BY", "REVISION", "WHAT")
    yield from table([[(head, "")] for head in heads], [_run_cells(run) for run in runs])


def _run_cells(run: RunRecord) -> list[Line]:
    bad = run.hosts_failed + run.hosts_unreachable
    return [
        [(str(run.number), "")],
        [(local(run.started), "")],
        [(_took(run), "")],
        [_verdict(run)],
        [(str(run.hosts), "")],
        [(str(run.hosts_changed), "changed" if run.hosts_changed else "")],
        [(str(bad), "error" if bad else "")],
        [(run.started_by, "")],
        [(_revision(run), "")],
        [(run.what, "")],
    ]


def table(heads: Sequence[Line], rows: Sequence[Sequence[Line]]) -> Iterator[Line]:
    """Columns of equal width; the last one is as long as it is."""
    everything = [heads, *rows]
    widths = [max(_width(row[column]) for row in everything) for column in range(len(heads) - 1)]
    for row in everything:
        line: Line = []
        for cell, width in zip(row, widths, strict=False):
            line += [*cell, (" " * (width - _width(cell) + 2), "")]
        yield [*line, *row[-1]]


def _width(cell: Line) -> int:
    return sum(display_width(clean(text)) for text, _ in cell)


def local(moment: datetime) -> str:
    """A time in the reader's own zone."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _took(run: RunRecord) -> str:
    return "" if run.seconds is None else seconds(run.seconds)


def _verdict(run: RunRecord) -> Piece:
    return run.verdict + (" (check)" if run.check_mode else ""), ROLES[run.verdict]


def _revision(run: RunRecord) -> str:
    """Git's short form; a star for files that were changed since."""
    return run.revision[:8] + ("*" if run.dirty else "")


def detail_lines(found: RunDetail, *, with_diff: bool, everything: bool) -> Iterator[Line]:
    """One run: its head, then task by task what was done and what went wrong."""
    yield from head_lines(found.run)
    yield from _totals(found)
    grouped: dict[int, list[ResultRecord]] = {}
    for result in found.results:
        grouped.setdefault(result.task.number, []).append(result)
    quiet = 0
    for task in found.tasks:
        results = grouped.get(task.number, [])
        if results or everything:
            yield from _task_block(task, found, results, with_diff=with_diff)
        else:
            quiet += task.number in found.counts
    if quiet:
        yield [(f"{quiet} more tasks changed nothing (--all shows them)", "skip")]


def head_lines(run: RunRecord) -> Iterator[Line]:
    """Who started what, when, from which revision, and how it ended."""
    ended = f"  exit {run.exit}" if run.exit is not None else ""
    yield [(f"run {run.number}  ", "highlight"), _verdict(run), (f"  {local(run.started)}  {_took(run)}{ended}", "")]
    yield [(f"  {' '.join(run.argv)}", "")]
    names = f"; -e sets {', '.join(run.extra_vars)}" if run.extra_vars else ""
    yield [(f"  by {run.started_by} on {run.controller} in {run.folder}{names}", "")]
    if run.revision:
        branch = f" ({run.branch})" if run.branch else ""
        yield [(f"  revision {run.revision}{branch}" + (", with uncommitted changes" if run.dirty else ""), "")]
    for line in filter(None, run.fault.split("\n")):
        yield [(f"  {line}", "error")]
    if run.journal_damaged:
        yield [(f"  {run.journal_damaged} lines of its journal were damaged and are missing", "warn")]


def _totals(found: RunDetail) -> Iterator[Line]:
    bad = [one.host for one in found.hosts if one.totals.failed or one.totals.unreachable]
    changed = [one.host for one in found.hosts if one.totals.changed and one.host not in bad]
    yield [(f"  {_count(len(found.hosts), 'host')}", "")]
    if changed:
        yield [("    changed: ", "changed"), (fold(changed), "")]
    if bad:
        yield [("    failed: ", "error"), (fold(bad), "")]


def _count(number: int, word: str) -> str:
    return f"{number} {word}" + ("" if number == 1 else "s")


def _task_block(
    task: TaskRecord, found: RunDetail, results: Sequence[ResultRecord], *, with_diff: bool
) -> Iterator[Line]:
    counts = found.counts.get(task.number, {})
    line: Line = [(f"{'handler' if task.handler else 'task'}  {task.name}", ""), (f"  {_place(task, found.run)}", "")]
    for word in sorted(counts, key=list(ROLES).index):
        line += [("  ", ""), (f"{counts[word]} {word}", ROLES[word])]
    yield line
    for result in results:
        if result.state in BAD and not (result.looped and _has_items(result, results)):
            yield from _result_lines(result, with_time=False, with_task=False)
    changed = [result.host for result in results if result.state == "changed"]
    if changed:
        yield [("  changed: ", "changed"), (fold(list(dict.fromkeys(changed))), "")]
    if with_diff:
        yield from _diffs(results)


def _has_items(result: ResultRecord, results: Sequence[ResultRecord]) -> bool:
    return any(one.item is not None and one.host == result.host and one.state == result.state for one in results)


def _diffs(results: Sequence[ResultRecord]) -> Iterator[Line]:
    """Equal differences once, with the hosts that have them."""
    groups: dict[tuple[Piece, ...], list[str]] = {}
    for result in results:
        if result.diff:
            groups.setdefault(tuple(diff_pieces(result.diff, OutputOptions())), []).append(result.host)
    for pieces, hosts in groups.items():
        yield [(f"  {fold(list(dict.fromkeys(hosts)))}", "")]
        yield from _indented(pieces, "    ")


def _place(task: TaskRecord, run: RunRecord) -> str:
    """A task's place, from the folder that the run was started in where it lies below."""
    return _below(task.place, run)


def _below(place: str, run: RunRecord) -> str:
    return place.removeprefix(run.folder.rstrip("/") + "/") if run.folder else place


def host_lines(
    name: str, found: Sequence[tuple[RunRecord, Sequence[ResultRecord]]], *, with_diff: bool
) -> Iterator[Line]:
    """What became of a host, run by run."""
    if not found:
        yield [(f"nothing changed or failed on {name} in the runs that fit", "")]
    for run, results in found:
        revision = f", revision {_revision(run)}" if run.revision else ""
        verdict = _verdict(run)
        yield [
            (f"run {run.number}  ", "highlight"), (f"{local(run.started)}  {run.what}  ", ""), verdict,
            (f"  by {run.started_by}{revision}", ""),
        ]  # fmt: skip
        several = len({result.host for result in results}) > 1
        for result in results:
            if not (result.looped and _has_items(result, results)):
                yield from _result_lines(result, run=run, several=several)
                if with_diff:
                    yield from _indented(diff_pieces(result.diff, OutputOptions()), "      ")


def _result_lines(
    result: ResultRecord, *, run: RunRecord | None = None, several: bool = True,
    with_time: bool = True, with_task: bool = True,
) -> Iterator[Line]:  # fmt: skip
    """A result with what explains it."""
    state = result.state + (", ignored" if result.ignored else "") + (" (check)" if result.check_mode else "")
    line: Line = [("  ", "")]
    if with_time:
        line.append((result.at.astimezone().strftime("%H:%M:%S  "), ""))
    line.append((state, ROLES.get(result.state, "")))
    parts = [result.host] if several else []
    if with_task:
        parts += [result.task.name, _place(result.task, run) if run else result.task.place]
    if result.item is not None:
        parts.append(f"item={result.item}")
    if result.delegated_to:
        parts.append(f"on {result.delegated_to}")
    yield [*line, ("  " + "  ".join(filter(None, parts)), "")]
    if result.state in BAD:
        yield from _why(result)


def _why(result: ResultRecord) -> Iterator[Line]:
    code = f" (exit {result.rc})" if result.rc else ""
    yield from _cut(f"{result.message}{code}", "error")
    yield from _cut(result.stderr or (result.stdout if result.rc else ""), "")
    if result.place and result.place != result.task.place:
        yield [(f"      at {result.place}", "")]
    if result.hint:
        yield [(f"      hint: {result.hint}", "")]


def _cut(text: str, role: str) -> Iterator[Line]:
    lines = text.strip("\n").split("\n") if text.strip() else []
    for line in lines[:_MAX_LINES]:
        yield [("      ", ""), (line, role)]
    if len(lines) > _MAX_LINES:
        yield [(f"      ... {len(lines) - _MAX_LINES} more lines (--json has them)", "skip")]


def _indented(pieces: Iterable[Piece], indent: str) -> Iterator[Line]:
    for piece, role in pieces:
        for line in piece.strip("\n").split("\n"):
            if line:
                yield [(indent, ""), (line, role)]


def task_lines(name: str, found: Sequence[TaskHistory]) -> Iterator[Line]:
    """How tasks went, a line for each run."""
    if not found:
        yield [(f"no task whose name holds {name!r} is recorded in the runs that fit", "")]
        return
    heads = ("RUN", "STARTED", "LONGEST", "TASK", "AT", "ENDS")
    yield from table([[(head, "")] for head in heads], [_task_cells(one) for one in found])


def _task_cells(one: TaskHistory) -> list[Line]:
    ends: Line = []
    for word in sorted(one.counts, key=list(ROLES).index):
        hosts = {"changed": one.changed, **dict.fromkeys(BAD, one.failed)}.get(word, ())
        named = f" ({fold(list(hosts))})" if hosts else ""
        ends += [("  " if ends else "", ""), (f"{one.counts[word]} {word}", ROLES[word]), (named, "")]
    return [
        [(str(one.run.number), "")],
        [(local(one.run.started), "")],
        [(seconds(one.longest), "")],
        [(one.task.name, "")],
        [(_place(one.task, one.run), "")],
        ends,
    ]


def comparison_lines(found: Comparison) -> Iterator[Line]:
    """What differs, in four parts; those in which nothing does are left out."""
    for sign, run, role in (("-", found.before, "diff_remove"), ("+", found.after, "diff_add")):
        yield [(f"{sign} run {run.number}  {local(run.started)}  {run.what}  ", role), _verdict(run)]
    parts = (
        ("made from", [*map(_setting_line, found.setting), *map(_file_line, found.files)]),
        ("tasks that ended otherwise", [_task_difference(one, found.after) for one in found.tasks]),
        ("facts", [_fact_line(one.host, one.fact, one.before, one.after) for one in found.facts]),
    )
    for title, lines in parts:
        if lines:
            yield [(title, "highlight")]
            yield from lines
    if not any(lines for _, lines in parts):
        yield [("no difference: the same files, and every task ended the same on every host", "ok")]


def _setting_line(one: Difference) -> Line:
    return [(f"  {one.what}: ", ""), (one.before or "-", "diff_remove"), (" -> ", ""), (one.after or "-", "diff_add")]


def _file_line(one: Difference) -> Line:
    word = "changed" if one.before and one.after else ("new" if one.after else "gone")
    return [(f"  {one.what}: ", ""), (word, "changed")]


def _task_difference(one: TaskDifference, run: RunRecord) -> Line:
    before, after = one.before or "not there", one.after or "not there"
    return [
        (f"  {one.task}  {_below(one.place, run)}  ", ""), (before, ROLES.get(one.before, "skip")), (" -> ", ""),
        (after, ROLES.get(one.after, "skip")), (f"  {fold(list(one.hosts))}", ""),
    ]  # fmt: skip


def _fact_line(host: str, fact: str, before: object, after: object) -> Line:
    return [
        (f"  {host}  {fact}: ", ""), (_short(before), "diff_remove"), (" -> ", ""), (_short(after), "diff_add"),
    ]  # fmt: skip


def _short(value: object, longest: int = 200) -> str:
    text = "-" if value is None else str(value)
    return text if len(text) <= longest else text[:longest] + " ..."


def pruned_lines(numbers: Sequence[int], *, check: bool) -> Iterator[Line]:
    """What went, or would."""
    named = f": {', '.join(map(str, numbers))}" if numbers else ""
    yield [(f"{_count(len(numbers), 'run')} {'would be removed' if check else 'removed'}{named}", "")]


def filed_lines(count: int, database: str, folder: str) -> Iterator[Line]:
    """How many runs came into which database."""
    yield [(f"{_count(count, 'run')} filed into {database} from {folder}", "")]

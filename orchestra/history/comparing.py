"""Two runs held against each other: what they were made from, how tasks ended, what hosts said of themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy.engine import Connection

from orchestra.history.records import FileRecord, ResultRecord, RunRecord
from orchestra.history.store import facts_of, files_of, results_of
from orchestra.model.record import record

#: The worse of two ends of one task (items of a loop, batches) counts.
_WEIGHT = {"skipped": 0, "ok": 1, "changed": 2, "unreachable": 3, "lost": 4, "failed": 5}


@record
class Difference:
    """Something that is not the same: ``what`` it is, and its value in both runs; "" where it is not there."""

    what: str
    before: str
    after: str


@record
class TaskDifference:
    """A task that ended otherwise on these hosts; "" for a run that had no such task on them."""

    task: str
    place: str
    before: str
    after: str
    hosts: tuple[str, ...]


@record
class FactDifference:
    """A fact that a host told otherwise."""

    host: str
    fact: str
    before: Any
    after: Any


@record
class Comparison:
    """What differs between two runs."""

    before: RunRecord
    after: RunRecord
    setting: tuple[Difference, ...]
    files: tuple[Difference, ...]
    tasks: tuple[TaskDifference, ...]
    facts: tuple[FactDifference, ...]


def compare(connection: Connection, before: RunRecord, after: RunRecord, host: str = "") -> Comparison:
    """Compare two runs, on the hosts whose names fit ``host`` where it is given."""
    ends = [_ends(results_of(connection, run, host=host, texts=False)) for run in (before, after)]
    return Comparison(
        before,
        after,
        tuple(_settings(before, after)),
        tuple(_files(files_of(connection, before), files_of(connection, after))),
        tuple(_tasks(*ends)),
        tuple(_facts(connection, before, after, host)),
    )


def _settings(before: RunRecord, after: RunRecord) -> Iterator[Difference]:
    for name, label in (
        ("argv", "command line"), ("revision", "revision"), ("dirty", "uncommitted changes"), ("version", "Orchestra"),
        ("started_by", "started by"), ("controller", "controller"),
    ):  # fmt: skip
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield Difference(label, _shown(old), _shown(new))


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return " ".join(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value or "")


def _files(before: Iterable[FileRecord], after: Iterable[FileRecord]) -> Iterator[Difference]:
    old, new = ({(one.kind, one.path): one.digest for one in found} for found in (before, after))
    for kind, path in sorted(old.keys() | new.keys()):
        pair = old.get((kind, path), ""), new.get((kind, path), "")
        if pair[0] != pair[1]:
            yield Difference(f"{kind} {path}", *pair)


#: What a task is known by in both runs: its name, action and file; lines move.
_Key = tuple[str, str, str]


@record
class _End:
    state: str
    place: str


def _ends(results: Iterable[ResultRecord]) -> dict[tuple[_Key, str], _End]:
    """The end of each task on each host, in the order in which they came."""
    found: dict[tuple[_Key, str], _End] = {}
    for result in results:
        if result.item is not None:
            continue
        task = result.task
        key = ((task.name, task.action, task.file), result.host)
        known = found.get(key)
        if known is None or _WEIGHT.get(result.state, 0) > _WEIGHT.get(known.state, 0):
            found[key] = _End(result.state, task.place)
    return found


def _tasks(before: Mapping[tuple[_Key, str], _End], after: Mapping[tuple[_Key, str], _End]) -> Iterator[TaskDifference]:
    groups: dict[tuple[_Key, str, str, str], list[str]] = {}
    for key, host in dict.fromkeys((*before, *after)):
        old, new = before.get((key, host)), after.get((key, host))
        states = old.state if old else "", new.state if new else ""
        if states[0] != states[1]:
            place = (new or old or _End("", "")).place
            groups.setdefault((key, place, *states), []).append(host)
    for (key, place, old_state, new_state), hosts in groups.items():
        yield TaskDifference(key[0], place, old_state, new_state, tuple(sorted(hosts)))


def _facts(connection: Connection, before: RunRecord, after: RunRecord, host: str) -> Iterator[FactDifference]:
    """Of hosts whose facts both runs gathered; what changes by itself is left out."""
    old = {one.host: one.steady for one in facts_of(connection, before, host)}
    for told in facts_of(connection, after, host):
        known = old.get(told.host, told.steady)
        for name in sorted(known.keys() | told.steady.keys()):
            if known.get(name) != told.steady.get(name):
                yield FactDifference(told.host, name, known.get(name), told.steady.get(name))

"""Questions to the history and their answers. Reads only; knows no journal and no terminal."""

from __future__ import annotations

import json
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from orchestra.errors import UsageError
from orchestra.history import schema
from orchestra.history.entries import COUNTS
from orchestra.history.filing import hosts_so_far
from orchestra.history.records import (
    FactsRecord,
    FileRecord,
    HostRecord,
    ResultRecord,
    RunDetail,
    RunRecord,
    TaskHistory,
    TaskRecord,
)
from orchestra.model.outcome import HostTotals
from orchestra.model.record import record

#: States of results that are worth a look when nobody said which.
NOTABLE = ("changed", "failed", "unreachable", "lost")
BAD = ("failed", "unreachable", "lost")
_TUPLES = ("argv", "playbooks", "tags", "skip_tags", "extra_vars", "inventory")
#: Digests in one question.
_AT_ONCE = 500


@record
class Wish:
    """Which runs: those that fit everything that is given. Names may hold ``*`` and ``?``."""

    since: datetime | None = None
    until: datetime | None = None
    host: str = ""
    #: Words of ``RunRecord.verdict``.
    states: tuple[str, ...] = ()
    playbook: str = ""
    #: The newest so many; 0 is all.
    count: int = 0


def matching(column: Any, pattern: str, *, inside: bool = False) -> sa.ColumnElement[bool]:
    """A condition on a text: ``*`` and ``?`` stand for anything; without them it is all of it, or ``inside`` a part."""
    if "*" in pattern or "?" in pattern:
        escaped = pattern.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        like = escaped.replace("*", "%").replace("?", "_")
        found: sa.ColumnElement[bool] = sa.func.lower(column).like(like.lower(), escape="\\")
        return found
    exact: sa.ColumnElement[bool] = (
        sa.func.lower(column).contains(pattern.lower(), autoescape=True) if inside else column == pattern
    )
    return exact


def runs(connection: Connection, wish: Wish) -> list[RunRecord]:
    """The runs that fit, the newest first."""
    table = schema.runs
    question = sa.select(table).where(*_conditions(wish)).order_by(table.c.started.desc(), table.c.number.desc())
    if wish.count and not wish.states:
        question = question.limit(wish.count)
    found: list[RunRecord] = []
    for row in connection.execute(question):
        run = _run(row)
        if not wish.states or run.verdict in wish.states:
            found.append(run)
        if wish.count and len(found) == wish.count:
            break
    return found


def _conditions(wish: Wish) -> Iterable[sa.ColumnElement[bool]]:
    table = schema.runs.c
    if wish.since:
        yield table.started >= wish.since
    if wish.until:
        yield table.started < wish.until
    if wish.playbook:
        yield matching(table.what, wish.playbook, inside=True)
    if wish.host:
        hosts = schema.results.c
        yield sa.exists().where(hosts.run == table.number, matching(hosts.host, wish.host))


def find_run(connection: Connection, word: str) -> RunRecord:
    """The run that ``word`` means: a number, ``last``, or the beginning of a UUID.

    Raises:
        UsageError: there is none, or there are several.
    """
    table = schema.runs
    question = sa.select(table).order_by(table.c.started.desc(), table.c.number.desc()).limit(2)
    if word == "last":
        found = connection.execute(question).all()[:1]
    elif word.isdecimal() and len(word) < 10:
        found = connection.execute(question.where(table.c.number == int(word))).all()
    else:
        found = connection.execute(question.where(table.c.uuid.startswith(word.lower(), autoescape=True))).all()
    if len(found) > 1:
        raise UsageError(f"several runs begin with {word!r}", hint="write more of it")
    if not found:
        newest = connection.scalar(sa.select(sa.func.max(table.c.number)))
        hint = f"the newest is {newest}; `orchestra history ls` lists them" if newest else "nothing is recorded yet"
        raise UsageError(f"there is no run {word!r}" if word != "last" else "there is no run", hint=hint)
    return _run(found[0])


def _run(row: Row[Any]) -> RunRecord:
    data: dict[str, Any] = {name: value for name, value in row._mapping.items() if name in RunRecord.__match_args__}
    data |= {name: tuple(data[name]) for name in _TUPLES}
    return RunRecord(**data)


def detail(
    connection: Connection, run: RunRecord, *, host: str = "", states: Sequence[str] = NOTABLE, texts: bool = True
) -> RunDetail:
    """A run with its tasks, its hosts, and the results of these states (of a host whose name fits)."""
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    results = schema.results.c
    counted = sa.select(results.task, results.state, sa.func.count()).where(
        results.run == run.number, results.item.is_(None), *_of_host(host)
    )
    for task, state, count in connection.execute(counted.group_by(results.task, results.state)):
        counts[task][state] = count
    return RunDetail(
        run,
        tuple(host_totals(connection, run, host)),
        tuple(results_of(connection, run, host=host, states=states, texts=texts)),
        tuple(files_of(connection, run)),
        counts,
        tuple(tasks_of(connection, run)),
    )


def _of_host(host: str) -> Iterable[sa.ColumnElement[bool]]:
    if host:
        yield matching(schema.results.c.host, host)


def tasks_of(connection: Connection, run: RunRecord) -> list[TaskRecord]:
    """The tasks of a run, in their order."""
    table = schema.tasks
    question = sa.select(table).where(table.c.run == run.number).order_by(table.c.number)
    return [TaskRecord(**row._mapping) for row in connection.execute(question)]


def host_totals(connection: Connection, run: RunRecord, host: str = "") -> list[HostRecord]:
    """The recaps of a run's hosts; of a run that goes on, so far."""
    table = schema.hosts
    question = sa.select(table).where(table.c.run == run.number).order_by(table.c.host)
    if host:
        question = question.where(matching(table.c.host, host))
    rows: list[Mapping[str, Any]] = [dict(row._mapping) for row in connection.execute(question)]
    if not rows and run.state == schema.RUNNING:
        rows = [dict(row) for row in hosts_so_far(connection, run.number)]
    return [HostRecord(run.number, row["host"], HostTotals(*(row[name] for name in COUNTS))) for row in rows]


def files_of(connection: Connection, run: RunRecord) -> list[FileRecord]:
    """What a run was made from."""
    table = schema.files.c
    question = sa.select(table.kind, table.path, table.digest).where(table.run == run.number)
    return [FileRecord(*row) for row in connection.execute(question.order_by(table.kind, table.path))]


def results_of(
    connection: Connection, run: RunRecord, *, host: str = "", states: Sequence[str] = (), texts: bool = True
) -> list[ResultRecord]:
    """The results of a run in the order in which they came; ``states`` () is all."""
    question = _results().where(schema.results.c.run == run.number, *_of_host(host)).order_by(schema.results.c.line)
    if states:
        question = question.where(schema.results.c.state.in_(states))
    return _filled(connection, connection.execute(question).all(), texts=texts)


def host_history(
    connection: Connection, host: str, wish: Wish, states: Sequence[str] = NOTABLE
) -> list[tuple[RunRecord, list[ResultRecord]]]:
    """What became of tasks on a host, run by run, the newest run first; runs without such results are left out."""
    results, table = schema.results.c, schema.runs.c
    times = [results.at >= wish.since] if wish.since else []
    times += [results.at < wish.until] if wish.until else []
    chosen = [matching(results.host, host), *times, *([results.state.in_(states)] if states else [])]
    of_runs = sa.select(schema.runs).where(
        sa.exists().where(results.run == table.number, *chosen), *_conditions(Wish(playbook=wish.playbook))
    )
    of_runs = of_runs.order_by(table.started.desc(), table.number.desc())
    found = []
    for row in connection.execute(of_runs.limit(wish.count or None)).all():
        run = _run(row)
        question = _results().where(results.run == run.number, *chosen).order_by(results.line)
        found.append((run, _filled(connection, connection.execute(question).all(), texts=True)))
    return found


def task_history(connection: Connection, name: str, wish: Wish) -> list[TaskHistory]:
    """What the tasks of a name (or of a file, ``file:line``) did, run by run, the newest first."""
    tasks, results = schema.tasks, schema.results.c
    file, _, line = name.rpartition(":")
    named = matching(tasks.c.name, name, inside=True)
    if file and line.isdecimal() and len(line) < 10:
        named = sa.or_(named, sa.and_(tasks.c.file.endswith(file, autoescape=True), tasks.c.line == int(line)))
    found = []
    for run in runs(connection, Wish(since=wish.since, until=wish.until, playbook=wish.playbook)):
        for row in connection.execute(sa.select(tasks).where(tasks.c.run == run.number, named)).all():
            task = TaskRecord(**row._mapping)
            question = sa.select(results.host, results.state, results.took).where(
                results.run == run.number, results.task == task.number, results.item.is_(None), *_of_host(wish.host)
            )
            found.append(_task_history(run, task, connection.execute(question.order_by(results.host)).all()))
        if wish.count and len(found) >= wish.count:
            break
    return [one for one in found if one.counts]


def _task_history(run: RunRecord, task: TaskRecord, rows: Sequence[Any]) -> TaskHistory:
    return TaskHistory(
        run,
        task,
        Counter(row.state for row in rows),
        tuple(row.host for row in rows if row.state == "changed"),
        tuple(row.host for row in rows if row.state in BAD),
        max((row.took for row in rows), default=0.0),
    )


def host_names(connection: Connection) -> list[str]:
    """The hosts that are known."""
    return list(connection.scalars(sa.select(schema.hosts.c.host).distinct().order_by(schema.hosts.c.host)))


def facts_of(connection: Connection, run: RunRecord, host: str = "") -> list[FactsRecord]:
    """The facts that a run gathered; of a host that told them twice the last."""
    table = schema.facts.c
    question = sa.select(schema.facts).where(table.run == run.number).order_by(table.line)
    if host:
        question = question.where(matching(table.host, host))
    rows = connection.execute(question).all()
    texts = read_texts(connection, {digest for row in rows for digest in (row.steady, row.changing)})
    found = {}
    for row in rows:
        steady, changing = (_parsed(texts.get(digest, ""), {}) for digest in (row.steady, row.changing))
        found[row.host] = FactsRecord(run.number, row.host, row.at, steady, changing)
    return [found[name] for name in sorted(found)]


def read_texts(connection: Connection, digests: Iterable[str | None]) -> dict[str, str]:
    """Texts by their digests."""
    wanted = sorted({digest for digest in digests if digest})
    found: dict[str, str] = {}
    for first in range(0, len(wanted), _AT_ONCE):
        part = schema.blobs.c.digest.in_(wanted[first : first + _AT_ONCE])
        for digest, data in connection.execute(sa.select(schema.blobs.c.digest, schema.blobs.c.data).where(part)):
            found[digest] = zlib.decompress(data).decode("utf-8", "surrogatepass")
    return found


def _results() -> sa.Select[Any]:
    results, tasks = schema.results, schema.tasks
    same = sa.and_(tasks.c.run == results.c.run, tasks.c.number == results.c.task)
    named = [column.label(f"task_{column.name}") for column in tasks.c]
    return sa.select(*results.c, *named).select_from(results.outerjoin(tasks, same))


def _filled(connection: Connection, rows: Sequence[Row[Any]], *, texts: bool) -> list[ResultRecord]:
    named = {digest for row in rows for digest in (row.full_message, row.stdout, row.stderr, row.diff)}
    known = read_texts(connection, named) if texts else {}
    return [_result(row, known) for row in rows]


def _result(row: Row[Any], texts: Mapping[str, str]) -> ResultRecord:
    data = row._mapping
    known = {name: data[f"task_{name}"] for name in TaskRecord.__match_args__}
    # A task whose line was damaged is not there.
    task = TaskRecord(**known) if known["name"] is not None else _UNKNOWN
    plain = {name: data[name] for name in _PLAIN}
    plain["message"] = texts.get(row.full_message or "", row.message)
    return ResultRecord(
        task=task,
        stdout=texts.get(row.stdout or "", ""),
        stderr=texts.get(row.stderr or "", ""),
        diff=_parsed(texts.get(row.diff or "", ""), []),
        **plain,
    )


_TEXTS = ("task", "stdout", "stderr", "diff")
_PLAIN = tuple(name for name in ResultRecord.__match_args__ if name not in _TEXTS)
_UNKNOWN = TaskRecord(0, 0, 0, "?", "", "", 0, "", False, False)


def _parsed(text: str, otherwise: Any) -> Any:
    return json.loads(text) if text else otherwise

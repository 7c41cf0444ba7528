"""Moves journals into the database, batch by batch. To file twice, or to be killed half-way, changes nothing.

The row of a run says how many lines of its journal are there; each batch and that number are one transaction. A journal
goes when its run has come to an end and all of it is in the database.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import IO

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from orchestra.history import entries, schema
from orchestra.history.database import Database, insert_new
from orchestra.history.entries import BadJournal, Header, read_header, read_line
from orchestra.history.journal import is_being_written
from orchestra.history.places import DAMAGED, JOURNAL, Places
from orchestra.history.rows import Batch, Row, clean, moment, run_row, sums_of
from orchestra.model.record import record

#: Lines of a journal in one transaction.
BATCH = 5000
#: How often a batch is tried again when somebody removed a text that it counts on.
_ATTEMPTS = 5
#: Seconds after which a journal that has no name yet will get none.
_STILLBORN = 3600
KILLED = "its process ended without a word: killed, or the machine went down"
Tell = Callable[[str], None]


@record
class Filed:
    """What became of the journals that waited."""

    runs: int = 0
    #: Another process files at the moment, so nothing was done.
    busy: bool = False


@contextmanager
def the_only_one(places: Places, seconds: float) -> Iterator[bool]:
    """Hold the lock of those who file; waits for it so long, and says whether it is held."""
    descriptor = os.open(places.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield _locked(descriptor, time.monotonic() + seconds)
    finally:
        os.close(descriptor)


def _locked(descriptor: int, until: float) -> bool:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except OSError:
            if time.monotonic() >= until:
                return False
            time.sleep(0.05)


def file_all(places: Places, database: Database, tell: Tell, *, patience: float = 0) -> Filed:
    """File every journal, those of runs that go on as far as they are; ``tell`` hears of what is damaged.

    Raises:
        NoDatabase: the database takes nothing; what is filed stays filed, the journals stay.
    """
    if not places.folder.is_dir() or not places.waiting():
        return Filed()
    count = 0
    with the_only_one(places, patience) as alone:
        if not alone:
            return Filed(busy=True)
        _remove_stillborn(places)
        for path in places.waiting():
            try:
                count += file_journal(path, database, tell)
            except FileNotFoundError:
                continue  # somebody else has filed it
            except BadJournal as error:
                tell(_bad(path, error))
            except OSError as error:
                tell(f"{path}: {error.strerror}; the journal stays where it is")
    return Filed(count)


def _remove_stillborn(places: Places) -> None:
    """Journals whose writer was killed before they had a first line."""
    for path in places.journals.glob(f".*{JOURNAL}"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < time.time() - _STILLBORN:
                path.unlink()


def _bad(path: Path, error: BadJournal) -> str:
    if error.later:
        return f"{path}: {error.message}; it waits for a later Orchestra"
    kept = path.with_suffix(DAMAGED)
    path.rename(kept)
    return f"{path}: {error.message}; what there is of it is kept as {kept.name}"


def file_journal(path: Path, database: Database, tell: Tell) -> bool:
    """File one journal; True when that run is now in the database to its end, and the journal is gone.

    Raises:
        BadJournal: its beginning makes no sense. NoDatabase. OSError.
    """
    with path.open("rb") as file:
        alive = is_being_written(file.fileno())
        header = read_header(file.readline().decode(errors="replace"))
        filing = Filing(database, header)
        filing.begin()
        try:
            filing.copy(file, alive=alive)
        except BadJournal as error:
            filing.end(error.message)
            raise
        if filing.damaged:
            tell(f"{path}: {filing.damaged} damaged lines were left out")
        if alive:
            return False
        filing.end()
        path.unlink()
        return True


class Filing:
    """One journal on its way into the database."""

    def __init__(self, database: Database, header: Header) -> None:
        self._database = database
        self._header = header
        self._number = 0
        self._lines = 0
        self.damaged = 0

    def begin(self) -> None:
        """Make the row of the run, or find out how far it has been filed. Raises BadJournal."""
        runs = schema.runs
        try:
            row = run_row(self._header)
        except (ValueError, TypeError, OverflowError):
            raise BadJournal("its first line makes no sense") from None
        with self._database.writing() as connection:
            insert_new(connection, runs, [row])
            found = connection.execute(
                sa.select(runs.c.number, runs.c.journal_lines).where(runs.c.uuid == row["uuid"])
            ).one()
        self._number, self._lines = found

    def copy(self, file: IO[bytes], *, alive: bool) -> None:
        """File the lines that are new. What a writer that lives has not ended yet is left for the next time."""
        lines = enumerate(_whole_lines(file, alive=alive), 1)
        fresh = ((number, line) for number, line in lines if number > self._lines)
        while part := list(islice(fresh, BATCH)):
            batch = Batch(self._number, moment(self._header.started))
            for number, line in part:
                batch.add(number, read_line(line.decode(errors="replace")))
            self.damaged += batch.damaged
            self._store(batch, part[-1][0])

    def _store(self, batch: Batch, last: int) -> None:
        """One transaction; again where a text was removed by somebody else's prune in the meantime."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with self._database.writing() as connection:
                    self._write(connection, batch, last)
                return
            except sa.exc.IntegrityError as error:
                if attempt == _ATTEMPTS:
                    raise BadJournal(f"it cannot be filed: {error.orig}") from error
            except sa.exc.DataError as error:
                raise BadJournal(f"it cannot be filed: {error.orig}") from error

    def _write(self, connection: Connection, batch: Batch, last: int) -> None:
        runs = schema.runs
        mine = runs.c.number == self._number
        row = connection.execute(
            sa.select(runs.c.journal_lines, runs.c.journal_damaged, runs.c.fault).where(mine).with_for_update()
        ).one_or_none()
        if row is None or row.journal_lines != self._lines:  # pruned, or filed by somebody else at the same time
            self._lines = last
            return
        insert_new(connection, schema.blobs, sorted(batch.blobs, key=_digest))
        owned = [{"run": self._number, "digest": digest} for digest in sorted({*map(_digest, batch.blobs)})]
        insert_new(connection, schema.run_blobs, owned)
        for table, rows in _plain_tables(batch):
            insert_new(connection, table, rows)
        faults = [row.fault, *batch.faults]
        changes = {
            **batch.run,
            "journal_lines": last,
            "journal_damaged": row.journal_damaged + batch.damaged,
            "fault": "\n".join(filter(None, faults)),
        }
        connection.execute(runs.update().where(mine).values(**changes))
        self._lines = last

    def end(self, why: str = KILLED) -> None:
        """Nothing more comes of a run that has no end: its writer is gone, or what it wrote can not be filed."""
        runs = schema.runs
        with self._database.writing() as connection:
            mine = runs.c.number == self._number
            row = connection.execute(sa.select(runs.c.exit, runs.c.fault).where(mine)).one_or_none()
            if row is None or row.exit is not None or why in row.fault:
                return
            hosts = hosts_so_far(connection, self._number)
            insert_new(connection, schema.hosts, hosts)
            last = connection.scalar(sa.select(sa.func.max(schema.results.c.at)).where(_of(self._number)))
            connection.execute(
                runs.update()
                .where(mine)
                .values(
                    state=schema.INTERRUPTED,
                    ended=last or runs.c.started,
                    fault="\n".join(filter(None, (row.fault, clean(why)))),
                    **sums_of(hosts),
                )
            )


def _of(number: int) -> sa.ColumnElement[bool]:
    return schema.results.c.run == number


def _digest(row: Row) -> str:
    return str(row["digest"])


def _plain_tables(batch: Batch) -> Iterator[tuple[sa.Table, list[Row]]]:
    yield schema.plays, batch.plays
    yield schema.tasks, batch.tasks
    yield schema.hosts, batch.hosts
    yield schema.results, batch.results
    yield schema.facts, batch.facts
    yield schema.files, batch.files


def _whole_lines(file: IO[bytes], *, alive: bool) -> Iterator[bytes]:
    for line in file:
        if line.endswith(b"\n") or not alive:
            yield line


#: Where a state counts in a host's recap.
_COUNTED = {
    "ok": ("ok",),
    "changed": ("ok", "changed"),
    "failed": ("failed",),
    "skipped": ("skipped",),
    "unreachable": ("unreachable",),
    "lost": ("unreachable",),
}


def hosts_so_far(connection: Connection, number: int) -> list[Row]:
    """The recap of each host of a run, of its results: for a run that goes on or was killed."""
    results = schema.results.c
    counted = connection.execute(
        sa.select(results.host, results.state, results.ignored, sa.func.count())
        .where(_of(number), results.item.is_(None))
        .group_by(results.host, results.state, results.ignored)
        .order_by(results.host)
    )
    found: dict[str, Row] = {}
    for host, state, ignored, count in counted:
        row = found.setdefault(host, {"run": number, "host": host, **dict.fromkeys(entries.COUNTS, 0)})
        names = ("ok", "ignored") if ignored and state == "failed" else _COUNTED.get(state, ())
        for name in names:
            row[name] += count
    return list(found.values())

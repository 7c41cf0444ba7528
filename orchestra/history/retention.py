"""Removes runs that are older, or more, than the settings keep, with all that belongs to them alone."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from orchestra.history import schema
from orchestra.history.database import Database, give_back_space

#: Runs that go in one transaction.
_AT_ONCE = 50


def overdue(connection: Connection, now: datetime, days: int, count: int) -> list[int]:
    """The numbers of runs to remove, the oldest first: beyond ``days``, or not among the newest ``count``.

    0 is no limit. A run that goes on is not among them.
    """
    runs = schema.runs.c
    ended = sa.select(runs.number).where(runs.state != schema.RUNNING)
    found: set[int] = set()
    if days > 0:
        found |= set(connection.scalars(ended.where(runs.started < now - timedelta(days=days))))
    if count > 0:
        newest = sa.select(runs.number).order_by(runs.started.desc(), runs.number.desc()).limit(count)
        found |= set(connection.scalars(ended.where(runs.number.not_in(newest))))
    return sorted(found)


def prune(database: Database, now: datetime, days: int, count: int) -> list[int]:
    """Remove what is overdue, and texts that no run has any more; returns the runs' numbers. Raises NoDatabase."""
    with database.reading() as connection:
        numbers = overdue(connection, now, days, count)
    for first in range(0, len(numbers), _AT_ONCE):
        with database.writing() as connection:
            runs = schema.runs
            connection.execute(runs.delete().where(runs.c.number.in_(numbers[first : first + _AT_ONCE])))
    if numbers:
        _drop_orphans(database)
        give_back_space(database)
    return numbers


def _drop_orphans(database: Database) -> None:
    owned = sa.exists().where(schema.run_blobs.c.digest == schema.blobs.c.digest)
    # Where a run that is filed right now has just come to own one of them, all of them wait for the next time.
    with suppress(sa.exc.IntegrityError), database.writing() as connection:
        connection.execute(schema.blobs.delete().where(~owned))

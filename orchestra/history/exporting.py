"""Runs as JSON lines for other programs: everything that is recorded, texts written out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from orchestra.history import schema
from orchestra.history.records import RunRecord, as_data
from orchestra.history.store import facts_of, files_of, host_totals, results_of, tasks_of


def export(connection: Connection, run: RunRecord) -> Iterator[dict[str, Any]]:
    """The records of a run; ``record`` says of which kind each is, ``uuid`` of which run."""
    found: Mapping[str, Sequence[Any]] = {
        "run": [run],
        "play": [dict(row._mapping) for row in connection.execute(_plays(run))],
        "task": tasks_of(connection, run),
        "file": files_of(connection, run),
        "result": results_of(connection, run),
        "facts": facts_of(connection, run),
        "host": host_totals(connection, run),
    }
    for kind, records in found.items():
        for one in records:
            data = as_data(one)
            if kind == "result":  # the task has a record of its own
                data["task"] = one.task.number
            yield {"record": kind, "uuid": run.uuid, **data}


def _plays(run: RunRecord) -> sa.Select[Any]:
    return sa.select(schema.plays).where(schema.plays.c.run == run.number).order_by(schema.plays.c.number)

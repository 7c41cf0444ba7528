"""What the commands of ``orchestra history`` do: ask the store, and hand the answer to its text or JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

import click
from sqlalchemy.engine import Connection

from orchestra.cli import historytext as text
from orchestra.cli.listing import show_warning
from orchestra.cli.request import read_settings
from orchestra.errors import UsageError, nearest
from orchestra.history import store
from orchestra.history.comparing import compare
from orchestra.history.database import Database
from orchestra.history.exporting import export
from orchestra.history.keeping import catch_up, opened
from orchestra.history.places import places_of
from orchestra.history.records import as_data
from orchestra.history.retention import overdue, prune
from orchestra.history.store import NOTABLE, Wish
from orchestra.history.times import read_moment

#: Seconds to wait for somebody else who files: for who looks, and for who is there to file.
_READER, _FILER = 10.0, 60.0


class Work:
    """One command, with the flags that were given."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given
        self._settings = read_settings({})
        self._places = places_of(self._settings)
        self._now = datetime.now().astimezone()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """A transaction on a database in which all is that was recorded."""
        with opened(self._settings, self._places) as database:
            self._catch_up(database, _READER)
            with database.reading() as connection:
                yield connection

    def _catch_up(self, database: Database, patience: float) -> int:
        filed = catch_up(database, self._places, self._settings, self._now, show_warning, patience=patience)
        if filed.busy:
            show_warning("another process files runs at the moment; the newest may be missing")
        return filed.runs

    def _wish(self, states: tuple[str, ...] = ()) -> Wish:
        given = self._given
        times = {name: read_moment(given[name], self._now) for name in ("since", "until") if given.get(name)}
        return Wish(
            **times,
            host=given.get("host") or "",
            states=states,
            playbook=given.get("playbook") or "",
            count=given.get("count") or 0,
        )

    def _say(self, data: Any, lines: Iterator[text.Line]) -> None:
        if self._given.get("as_json"):
            click.echo(json.dumps(as_data(data), indent=2))
        else:
            text.write(lines, self._settings)

    def _states(self) -> tuple[str, ...]:
        return self._given["states"] or (() if self._given["everything"] else NOTABLE)

    def ls(self) -> None:
        """The runs that fit."""
        wish = self._wish(self._given["states"])
        with self._reading() as connection:
            found = store.runs(connection, wish)
        self._say(found, text.run_lines(found))

    def show(self, word: str) -> None:
        """One run."""
        with self._reading() as connection:
            run = store.find_run(connection, word)
            host = self._given["host"] or ""
            found = store.detail(connection, run, host=host, states=self._states())
        with_diff, everything = self._given["diff"], self._given["everything"]
        self._say(found, text.detail_lines(found, with_diff=with_diff, everything=everything))

    def host(self, name: str) -> None:
        """What became of a host. Raises UsageError for one that no run has met."""
        with self._reading() as connection:
            found = store.host_history(connection, name, self._wish(), self._states())
            if not found:
                self._known(name, store.host_names(connection))
        data = [{"run": run, "results": results} for run, results in found]
        self._say(data, text.host_lines(name, found, with_diff=self._given["diff"]))

    @staticmethod
    def _known(name: str, names: list[str]) -> None:
        if name not in names and "*" not in name and "?" not in name:
            near = nearest(name, names)
            hint = f"did you mean {' or '.join(near)}?" if near else ""
            raise UsageError(f"no run has met a host {name!r}", hint=hint)

    def task(self, name: str) -> None:
        """How tasks went."""
        with self._reading() as connection:
            found = store.task_history(connection, name, self._wish())
        self._say(found, text.task_lines(name, found))

    def diff(self, before: str, after: str) -> None:
        """Two runs beside each other."""
        with self._reading() as connection:
            old, new = (store.find_run(connection, word) for word in (before, after))
            found = compare(connection, old, new, self._given["host"] or "")
        self._say(found, text.comparison_lines(found))

    def prune(self) -> None:
        """Remove what is overdue, by the flags or else by the settings."""
        given, settings = self._given, self._settings
        days = settings.history_days if given["days"] is None else given["days"]
        count = settings.history_runs if given["runs"] is None else given["runs"]
        with opened(settings, self._places) as database:
            self._catch_up(database, _READER)
            if given["check"]:
                with database.reading() as connection:
                    numbers = overdue(connection, self._now, days, count)
            else:
                numbers = prune(database, self._now, days, count)
        self._say({"removed": numbers, "check": given["check"]}, text.pruned_lines(numbers, check=given["check"]))

    def export(self, words: tuple[str, ...]) -> None:
        """Runs as JSON lines."""
        with self._reading() as connection:
            if words:
                chosen = [store.find_run(connection, word) for word in words]
            else:
                chosen = store.runs(connection, replace(self._wish(), count=0))[::-1]
            for run in chosen:
                for record in export(connection, run):
                    click.echo(json.dumps(record, separators=(",", ":")))

    def file(self) -> None:
        """Bring journals into the database."""
        with opened(self._settings, self._places) as database:
            count = self._catch_up(database, _FILER)
            shown = database.shown
        self._say({"filed": count}, text.filed_lines(count, shown, os.fspath(self._places.journals)))

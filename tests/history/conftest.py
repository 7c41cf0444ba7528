"""What the tests of the history share: events to be recorded, and a database of each kind."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from orchestra.history.database import Database, open_database
from orchestra.history.entries import Header
from orchestra.history.filing import Filed, file_all
from orchestra.history.places import Places
from orchestra.history.recorder import Recorder
from orchestra.model.event import Event, ItemFinished, PlayStarted, RunFinished, RunStarted, TaskFinished, TaskStarted
from orchestra.model.origin import Origin
from orchestra.model.outcome import HostTotals, Outcome, Status, TaskInfo
from orchestra.model.secret import Redactor
from orchestra.settings import Settings, load_settings
from tests.postgresqlserver import running_postgresql

#: 2026-11-27 03:00 UTC, in seconds since the epoch.
NIGHT = 1_795_748_400.0
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


def task(number: int = 1, name: str = "deploy", action: str = "copy", **more: Any) -> TaskInfo:
    return TaskInfo(number, name, action, Origin("/srv/site.yml", 2 + number, 7), **more)


def outcome(host: str, info: TaskInfo, status: Status = Status.OK, result: Any = None, **more: Any) -> Outcome:
    return Outcome(host, info, status, result or {}, elapsed=0.5, **more)


def one_run(*outcomes: Outcome, started: float = NIGHT, code: int = 0, kind: str = "play") -> list[Event]:
    """The events of a run with these ends of tasks; totals are counted."""
    playbooks = ("/srv/site.yml",) if kind == "play" else ("",)
    events: list[Event] = [RunStarted(kind, playbooks, False, started), PlayStarted("all", Origin("/srv/site.yml"), ())]
    seen: set[int] = set()
    totals: dict[str, dict[str, int]] = {}
    for one in outcomes:
        if one.task.id not in seen:
            seen.add(one.task.id)
            events.append(TaskStarted(one.task))
        item = one.label is not None and not one.looped
        events.append(ItemFinished(one) if item else TaskFinished(one))
        word = {"changed": "changed", "failed": "failed", "unreachable": "unreachable"}.get(one.status.value, "ok")
        counted = totals.setdefault(one.host, {})
        counted[word] = counted.get(word, 0) + (not item)
    return [*events, RunFinished(code, {host: HostTotals(**counts) for host, counts in totals.items()})]


@dataclass
class History:
    """A history in a folder of its own, with its database."""

    places: Places
    settings: Settings
    database: Database
    redactor: Redactor = field(default_factory=Redactor)
    #: What was told: of the recorder, then of filing.
    told: list[str] = field(default_factory=list)

    def record(self, events: Iterable[Event], **header: Any) -> None:
        """Write the journal of a run."""
        events = list(events)
        assert isinstance(events[0], RunStarted)
        clock = iter(range(int(events[0].time) + 1, int(events[0].time) + 10_000_000))
        known = replace(Header(argv=("orchestra", "play", "site.yml"), folder="/nowhere", user="ops"), **header)
        recorder = Recorder(self.places, known, self.redactor, self.told.append, lambda: float(next(clock)))
        for event in events:
            recorder(event)
        recorder.close(self.told.append)

    def file(self) -> Filed:
        """File all journals."""
        return file_all(self.places, self.database, self.told.append)

    def recorded(self, *outcomes: Outcome, **more: Any) -> None:
        """Record a run of these outcomes and file it."""
        self.record(one_run(*outcomes, **more))
        self.file()

    def journal(self) -> Path:
        """The only journal that there is."""
        (path,) = self.places.waiting()
        return path

    def count(self, table: Any) -> int:
        """How many rows a table has."""
        import sqlalchemy as sa

        with self.database.reading() as connection:
            found = connection.scalar(sa.select(sa.func.count()).select_from(table))
        assert found is not None
        return found


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Callable[[], str]]:
    """Makes databases on a server of the tests' own, and says their URLs."""
    with running_postgresql() as folder:
        numbers = iter(range(10_000))

        def make() -> str:
            name = f"history_{os.getpid()}_{next(numbers)}"
            subprocess.run(["createdb", "-h", str(folder), "-U", "postgres", name], check=True)
            return f"postgresql://postgres@/{name}?host={folder}"

        yield make


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """The setting history_url, for each kind of database."""
    return "" if request.param == "sqlite" else str(request.getfixturevalue("postgresql")())


@pytest.fixture
def history(tmp_path: Path, url: str) -> Iterator[History]:
    """An empty history."""
    environ: Mapping[str, str] = {"ORCHESTRA_HISTORY_URL": url, "ORCHESTRA_HISTORY_FOLDER": str(tmp_path / "history")}
    settings = load_settings(environ, "/")
    places = Places(tmp_path / "history")
    database = open_database(settings, places)
    yield History(places, settings, database)
    database.close()

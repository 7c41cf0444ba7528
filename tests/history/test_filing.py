"""Journals come into the database, once, whatever happens on the way; the same on SQLite and PostgreSQL."""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from orchestra.history import schema, store
from orchestra.history.database import NoDatabase, open_database
from orchestra.history.filing import BATCH, KILLED, Filing, file_all, file_journal
from orchestra.history.keeping import catch_up, opened
from orchestra.history.places import Places, make_folders
from orchestra.history.retention import overdue, prune
from orchestra.model.event import Interrupted, RunFailed, RunFinished, RunStarted
from orchestra.model.outcome import Status
from orchestra.settings import load_settings
from tests.history.conftest import NIGHT, NOW, History, one_run, outcome, task

TABLES = (schema.plays, schema.tasks, schema.hosts, schema.results, schema.blobs, schema.run_blobs, schema.facts)


def counts(history: History) -> list[int]:
    return [history.count(table) for table in (schema.runs, *TABLES)]


def all_runs(history: History) -> list[Any]:
    with history.database.reading() as connection:
        return store.runs(connection, store.Wish())


def ends(number: int = 3) -> list[Any]:
    return [
        outcome(f"web{n:02d}", task(), Status.CHANGED, {"stdout": "same", "msg": f"number {n}"}) for n in range(number)
    ]


def test_a_journal_becomes_rows_and_goes(history: History) -> None:
    history.record(one_run(*ends()), extra_vars=("version",), limit="web*")
    assert history.file().runs == 1
    assert history.places.waiting() == []
    (run,) = all_runs(history)
    assert (run.state, run.exit, run.verdict, run.what) == ("finished", 0, "changed", "/srv/site.yml")
    assert (run.hosts, run.hosts_changed, run.hosts_failed) == (3, 3, 0)
    assert (run.argv, run.extra_vars, run.host_limit) == (("orchestra", "play", "site.yml"), ("version",), "web*")
    assert run.started.isoformat() == "2026-11-27T03:00:00+00:00"
    assert run.ended is not None
    assert run.ended > run.started
    assert history.told == []


def test_filing_twice_changes_nothing(history: History) -> None:
    history.record(one_run(*ends()))
    path = history.journal()
    content = path.read_bytes()
    history.file()
    before = counts(history)
    path.write_bytes(content)  # a process that died before it removed the journal
    assert history.file().runs == 1
    assert counts(history) == before
    assert history.places.waiting() == []


def test_filing_that_was_broken_off_goes_on_where_it_was(history: History) -> None:
    history.record(one_run(*ends()))
    path = history.journal()
    lines = path.read_bytes().splitlines(keepends=True)
    with path.open("rb+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # as its writer would
        for length in range(1, len(lines)):
            file.truncate(0)
            file.seek(0)
            file.write(b"".join(lines[:length]) + lines[length][:5])
            file.flush()
            assert not file_journal(path, history.database, history.told.append)
            assert all_runs(history)[0].state == "running"
    path.write_bytes(b"".join(lines))
    assert history.file().runs == 1
    assert history.count(schema.results) == 3
    assert all_runs(history)[0].state == "finished"
    assert history.told == []


def test_more_lines_than_go_in_one_transaction(history: History) -> None:
    number = BATCH + 100
    history.recorded(*ends(number))
    assert history.count(schema.results) == number
    assert history.count(schema.hosts) == number


def test_a_killed_run_is_filed_as_interrupted_with_what_it_did(history: History) -> None:
    events = one_run(*ends(), outcome("web00", task(2), Status.FAILED, {"msg": "no"}))
    history.record(events[:-1])
    assert history.file().runs == 1
    (run,) = all_runs(history)
    assert (run.state, run.exit, run.fault) == ("interrupted", None, KILLED)
    assert (run.hosts, run.hosts_changed, run.hosts_failed) == (3, 3, 1)
    assert run.ended is not None


def test_an_interrupted_run_says_what_was_under_way(history: History) -> None:
    events = one_run(*ends(), code=130)
    history.record([*events[:-1], Interrupted((("web01", "deploy"),)), events[-1]])
    history.file()
    (run,) = all_runs(history)
    assert (run.state, run.exit, run.verdict) == ("interrupted", 130, "interrupted")
    assert run.fault == "stopped by the user; under way: deploy on web01"


def test_damaged_lines_are_left_out_and_told(history: History) -> None:
    history.record(one_run(*ends()))
    path = history.journal()
    lines = path.read_text().splitlines()
    where = [number for number, line in enumerate(lines) if line.startswith('["result"')]
    broken = [
        "\x00\x00\x00", '["result"]', '["result",1,2]', "{}", '["text","short","x"]', "[]",
        '["result",1,99999999999,"h","ok",{}]', '["end",1,0,{"h":[1]}]', '["task",1,1,2]',
    ]  # fmt: skip
    path.write_text("\n".join([*lines[: where[1]], *broken, *lines[where[1] + 1 :]]) + "\n")
    history.file()
    assert [text.partition(": ")[2] for text in history.told] == [f"{len(broken)} damaged lines were left out"]
    (run,) = all_runs(history)
    assert (run.state, run.journal_damaged) == ("finished", len(broken))
    assert history.count(schema.results) == 2


def test_lines_of_a_kind_that_is_not_known_are_passed_over(history: History) -> None:
    history.record(one_run(*ends()))
    path = history.journal()
    path.write_text(path.read_text().replace('["end"', '["weather","fine"]\n["end"'))
    history.file()
    assert (history.told, all_runs(history)[0].journal_damaged) == ([], 0)


def test_a_journal_without_a_beginning_is_put_aside(history: History) -> None:
    history.record(one_run(*ends()))
    path = history.journal()
    path.write_text("nonsense\n")
    history.record(one_run(*ends()))
    assert history.file().runs == 1
    assert [one.name for one in history.places.journals.iterdir()] == [path.with_suffix(".damaged").name]
    assert "its first line is damaged" in history.told[0]


def test_what_was_killed_at_its_birth_is_removed(history: History) -> None:
    history.record(one_run(*ends()))
    old, young = (history.places.journals / f".{name}.journal" for name in ("old", "young"))
    for path in (old, young):
        path.write_text("")
    os.utime(old, (0, 0))
    history.file()
    assert list(history.places.journals.iterdir()) == [young]


def test_a_later_form_waits(history: History) -> None:
    history.record(one_run(*ends()))
    path = history.journal()
    path.write_text(path.read_text().replace('{"journal":1', '{"journal":2'))
    assert history.file().runs == 0
    assert history.journal() == path
    assert "knows forms up to 1; it waits for a later Orchestra" in history.told[0]


def test_any_text_of_a_host_is_taken(history: History) -> None:
    text = "null \0, no UTF-8 \udcff, \U0001f600, \x1b[31m"
    history.recorded(
        outcome("wéb\0\udcff", task(), Status.FAILED, {"stdout": text, "msg": text}, diff=({"after": text},))
    )
    with history.database.reading() as connection:
        (result,) = store.results_of(connection, store.find_run(connection, "last"))
    assert result.stdout == text
    assert result.diff == [{"after": text}]
    assert result.message == "null \\x00, no UTF-8 \\udcff, \U0001f600, \x1b[31m"
    assert result.host == "wéb\\x00\\udcff"
    assert history.told == []


def test_equal_texts_are_stored_once_for_all_runs(history: History) -> None:
    history.recorded(*ends())
    history.recorded(*ends())
    assert history.count(schema.blobs) == 1
    assert history.count(schema.run_blobs) == 2


def test_two_that_file_at_once_do_it_once(history: History) -> None:
    """Past the lock of the folder, as two machines with one database and a shared folder would be."""
    history.record(one_run(*ends(200)))
    path = history.journal()
    content = path.read_bytes()
    for name in ("a", "b"):
        (path.parent / name).write_bytes(content)
    faults: list[BaseException] = []

    def file(name: str) -> None:
        database = open_database(history.settings, history.places)
        try:
            file_journal(path.parent / name, database, history.told.append)
        except BaseException as error:
            faults.append(error)
        finally:
            database.close()

    threads = [threading.Thread(target=file, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert (history.count(schema.runs), history.count(schema.results)) == (1, 200)


def test_who_finds_somebody_filing_says_so(history: History) -> None:
    history.record(one_run(*ends()))
    with open(history.places.lock, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert history.file().busy
    assert history.file().runs == 1


def test_old_runs_and_their_texts_go(history: History) -> None:
    day = 86400
    for number, age in enumerate((100, 50, 1)):
        only = outcome("web01", task(), Status.CHANGED, {"stdout": f"run {number}", "stderr": "in all"})
        history.recorded(only, started=NIGHT - age * day)
    with history.database.reading() as connection:
        assert overdue(connection, NOW, 0, 0) == []
        assert len(overdue(connection, NOW, 90, 0)) == 1
        assert len(overdue(connection, NOW, 90, 1)) == 2
    removed = prune(history.database, NOW, 90, 0)
    assert len(removed) == 1
    assert history.count(schema.results) == 2
    assert history.count(schema.blobs) == 3
    assert len(prune(history.database, NOW, 0, 1)) == 1
    assert [history.count(table) for table in (schema.runs, *TABLES[:-1])] == [1, 1, 1, 1, 1, 2, 2]
    assert [run.started for run in all_runs(history)] == [NOW - timedelta(days=1, hours=9)]


def test_the_embedded_database_becomes_smaller(tmp_path: Path) -> None:
    settings, places = load_settings({}, "/"), Places(tmp_path)
    database = open_database(settings, places)
    history = History(places, settings, database)
    for number in range(2):
        history.recorded(*(outcome(f"w{n}", task(), result={"stdout": os.urandom(2000).hex()}) for n in range(500)),
                         started=NIGHT + number)  # fmt: skip
    database.close()
    before = places.database.stat().st_size
    prune(database, NOW, 0, 1)
    database.close()
    assert places.database.stat().st_size < before * 0.7


def test_a_run_that_goes_on_is_never_overdue(history: History) -> None:
    history.record(one_run(*ends(), started=NIGHT - 1000 * 86400)[:-1])
    with history.journal().open("rb") as writer:
        fcntl.flock(writer, fcntl.LOCK_EX)
        history.file()
        assert prune(history.database, NOW, 1, 1) == []


def test_filing_keeps_what_the_settings_say(history: History) -> None:
    settings = replace(history.settings, history_days=0, history_runs=2)
    for _ in range(4):
        history.record(one_run(*ends()))
    catch_up(history.database, history.places, settings, NOW, history.told.append, patience=0)
    assert [run.number for run in all_runs(history)] == [4, 3]


def test_the_embedded_database_is_its_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        places = Places(tmp_path / "history")
        database = open_database(load_settings({}, "/"), places)
        with database.writing() as connection:
            connection.execute(sa.text("UPDATE runs SET what = ''"))
            modes = {path.name: oct(path.stat().st_mode & 0o777) for path in places.folder.iterdir() if path.is_file()}
        database.close()
    finally:
        os.umask(before)
    assert set(modes) >= {"history.sqlite", "history.sqlite-wal"}
    assert set(modes.values()) == {"0o600"}


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://root@host/db", "history_url: mysql is not known"),
        ("not a url", "history_url is no URL"),
        ("sqlite:///history.sqlite", "the path history.sqlite is not absolute"),
        ("postgresql://ops:hunter2@127.0.0.1:1/db", r"postgresql://ops:\*\*\*@127.0.0.1:1/db: connection failed"),
    ],
)
def test_databases_that_there_are_not(tmp_path: Path, url: str, message: str) -> None:
    settings = load_settings({"ORCHESTRA_HISTORY_URL": url}, "/")
    places = Places(tmp_path / "history")
    with pytest.raises(NoDatabase, match=message) as caught, opened(settings, places):
        pass
    assert "hunter2" not in caught.value.render()
    assert "hunter2" not in places.complaint.read_text()


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    places = Places(tmp_path)
    places.database.write_text("nonsense " * 1000)
    with (
        pytest.raises(NoDatabase, match=r"history.sqlite: file is not a database"),
        opened(load_settings({}, "/"), places),
    ):
        pass


def test_a_server_that_goes_away_leaves_the_journals(tmp_path: Path, postgresql: Callable[[], str]) -> None:
    settings = load_settings({"ORCHESTRA_HISTORY_URL": postgresql()}, "/")
    places = Places(tmp_path / "history")
    with opened(settings, places) as database:
        history = History(places, settings, database)
        history.record(one_run(*ends()))
        content = history.journal().read_bytes()
        with database.writing() as connection:
            connection.execute(sa.text("ALTER TABLE results RENAME TO gone"))
        with pytest.raises(NoDatabase, match="results"):
            file_all(places, database, history.told.append)
        assert history.journal().read_bytes() == content
        with database.writing() as connection:
            connection.execute(sa.text("ALTER TABLE gone RENAME TO results"))
        assert file_all(places, database, history.told.append).runs == 1
        assert history.count(schema.results) == 3


def test_the_header_is_read_as_it_was_written(history: History) -> None:
    history.record(one_run(*ends()), tags=("a", "b"), inventory=("/etc/hosts.ini",), controller="ctl")
    assert json.loads(history.journal().read_text().splitlines()[0])["controller"] == "ctl"
    history.file()
    (run,) = all_runs(history)
    assert (run.tags, run.inventory, run.controller, run.skip_tags) == (("a", "b"), ("/etc/hosts.ini",), "ctl", ())


@pytest.mark.parametrize(
    "header",
    [
        '{"journal": 1, "uuid": "a", "started": 1e400}',
        '{"journal": 1, "uuid": "a", "started": 1e200}',
        '{"journal": 1, "uuid": "a", "started": 1, "argv": 7}',
    ],
)
def test_a_header_that_makes_no_sense_is_kept_aside(history: History, header: str) -> None:
    make_folders(history.places)
    (history.places.journals / "1.journal").write_text(header + "\n")
    assert history.file().runs == 0
    assert "its first line makes no sense; what there is of it is kept as 1.damaged" in history.told[0]
    assert history.places.waiting() == []


def test_a_header_of_strange_texts_is_filed(history: History) -> None:
    header = {"journal": 1, "uuid": "\0\udcff" * 50, "started": 1.0, "check": "yes", "user": "\0\udcff"}
    make_folders(history.places)
    (history.places.journals / "1.journal").write_text(json.dumps(header) + "\n")
    assert history.file().runs == 1


def test_faults_of_strange_texts_are_filed(history: History) -> None:
    strange = "\0\udcff"
    history.record([RunStarted("play", ("",), False, NIGHT), RunFailed(strange, hint=strange), RunFinished(1, {})])
    assert history.file().runs == 1, history.told
    (run,) = all_runs(history)
    assert run.fault == r"\x00\udcff; \x00\udcff"


def test_a_run_that_can_not_be_filed_does_not_go_on_for_ever(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_: object) -> None:
        raise sa.exc.DataError("", None, Exception("a number is out of range"))

    monkeypatch.setattr(Filing, "_write", refuses)
    history.record(one_run(*ends()))
    assert history.file().runs == 0
    (run,) = all_runs(history)
    assert (run.state, run.fault) == ("interrupted", "it cannot be filed: a number is out of range")


def test_what_is_filed_is_on_the_disk_before_its_journal_goes(tmp_path: Path) -> None:
    with opened(load_settings({}, "/"), Places(tmp_path)) as database, database.writing() as connection:
        assert connection.scalar(sa.text("PRAGMA synchronous")) == 2  # FULL

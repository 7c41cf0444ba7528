"""Questions to the history, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from orchestra.errors import UsageError
from orchestra.history import store
from orchestra.history.comparing import compare
from orchestra.history.exporting import export
from orchestra.history.records import as_data
from orchestra.history.store import Wish
from orchestra.history.times import read_moment
from orchestra.model.event import RunFailed
from orchestra.model.outcome import Status
from tests.history.conftest import NIGHT, History, one_run, outcome, task

HOUR = 3600
DIFF = ({"before": "old\n", "after": "new\n", "before_header": "/etc/a.conf"},)


@pytest.fixture
def nights(history: History) -> History:
    """Three runs: one that changes web01 and web02, one in which web02 fails, one ad hoc that finds nothing to do."""
    config, service = task(1, "nginx : Configuration"), task(2, "nginx : Restart", "service")
    history.recorded(
        outcome("web01", config, Status.CHANGED, {"changed": True}, diff=DIFF),
        outcome("web02", config, Status.CHANGED, {"changed": True}, diff=DIFF),
        outcome("web01", service, Status.OK), outcome("web02", service, Status.OK),
    )  # fmt: skip
    history.recorded(
        outcome("web01", config, Status.OK), outcome("web02", config, Status.OK),
        outcome("web01", service, Status.CHANGED),
        outcome("web02", service, Status.FAILED, {"msg": "no such unit", "rc": 5, "stderr": "x" * 500}),
        started=NIGHT + HOUR, code=2,
    )  # fmt: skip
    history.record(
        one_run(outcome("db_01", task(9, "ping", "ping")), started=NIGHT + 2 * HOUR, kind="adhoc"),
        argv=("orchestra", "run", "db", "-m", "ping"),
    )
    history.file()
    return history


def asked(history: History, question: Any, *words: Any, **more: Any) -> Any:
    with history.database.reading() as connection:
        return question(connection, *words, **more)


def numbers(history: History, **wish: Any) -> list[int]:
    return [run.number for run in asked(history, store.runs, Wish(**wish))]


def at(hours: float) -> datetime:
    return datetime.fromtimestamp(NIGHT + hours * HOUR, UTC)


def test_runs_are_filtered(nights: History) -> None:
    assert numbers(nights) == [3, 2, 1]
    assert numbers(nights, count=2) == [3, 2]
    assert numbers(nights, since=at(0.5)) == [3, 2]
    assert numbers(nights, since=at(1), until=at(2)) == [2]
    assert numbers(nights, host="web02") == [2, 1]
    assert numbers(nights, host="*_01") == [3]
    assert numbers(nights, host="web_1") == []
    assert numbers(nights, states=("failed",)) == [2]
    assert numbers(nights, states=("ok", "changed"), count=1) == [3]
    assert numbers(nights, playbook="site") == [2, 1]
    assert numbers(nights, playbook="*.YML") == [2, 1]
    assert numbers(nights, playbook="%") == []
    assert [run.verdict for run in asked(nights, store.runs, Wish())] == ["ok", "failed", "changed"]
    assert asked(nights, store.runs, Wish(count=1))[0].what == "run db -m ping"


def test_a_run_is_found_by_number_uuid_and_as_the_last(nights: History) -> None:
    second = asked(nights, store.find_run, "2")
    assert second.number == 2
    assert asked(nights, store.find_run, second.uuid[:13].upper()) == second
    assert asked(nights, store.find_run, "last").number == 3
    with pytest.raises(UsageError, match="there is no run '²'"):
        asked(nights, store.find_run, "²")
    with pytest.raises(UsageError, match="there is no run '99'") as caught:
        asked(nights, store.find_run, "99")
    assert "the newest is 3" in caught.value.hint
    with pytest.raises(UsageError, match="several runs begin with ''"):
        asked(nights, store.find_run, "")


def test_there_is_nothing_yet(history: History) -> None:
    with pytest.raises(UsageError, match="there is no run") as caught:
        asked(history, store.find_run, "last")
    assert caught.value.hint == "nothing is recorded yet"


def test_what_changed_on_a_host_since_when_by_which_task_and_how(nights: History) -> None:
    (failed, changed) = asked(nights, store.host_history, "web02", Wish())
    assert (changed[0].number, failed[0].number) == (1, 2)
    (result,) = changed[1]
    assert (result.task.name, result.task.place, result.state) == (
        "nginx : Configuration",
        "/srv/site.yml:3",
        "changed",
    )
    assert result.diff == list(DIFF)
    (result,) = failed[1]
    assert (result.message, result.rc, result.stderr) == ("no such unit", 5, "x" * 500)
    assert [run.number for run, _ in asked(nights, store.host_history, "web*", Wish(since=at(1)))] == [2]
    assert [run.number for run, _ in asked(nights, store.host_history, "web*", Wish(), ("failed",))] == [2]
    everything = asked(nights, store.host_history, "web01", Wish(count=1), ())
    assert [one.state for one in everything[0][1]] == ["ok", "changed"]
    assert asked(nights, store.host_history, "web03", Wish()) == []
    assert asked(nights, store.host_names) == ["db_01", "web01", "web02"]


def test_how_a_task_went_from_run_to_run(nights: History) -> None:
    second, first = asked(nights, store.task_history, "restart", Wish())
    assert (first.counts, first.changed, first.failed) == ({"ok": 2}, (), ())
    assert (second.counts, second.changed, second.failed) == ({"changed": 1, "failed": 1}, ("web01",), ("web02",))
    assert second.longest == 0.5
    assert [one.run.number for one in asked(nights, store.task_history, "site.yml:3", Wish())] == [2, 1]
    (one,) = asked(nights, store.task_history, "Restart", Wish(host="web02", since=at(1)))
    assert one.counts == {"failed": 1}


def test_a_run_in_detail(nights: History) -> None:
    found = asked(nights, store.detail, asked(nights, store.find_run, "2"))
    assert [(one.host, one.totals.failed, one.totals.changed) for one in found.hosts] == [
        ("web01", 0, 1),
        ("web02", 1, 0),
    ]
    assert [(one.host, one.state) for one in found.results] == [("web01", "changed"), ("web02", "failed")]
    assert found.counts == {1: {"ok": 2}, 2: {"changed": 1, "failed": 1}}
    assert [one.name for one in found.tasks] == ["nginx : Configuration", "nginx : Restart"]
    only = asked(nights, store.detail, found.run, host="web01", states=())
    assert [one.state for one in only.results] == ["ok", "changed"]
    assert [one.host for one in only.hosts] == ["web01"]


def test_two_runs_beside_each_other(nights: History) -> None:
    first, second = (asked(nights, store.find_run, word) for word in "12")
    found = asked(nights, compare, first, second)
    assert [(one.task, one.before, one.after, one.hosts) for one in found.tasks] == [
        ("nginx : Configuration", "changed", "ok", ("web01", "web02")),
        ("nginx : Restart", "ok", "changed", ("web01",)),
        ("nginx : Restart", "ok", "failed", ("web02",)),
    ]
    assert [one.hosts for one in asked(nights, compare, first, second, "web01").tasks] == [("web01",), ("web01",)]
    same = asked(nights, compare, first, first)
    assert (same.tasks, same.files, same.facts, same.setting) == ((), (), (), ())


def test_facts_beside_each_other(history: History) -> None:
    for number, kernel in enumerate(("6.1", "6.5")):
        facts = {"ansible_kernel": kernel, "ansible_arch": "x", "ansible_date_time": {"epoch": number}}
        history.recorded(
            outcome("web01", task(action="setup"), result={"ansible_facts": facts}), started=NIGHT + number
        )
    first, second = (asked(history, store.find_run, word) for word in "12")
    (told,) = asked(history, store.facts_of, second)
    assert (told.host, told.steady["ansible_kernel"], told.changing) == (
        "web01",
        "6.5",
        {"ansible_date_time": {"epoch": 1}},
    )
    (one,) = asked(history, compare, first, second).facts
    assert (one.host, one.fact, one.before, one.after) == ("web01", "ansible_kernel", "6.1", "6.5")


def test_everything_can_be_exported(nights: History) -> None:
    found = list(asked(nights, lambda connection: list(export(connection, store.find_run(connection, "1")))))
    kinds = [one["record"] for one in found]
    assert kinds == ["run", "play", "task", "task", "result", "result", "result", "result", "host", "host"]
    assert {one["uuid"] for one in found} == {found[0]["uuid"]}
    first = found[4]
    assert (first["host"], first["task"], first["diff"][0]["after"]) == ("web01", 1, "new\n")
    assert found[0]["started"] == "2026-11-27T03:00:00.000Z"
    assert found[0]["verdict"] == "changed"


def test_a_run_that_failed_before_any_host(history: History) -> None:
    begin, *_, end = one_run(code=1)
    history.record([begin, RunFailed("the inventory is gone", None, "look for it"), end])
    history.file()
    run = asked(history, store.find_run, "last")
    assert (run.verdict, run.fault) == ("failed", "the inventory is gone; look for it")


def test_loops_count_once_and_show_their_items(history: History) -> None:
    info = task()
    history.recorded(
        outcome("web01", info, Status.CHANGED, label="a"),
        outcome("web01", info, Status.OK, label="b"),
        outcome("web01", info, Status.CHANGED, looped=True),
    )
    found = asked(history, store.detail, asked(history, store.find_run, "last"))
    assert found.counts == {1: {"changed": 1}}
    assert [(one.item, one.looped) for one in found.results] == [("a", False), (None, True)]


def test_data_is_plain() -> None:
    assert as_data({"a": (datetime(2026, 1, 2, 3, tzinfo=timezone(timedelta(hours=1))),)}) == {
        "a": ["2026-01-02T02:00:00.000Z"]
    }


ZONE = timezone(timedelta(hours=2))
NOW = datetime(2026, 11, 27, 3, 30, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("now", "2026-11-27T01:30"),
        ("today", "2026-11-26T22:00"),
        ("yesterday", "2026-11-25T22:00"),
        ("90m", "2026-11-27T00:00"),
        ("12h ago", "2026-11-26T13:30"),
        ("2w", "2026-11-13T01:30"),
        ("2026-11-01", "2026-10-31T22:00"),
        ("2026-11-01 03:00", "2026-11-01T01:00"),
        ("2026-11-01T03:00Z", "2026-11-01T03:00"),
    ],
)
def test_times(text: str, moment: str) -> None:
    assert read_moment(text, NOW) == datetime.fromisoformat(moment + "+00:00")


@pytest.mark.parametrize("text", ["", "last tuesday", "12", "99999999999w", "2026-13-01"])
def test_times_that_are_none(text: str) -> None:
    with pytest.raises(UsageError, match=r"is no time|too long ago"):
        read_moment(text, NOW)

"""``--output json``: its form, its last line, what it hides."""

from __future__ import annotations

import io
import json

import pytest

from orchestra.model.event import ItemFinished, PlayStarted, RunFinished, RunStarted, TaskFinished
from orchestra.model.origin import Origin
from orchestra.model.outcome import HostTotals, Status
from orchestra.model.secret import Redactor
from orchestra.reporting.codec import decode
from orchestra.reporting.jsonlines import JsonLinesSink

ZERO = {"unreachable": 0, "failed": 0, "skipped": 0, "rescued": 0, "ignored": 0}


def _run(*events, redactor: Redactor | None = None) -> list[dict]:
    out = io.StringIO()
    sink = JsonLinesSink(out, (redactor or Redactor()).mask_data, lambda: 1700000000.1234)
    for event in events:
        sink(event)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_the_last_line_has_exit_and_hosts_alone(outcome) -> None:
    failed = outcome(status=Status.FAILED, result={"msg": "no"})
    *_, summary, last = _run(RunFinished(2, {"web01": HostTotals(ok=9, changed=2, failed=1)}, (failed,), 3.5))
    assert last == {
        "event": "run_finished",
        "exit": 2,
        "hosts": {"web01": {"ok": 9, "changed": 2, **ZERO, "failed": 1}},
    }
    assert summary["event"] == "run_summary"
    assert summary["elapsed"] == 3.5
    assert summary["failures"][0]["host"] == "web01"


def test_a_task_s_end(outcome) -> None:
    (line,) = _run(TaskFinished(outcome(status=Status.CHANGED, result={"changed": True, "_ansible_x": 1})))
    assert line == {
        "event": "task_finished",
        "time": 1700000000.123,
        "host": "web01",
        "task": {"id": 1, "name": "deploy", "action": "copy", "path": "site.yml:3:7"},
        "status": "changed",
        "ignored": False,
        "result": {"changed": True},
    }


def test_no_log_and_secrets(outcome, task) -> None:
    redactor = Redactor()
    redactor.add("hunter22")
    hidden = outcome(
        task=task(no_log=True), result={"stdout": "other"}, label="other", diff=({"before": "other"},), hint="other"
    )
    shown = outcome(result={"stdout": "it is hunter22"})
    text = json.dumps(_run(ItemFinished(hidden), TaskFinished(shown), redactor=redactor))
    assert "other" not in text
    assert "hunter22" not in text
    assert "it is ********" in text


def test_control_characters_are_escaped(outcome) -> None:
    out = io.StringIO()
    JsonLinesSink(out, lambda data: data, lambda: 0)(TaskFinished(outcome(result={"stdout": "\x1b[31m\u202e\udcff"})))
    assert out.getvalue().isascii()
    assert "\x1b" not in out.getvalue()


def test_what_json_does_not_know_becomes_text(outcome) -> None:
    (line,) = _run(TaskFinished(outcome(result={"when": complex(1, 2)})))
    assert line["result"] == {"when": "(1+2j)"}


def test_it_can_be_read_again(outcome) -> None:
    events = [
        RunStarted("play", ("site.yml",), False, 12.5),
        PlayStarted("web", Origin("/srv/my site.yml", 1, 3), ("a", "b"), strategy="free"),
        TaskFinished(outcome(label="x", origin=Origin("t.j2", 4))),
        RunFinished(0, {"a": HostTotals(ok=1)}, (), 2.0, {"a": ("restart",)}, {"_run": {"n": 1}}),
    ]
    assert list(decode(_run(*events))) == events


def test_an_unknown_event_is_an_error() -> None:
    with pytest.raises(KeyError):
        list(decode([{"event": "never_heard_of"}]))

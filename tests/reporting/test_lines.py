"""``--output lines``: one line for each event, whatever the event holds."""

from __future__ import annotations

import pytest

from orchestra.model.event import (
    AsyncPolled,
    Included,
    Interrupted,
    MetaRan,
    Noted,
    Retrying,
    RunFailed,
    RunFinished,
    RunStarted,
    TaskFinished,
    Warned,
)
from orchestra.model.origin import Origin
from orchestra.model.outcome import HostTotals, Status
from orchestra.reporting.lines import LinesSink
from orchestra.reporting.options import OutputOptions


@pytest.fixture
def sink(paper):
    return LinesSink(paper.screen, OutputOptions(), paper.redactor.mask_data)


def test_recap_line(sink, paper) -> None:
    sink(RunFinished(0, {"web01": HostTotals(ok=9, changed=2, skipped=1)}))
    assert paper.text == "web01 : ok=9 changed=2 unreachable=0 failed=0 skipped=1 rescued=0 ignored=0\n"


def test_a_failure_has_place_and_cause_on_one_line(sink, paper, outcome) -> None:
    result = {"msg": "non-zero return code", "rc": 2, "stderr": "one\ntwo\x1b[2J"}
    sink(TaskFinished(outcome(status=Status.FAILED, result=result, ignored=True)))
    assert paper.text == (
        "failed: web01 | deploy | site.yml:3 | non-zero return code (exit 2): one\\ntwo\\x1b[2J | ignored\n"
    )


def test_a_failure_says_what_to_do(sink, paper, outcome, task) -> None:
    result = {"msg": "file has no option 'pth'"}
    sink(TaskFinished(outcome(status=Status.FAILED, result=result, hint="did you mean path?")))
    secret = task(no_log=True)
    sink(TaskFinished(outcome(status=Status.FAILED, result=result, hint="try hunter22", task=secret)))
    assert paper.text == (
        "failed: web01 | deploy | site.yml:3 | file has no option 'pth' | hint: did you mean path?\n"
        "failed: web01 | deploy | site.yml:3 | hidden by no_log\n"
    )


def test_other_events(sink, paper, task) -> None:
    sink(Retrying("web01", task(), 2, {}))
    sink(AsyncPolled("web01", task(), "j1", 1, 0))
    sink(Included(task(), "more.yml", ("a", "b"), "x"))
    sink(MetaRan("ran handlers", "web01"))
    sink(Noted("too much", 1))
    assert paper.text == (
        "retrying: web01 | deploy | 2 retries left\n"
        "running: web01 | deploy | job j1\n"
        "included: more.yml | item=x | for a, b\n"
        "meta: web01 | ran handlers\n"
    )


def test_warnings_and_interruption_are_errors(sink, paper, outcome) -> None:
    sink(Warned("odd", Origin("a.yml", 3)))
    sink(TaskFinished(outcome(result={"warnings": ["strange"]})))
    sink(Interrupted((("web01", "deploy"),)))
    assert paper.errors == (
        "warning: odd | a.yml:3\nwarning: web01 | strange\ninterrupted: by the user\nin flight: web01 | deploy\n"
    )


def test_a_fault_of_the_whole_run_is_an_error(sink, paper) -> None:
    sink(RunFailed("no strategy 'lineal'", Origin("a.yml", 3), "did you mean linear?"))
    assert (paper.text, paper.errors) == (
        "", "error: no strategy 'lineal' | a.yml:3 | hint: did you mean linear?\n",
    )  # fmt: skip


def test_ad_hoc_output_is_shown(sink, paper, outcome) -> None:
    sink(RunStarted("adhoc", (), False, 0))
    sink(TaskFinished(outcome(status=Status.CHANGED, result={"stdout": "up 3 days\nload 1", "rc": 0})))
    assert paper.text == "out: web01 | up 3 days\nout: web01 | load 1\nchanged: web01 | deploy\n"


def test_ad_hoc_results_are_shown_where_nothing_was_printed(sink, paper, outcome, task) -> None:
    sink(RunStarted("adhoc", (), False, 0))
    sink(TaskFinished(outcome(task=task(action="stat"), result={"stat": {"exists": False}})))
    sink(TaskFinished(outcome(status=Status.CHANGED, result={"stdout": "", "rc": 0})))
    assert paper.text == 'ok: web01 | deploy | {"stat": {"exists": false}}\nchanged: web01 | deploy\n'


def test_filters(paper, outcome) -> None:
    sink = LinesSink(paper.screen, OutputOptions(show_ok=False, show_skipped=False), paper.redactor.mask_data)
    sink(TaskFinished(outcome()))
    sink(TaskFinished(outcome(status=Status.SKIPPED)))
    sink(TaskFinished(outcome(status=Status.CHANGED)))
    assert paper.text == "changed: web01 | deploy\n"


def test_results_at_v(paper, outcome) -> None:
    paper.redactor.add("hunter22")
    sink = LinesSink(paper.screen, OutputOptions(verbosity=1), paper.redactor.mask_data)
    sink(TaskFinished(outcome(result={"stdout": "hunter22"})))
    assert paper.text == 'ok: web01 | deploy | {"stdout": "********"}\n'


def test_no_log_hides_diffs_and_messages(sink, paper, outcome, task) -> None:
    secret = task(action="debug", no_log=True)
    diff = ({"before": "", "after": "hunter22\n"},)
    sink(TaskFinished(outcome(task=secret, result={"msg": "hunter22"}, diff=diff)))
    assert paper.text == "ok: web01 | deploy\n"

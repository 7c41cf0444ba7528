"""Which output a wish leads to."""

from __future__ import annotations

import io

import pytest

from orchestra.model.event import RunFinished, TaskFinished, Warned
from orchestra.model.outcome import HostTotals, Status
from orchestra.model.secret import Redactor
from orchestra.reporting.choose import Request, choose, look_of
from orchestra.reporting.options import OutputOptions


class Stream(io.StringIO):
    """A stream that may be a terminal."""

    def __init__(self, *, terminal: bool = False) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


XTERM = {"TERM": "xterm"}


def _mode(request: Request, *, terminal: bool = False, environ=None) -> str:
    out = Stream(terminal=terminal)
    return choose(request, Redactor(), out=out, err=out, environ=XTERM if environ is None else environ).mode


@pytest.mark.parametrize(
    ("terminal", "environ", "mode"),
    [
        (True, XTERM, "live"),
        (False, XTERM, "lines"),
        (True, {"TERM": "dumb"}, "lines"),
        (True, {}, "lines"),
        (True, {**XTERM, "CI": "true"}, "lines"),
    ],
)
def test_auto(terminal: bool, environ: dict, mode: str) -> None:
    assert _mode(Request(), terminal=terminal, environ=environ) == mode


@pytest.mark.parametrize("mode", ["live", "lines", "ansible", "json", "dense", "quiet"])
def test_named_modes(mode: str) -> None:
    assert _mode(Request(mode=mode)) == mode


@pytest.mark.parametrize(
    ("callback", "mode"),
    [
        ("yaml", "ansible"),
        ("community.general.yaml", "ansible"),
        ("ansible.posix.json", "document"),
        ("minimal", "minimal"),
        ("oneline", "oneline"),
        ("dense", "dense"),
        ("community.general.unixy", "dense"),
        ("default", "ansible"),
        ("null", "quiet"),
    ],
)
def test_stdout_callback_of_the_configuration(callback: str, mode: str) -> None:
    assert _mode(Request(callback=callback)) == mode


def test_the_flag_wins_over_the_callback() -> None:
    assert _mode(Request(mode="lines", callback="yaml")) == "lines"


def test_a_callback_that_is_not_ours_is_for_the_project() -> None:
    output = choose(Request(callback="our.own"), Redactor(), out=Stream(), err=Stream(), environ=XTERM)
    assert output.mode == "lines"
    assert (output.callback, output.callback_is_ours) == ("our.own", False)


def test_ad_hoc_runs_and_one_line() -> None:
    assert _mode(Request(mode="ansible", kind="adhoc")) == "minimal"
    assert _mode(Request(mode="ansible", kind="adhoc", one_line=True)) == "oneline"
    assert _mode(Request(kind="adhoc", one_line=True)) == "oneline"
    assert _mode(Request(kind="adhoc")) == "lines"
    assert _mode(Request(kind="facts", mode="yaml")) == "facts"


def test_yaml_lays_results_out_as_yaml(outcome) -> None:
    out = Stream()
    request = Request(mode="yaml", options=OutputOptions(verbosity=1))
    for sink in choose(request, Redactor(), out=out, err=out, environ=XTERM).sinks:
        sink(TaskFinished(outcome(result={"rc": 0})))
    assert "ok: [web01] => \n    rc: 0\n" in out.getvalue()


@pytest.mark.parametrize(
    ("terminal", "environ", "request_", "colour"),
    [
        (True, XTERM, Request(), True),
        (False, XTERM, Request(), False),
        (True, {**XTERM, "NO_COLOR": "1"}, Request(), False),
        (True, XTERM, Request(no_color=True), False),
        (False, XTERM, Request(force_color=True), True),
        (False, {**XTERM, "FORCE_COLOR": "1"}, Request(), True),
        (False, {**XTERM, "FORCE_COLOR": "0"}, Request(), False),
        (True, {"TERM": "dumb"}, Request(), False),
    ],
)
def test_colour(terminal: bool, environ: dict, request_: Request, colour: bool) -> None:
    assert look_of(Stream(terminal=terminal), environ, request_).colour is colour


def test_widths() -> None:
    wide = {**XTERM, "COLUMNS": "132"}
    narrow = {**XTERM, "COLUMNS": "40"}
    terminal = Stream(terminal=True)
    assert look_of(terminal, wide, Request()).width == 132
    assert look_of(terminal, narrow, Request()).width == 40
    assert look_of(terminal, wide, Request(), ansible=True).width == 131
    assert look_of(terminal, narrow, Request(), ansible=True).width == 79
    assert look_of(Stream(), wide, Request(), ansible=True).width == 79


@pytest.mark.parametrize(
    ("mode", "kind", "shown"),
    [
        ("ansible", "play", "New\rAnsible"),
        ("ansible", "adhoc", "New\rAnsible"),
        ("lines", "play", "New\\x0dAnsible"),
        ("lines", "adhoc", "New\\x0dAnsible"),
    ],
)
def test_only_ansible_output_keeps_carriage_returns(mode: str, kind: str, shown: str) -> None:
    out = Stream()
    choose(Request(mode=mode, kind=kind), Redactor(), out=out, err=out, environ=XTERM).sinks[0](Warned("New\rAnsible"))
    assert shown in out.getvalue()


def test_encoding() -> None:
    latin = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    assert not look_of(latin, XTERM, Request()).unicode
    assert look_of(Stream(), XTERM, Request()).unicode


def test_log_path_gets_a_second_output_without_secrets(outcome, task, tmp_path) -> None:
    redactor = Redactor()
    redactor.add("hunter22")
    log = tmp_path / "run.log"
    output = choose(Request(mode="ansible", log_path=str(log)), redactor, out=Stream(), err=Stream(), environ=XTERM)
    for sink in output.sinks:
        sink(TaskFinished(outcome(status=Status.OK, task=task(action="debug"), result={"msg": "hunter22"})))
        sink(RunFinished(0, {"web01": HostTotals(ok=1)}))
    output.close()
    text = log.read_text()
    assert "hunter22" not in text
    assert "n=ansible INFO| TASK [deploy] ***" in text
    assert "INFO| web01                      : ok=1" in text
    assert log.stat().st_mode & 0o777 == 0o600
    assert "hunter22" in output.sinks[0]._screen.out.getvalue()

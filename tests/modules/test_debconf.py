"""debconf against a fake machine, and against the real database where there is one."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from orchestra.runner.foresight import Foresight
from orchestra.runner.overlay import Overlay
from orchestra.runner.system import System
from orchestra.testing.fakesystem import FakeSystem
from tests.modules.driving import drive, fake, module

SHOWN = """* tzdata/Zones/Etc: UTC
  tzdata/Areas: Etc
  tzdata/on: true
  tzdata/many: a, b
  tzdata/key: (password omitted)
"""


def machine(**more: Any) -> FakeSystem:
    answers = {
        "debconf-show tzdata": (0, SHOWN, ""),
        "debconf-communicate tzdata": (0, "0 hidden\n", ""),
        "debconf-set-selections": (0, "", ""),
    }
    return FakeSystem(answers={**answers, **more.pop("answers", {})}, **more)


def test_shows_what_is_recorded() -> None:
    current = fake("debconf", machine(), name="tzdata")["current"]
    assert (current["tzdata/Zones/Etc"], current["tzdata/many"]) == ("UTC", "a, b")


@pytest.mark.parametrize(
    ("question", "vtype", "value", "line"),
    [
        ("tzdata/Zones/Etc", "select", "UTC", None),
        ("tzdata/Zones/Etc", "select", "GMT", "tzdata tzdata/Zones/Etc select GMT\n"),
        ("tzdata/on", "boolean", True, None),
        ("tzdata/on", "boolean", "FALSE", "tzdata tzdata/on boolean false\n"),
        ("tzdata/many", "multiselect", ["b", "a"], None),
        ("tzdata/many", "multiselect", "b, a", "tzdata tzdata/many multiselect b, a\n"),
        ("tzdata/many", "multiselect", ["c", "a"], "tzdata tzdata/many multiselect a, c\n"),
        ("tzdata/key", "password", "hidden", None),
        ("tzdata/key", "password", "other", "tzdata tzdata/key password other\n"),
        ("tzdata/new", "string", 5, "tzdata tzdata/new string 5\n"),
    ],
)
def test_records_what_differs(question: str, vtype: str, value: Any, line: str | None) -> None:
    system = machine(diff=True)
    result = fake("debconf", system, name="tzdata", question=question, vtype=vtype, value=value)
    assert result["changed"] is (line is not None)
    assert "hidden" not in str(result.get("diff"))
    assert "other" not in str(result.get("diff"))
    assert len(system.commands) == (line is not None)


def test_a_list_must_hold_text() -> None:
    refused = fake("debconf", machine(), name="tzdata", question="tzdata/many", vtype="multiselect", value=["a", 1])
    assert refused["failed"]
    assert "Invalid value provided for 'multiselect'" in refused["msg"]


def test_a_check_run_sees_what_an_earlier_task_would_have_recorded() -> None:
    asked = {"name": "tzdata", "question": "tzdata/new", "vtype": "password", "value": "x"}
    system = machine(check=True)
    assert fake("debconf", system, **asked)["changed"]
    assert not fake("debconf", system, **asked)["changed"]
    assert system.commands == []


def test_a_password_that_can_not_be_read_is_a_failure() -> None:
    system = machine(answers={"debconf-communicate tzdata": (0, "10 tzdata/key doesn't exist\n", "")})
    assert (
        "Failed to get the value"
        in fake("debconf", system, name="tzdata", question="tzdata/key", vtype="password", value="x")["msg"]
    )
    broken = FakeSystem(answers={"debconf-show": (1, "", "locked\n")})
    assert fake("debconf", broken, name="x")["msg"] == "locked"


@pytest.mark.skipif(not shutil.which("debconf-communicate"), reason="debconf is not installed")
def test_against_the_real_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database of its own: debconf's configuration is taken from a file that the environment names."""
    stores = "".join(
        f"Name: {name}\nDriver: File\nFilename: {tmp_path}/{name}.dat\nMode: 600\n\n"
        for name in ("config", "templates")
    )
    (tmp_path / "debconf.conf").write_text(f"Config: config\nTemplates: templates\n\n{stores}")
    monkeypatch.setenv("DEBCONF_SYSTEMRC", str(tmp_path / "debconf.conf"))
    for vtype, first, second in (
        ("password", "a b", "c"),
        ("select", "one", "two"),
        ("multiselect", ["b", "a"], ["a"]),
    ):
        asked = {"name": "shed", "question": f"shed/{vtype}", "vtype": vtype}
        assert drive("debconf", **asked, value=first)["changed"]
        assert not drive("debconf", **asked, value=first)["changed"]
        assert drive("debconf", Foresight(Overlay(), check=True), **asked, value=second)["changed"]
        assert not drive("debconf", **asked, value=first)["changed"]
        assert drive("debconf", System(diff=True), **asked, value=second)["changed"]
    assert drive("debconf", name="shed")["current"] == {
        "shed/password": "(password omitted)",
        "shed/select": "two",
        "shed/multiselect": "a",
    }
    assert module("debconf").NAMES[0] == "ansible.builtin.debconf"

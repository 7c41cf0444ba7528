"""The case harness itself: a module that breaks a promise is caught, in the way that the promise was about."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from orchestra.runner.sdk import Call, Command, Failed, Result, System, Touch, WriteFile, option
from orchestra.runner.sdk import Path as PathKind
from orchestra.testing.cases import Case, CaseError, collect, run


class Options:
    path = option(PathKind, "Where.", default="/none")


def module(plan: Any) -> Any:
    return SimpleNamespace(Options=Options, plan=plan)


def case(**fields: Any) -> Case:
    return Case("probe", "case", {"path": "{dir}/x"}, **fields)


def writes(options: Any, system: System) -> Any:
    yield WriteFile(options.path, b"b")


def test_an_honest_module_passes(tmp_path: Path) -> None:
    ways = run(case(before={"x": "a"}, after={"x": "b"}), module(writes), tmp_path)
    assert ways == ("check", "apply", "again", "undo")


def test_writing_without_an_effect_is_caught_in_check_mode(tmp_path: Path) -> None:
    def plan(options: Any, system: System) -> Any:
        Path(options.path).write_text("b")
        return Result(True)

    with pytest.raises(AssertionError, match="check mode touched files"):
        run(case(after={"x": "b"}), module(plan), tmp_path)


def test_a_wrong_prediction_is_caught(tmp_path: Path) -> None:
    class Wrong(WriteFile):
        def predict(self, system: System) -> Result:
            self.content = b"other"
            return super().predict(system)

    def plan(options: Any, system: System) -> Any:
        yield Wrong(options.path, b"b")

    with pytest.raises(AssertionError, match="check: x holds b'other'"):
        run(case(after={"x": "b"}), module(plan), tmp_path)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"after": {"x": "c"}}, "x holds b'b'"),
        ({"after": {"x": "b", "y": ""}}, "y is not there"),
        ({"after": {}}, "not expected: .'x'."),
        ({"after": {"x": {"content": "b", "mode": "0600"}}}, "mode 0644"),
        ({"after": {"x": {"directory": True}}}, "is a file"),
        ({"after": {"x": "b"}, "changed": False}, "changed"),
        ({"after": {"x": "b"}, "result": {"msg": "m"}}, "result msg is None"),
        ({"after": {"x": "b"}, "again": "changed"}, "again"),
        ({"after": {"x": "b"}, "undo": False}, "undo: the effects say: yes"),
        ({"error": "no"}, "expected the error"),
    ],
)
def test_a_case_that_is_not_met_says_where(tmp_path: Path, fields: dict[str, Any], text: str) -> None:
    with pytest.raises(AssertionError, match=text):
        run(case(**fields), module(writes), tmp_path)


def test_a_plan_that_changes_again_is_caught(tmp_path: Path) -> None:
    def plan(options: Any, system: System) -> Any:
        yield Touch(options.path)

    with pytest.raises(AssertionError, match="again: changed"):
        run(case(after={"x": ""}), module(plan), tmp_path)


def test_an_undeclared_no_is_caught(tmp_path: Path) -> None:
    def plan(options: Any, system: System) -> Any:
        if not system.exists(options.path):
            yield Command(["touch", options.path], touches=[("path", options.path)])

    with pytest.raises(AssertionError, match=r"undo: the effects say: .'Command"):
        run(case(after={"x": ""}, check="skip"), module(plan), tmp_path)


def test_an_undo_that_does_not_restore_is_caught(tmp_path: Path) -> None:
    def plan(options: Any, system: System) -> Any:
        where = Path(options.path)
        yield Call("write", do=lambda _: where.write_text("b") and None, needed=not where.exists(), undo=lambda _: [])

    with pytest.raises(AssertionError, match="undo: not expected"):
        run(case(after={"x": "b"}, check="skip"), module(plan), tmp_path)


def test_a_refusal_must_touch_nothing(tmp_path: Path) -> None:
    def plan(options: Any, system: System) -> Any:
        yield WriteFile(options.path, b"b")
        raise Failed("too late")

    with pytest.raises(AssertionError, match="a refusal touched files"):
        run(case(error="too late"), module(plan), tmp_path)


def test_a_case_file_with_an_unknown_word_is_refused(tmp_path: Path) -> None:
    (tmp_path / "probe").mkdir()
    (tmp_path / "probe" / "x.yml").write_text("optoins: {}\n")
    with pytest.raises(CaseError, match=r"x\.yml: unknown: optoins; known: about"):
        list(collect(tmp_path))

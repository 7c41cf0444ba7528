"""Failure blocks: sentences, places and causes below causes."""

from __future__ import annotations

from pathlib import Path

from orchestra.model.origin import Origin
from orchestra.model.outcome import Cause, Status
from orchestra.reporting.explain import block, brief, causes_of, context


def _source(folder: Path, text: str = "- hosts: all\n  tasks:\n    - fail:\n") -> Path:
    path = folder / "site.yml"
    path.write_text(text)
    return path


def test_place_is_marked_with_two_lines_before(tmp_path: Path) -> None:
    path = _source(tmp_path, "".join(f"line {number}\n" for number in range(1, 13)))
    assert context(Origin(str(path), 11, 3)) == (
        f"Origin: {path}:11:3\n\n 9 line 9\n10 line 10\n11 line 11\n     ^ column 3"
    )


def test_without_a_column_the_line_is_underlined(tmp_path: Path) -> None:
    assert context(Origin(str(_source(tmp_path)), 1)).endswith("1 - hosts: all\n  ^^^^^^^^^^^^")


def test_long_lines_are_cut_and_the_mark_goes_left_of_the_end(tmp_path: Path) -> None:
    path = _source(tmp_path, "x" * 300 + "\n")
    *_, line, mark = context(Origin(str(path), 1, 112)).splitlines()
    assert len(line) == 120
    assert line.endswith("...")
    assert mark.endswith("column 112 ^")
    assert mark.index("^") == line.index("x") + 111


def test_a_place_beyond_a_cut_line_is_not_marked(tmp_path: Path) -> None:
    path = _source(tmp_path, "x" * 300 + "\n")
    assert "column" not in context(Origin(str(path), 1, 200))


def test_sources_that_cannot_be_shown(tmp_path: Path) -> None:
    vault = tmp_path / "vault.yml"
    vault.write_text("$ANSIBLE_VAULT;1.1;AES256\n3132\n")
    assert "content encrypted" in context(Origin(str(vault), 2, 1))
    assert "file truncated" in context(Origin(str(_source(tmp_path)), 90, 1))
    assert "FileNotFoundError" in context(Origin("/nowhere/x.yml", 1, 1))
    assert context(Origin("/nowhere/t.j2")) == "Origin: /nowhere/t.j2"


def test_causes_without_a_place_join_the_one_above() -> None:
    causes = (Cause("Task failed."), Cause("Module failed."), Cause("no such file"))
    assert block(causes) == "Task failed: Module failed: no such file"


def test_a_sentence_that_ends_with_the_next_swallows_it() -> None:
    assert brief((Cause("cannot read: no such file"), Cause("no such file"))) == "cannot read: no such file"


def test_causes_with_places_stand_below_each_other() -> None:
    causes = (Cause("Task failed.", Origin("a.yml")), Cause("'x' is undefined", Origin("t.j2"), hint="set it"))
    assert block(causes) == (
        "Task failed: 'x' is undefined\n\nTask failed.\nOrigin: a.yml\n\n<<< caused by >>>\n\n"
        "'x' is undefined\nOrigin: t.j2\n\nset it\n\n"
    )


def test_hint_on_the_same_line_where_there_is_no_place() -> None:
    assert block((Cause("no.", hint="Try yes."),)) == "no. Try yes."


def test_named_causes_stand_below_the_task(outcome, task) -> None:
    failed = outcome(status=Status.FAILED, causes=(Cause("'x' is undefined", Origin("t.j2", 4)),))
    assert [cause.message for cause in causes_of(failed)] == ["Task failed.", "'x' is undefined"]
    whole = outcome(status=Status.FAILED, causes=(Cause("Task failed."), Cause("no")))
    assert causes_of(whole) == whole.causes


def test_causes_are_made_from_the_message(outcome, task) -> None:
    failed = outcome(status=Status.FAILED, result={"msg": "non-zero return code"})
    assert [cause.message for cause in causes_of(failed)] == ["Task failed.", "Module failed: non-zero return code"]
    said = outcome(status=Status.FAILED, result={"msg": "stop"}, task=task(action="ansible.builtin.fail"))
    assert causes_of(said)[-1].message == "Action failed: stop"
    gone = outcome(status=Status.UNREACHABLE, result={"msg": "refused"})
    assert causes_of(gone)[-1].message == "refused"
    assert causes_of(outcome(status=Status.OK, result={"msg": "fine"})) == ()
    assert causes_of(outcome(status=Status.FAILED, result={"msg": "One or more items failed"}, looped=True)) == ()

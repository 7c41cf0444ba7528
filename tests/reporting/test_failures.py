"""Failures as people need them."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from orchestra.model.origin import Origin
from orchestra.model.outcome import Cause, Status
from orchestra.reporting.failures import cause, group, place, report, retry_command


def _lines(outcomes, base="") -> list[str]:
    return ["".join(text for text, _ in line) for line in report(outcomes, base)]


def test_a_program_s_last_words_belong_to_the_cause(outcome) -> None:
    result = {
        "msg": "non-zero return code",
        "rc": 2,
        "stderr": "\n".join(f"line {n}" for n in range(20)),
        "stdout": "x",
    }
    text = cause(outcome(status=Status.FAILED, result=result))
    assert text.startswith("non-zero return code (exit 2): line 12\n")
    assert text.endswith("line 19")


def test_without_error_output_the_output_is_taken(outcome) -> None:
    result = {"msg": "non-zero return code", "rc": 1, "stderr": "", "stdout": "said here"}
    assert cause(outcome(status=Status.FAILED, result=result)) == "non-zero return code (exit 1): said here"


def test_the_innermost_cause_is_the_sentence(outcome) -> None:
    failed = outcome(
        status=Status.FAILED,
        result={"msg": "Task failed: ..."},
        causes=(Cause("Task failed."), Cause("'x' is undefined", Origin("t.j2", 2))),
    )
    assert cause(failed) == "'x' is undefined"


def test_no_log_hides_the_cause(outcome, task) -> None:
    hidden = outcome(status=Status.FAILED, result={"msg": "wrong password hunter22"}, task=task(no_log=True))
    assert cause(hidden) == "hidden by no_log"
    assert "hunter22" not in "\n".join(_lines([hidden]))


def test_a_loop_names_its_bad_items(outcome) -> None:
    items = [{"item": "a", "failed": True, "msg": "no a"}, {"item": "b"}, {"item": "c", "failed": True, "msg": "no c"}]
    looped = outcome(status=Status.FAILED, looped=True, result={"msg": "One or more items failed", "results": items})
    assert cause(looped) == "item a: no a; item c: no c"


def test_equal_failures_are_one_group(outcome) -> None:
    failed = [outcome(f"web{n:02}", Status.FAILED, {"msg": "no"}) for n in range(1, 7)]
    odd = outcome("web09", Status.FAILED, {"msg": "other"})
    assert [(found.cause, len(found.hosts)) for found in group([*failed, odd])] == [("no", 6), ("other", 1)]


def test_report(outcome, tmp_path: Path) -> None:
    template = tmp_path / "nginx.conf.j2"
    template.write_text("upstream {\n  {{ upstreams[0] }}\n")
    failed = outcome(
        "web09",
        Status.FAILED,
        {"msg": "'upstreams' is undefined"},
        origin=Origin(str(template), 2, 6),
        hint="set it in group_vars/web.yml",
    )
    gone = outcome("web30", Status.UNREACHABLE, {"msg": "connect timed out"})
    lost = outcome("web31", Status.LOST, {"msg": "the link died"})
    assert _lines([gone, lost, failed], str(tmp_path))[:8] == [
        "FAILED 1  site.yml:3  deploy   web09",
        "  'upstreams' is undefined",
        "  at nginx.conf.j2:2",
        "      2 |   {{ upstreams[0] }}",
        "        |      ^",
        "  hint: set it in group_vars/web.yml",
        "UNREACHABLE 1  site.yml:3  deploy   web30",
        "  connect timed out",
    ]


@pytest.mark.parametrize(
    ("origin", "shown"),
    [
        (Origin("/srv/site.yml", 3, 7), "site.yml:3"),
        (Origin("/srv/roles/x/main.yml", 3), "roles/x/main.yml:3"),
        (Origin("/etc/x.yml", 3), "/etc/x.yml:3"),
        (Origin("site.yml"), "site.yml"),
        (None, ""),
    ],
)
def test_place(origin: Origin | None, shown: str) -> None:
    assert place(origin, "/srv") == shown


@pytest.mark.parametrize(
    ("typed", "retry"),
    [
        ("orchestra play site.yml", "orchestra play site.yml --limit a,b"),
        ("orchestra play -l all site.yml", "orchestra play site.yml --limit a,b"),
        ("orchestra play --limit=x site.yml -C", "orchestra play site.yml -C --limit a,b"),
        ("orchestra play -lweb 'my site.yml'", "orchestra play 'my site.yml' --limit a,b"),
    ],
)
def test_retry_command(typed: str, retry: str) -> None:
    assert retry_command(shlex.split(typed), ["b", "a"]) == retry


def test_no_retry_command_that_nobody_could_read() -> None:
    assert retry_command(["orchestra"], []) == ""
    assert retry_command([], ["a"]) == ""
    assert retry_command(["orchestra"], [f"h{n}" for n in range(100)]) == ""

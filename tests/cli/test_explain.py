"""``orchestra explain``: only what is certain is said to run or not; the rest stays open, with its reason and place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

HEAD = "- name: P\n  hosts: all\n  gather_facts: false\n  vars: {one: 1, through: '{{ one }}'}\n  tasks:\n"


@pytest.fixture
def step(run, tmp_path: Path):
    """What is said of the first task of a play with two hosts, a and b; b has a variable of its own."""

    def call(task: str, *words: str, after: str = "", number: int = 0) -> dict:
        (tmp_path / "hosts").write_text("a\nb mine=yes\n")
        (tmp_path / "p.yml").write_text(HEAD + "".join(f"    {line}\n" for line in (task + after).splitlines()))
        result = run("explain", "p.yml", "-i", "hosts", "--json", *words)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)[0]["plays"][0]["steps"][number]

    return call


@pytest.mark.parametrize(
    ("when", "runs", "never", "undecided"),
    [
        ("one == 1", ["a", "b"], [], []),
        ("through == 1", ["a", "b"], [], []),
        ("one == 2", [], ["a", "b"], []),
        ("inventory_hostname == 'a'", ["a"], ["b"], []),
        ("mine == 'yes'", ["b"], [], ["a"]),
        ("mine is defined", ["b"], [], ["a"]),
        ("ansible_facts['os_family'] == 'Debian'", [], [], ["a", "b"]),
        ("group_names == ['ungrouped']", ["a", "b"], [], []),
        ("later is changed", [], [], ["a", "b"]),
        ("[one == 1, nobody_knows]", [], [], ["a", "b"]),
        ("[nobody_knows, one == 2]", [], ["a", "b"], []),
    ],
)
def test_conditions(step, when: str, runs: list[str], never: list[str], undecided: list[str]) -> None:
    found = step(f"- ping:\n  when: {when}\n")
    assert found["runs"] == runs
    assert [host for one in found["never"] for host in one["hosts"]] == never
    assert [host for one in found["open"] for host in one["hosts"]] == undecided
    for one in (*found["never"], *found["open"]):
        assert (one["line"], one["reason"].startswith("when: ")) == (7, True)


@pytest.mark.parametrize(
    "after",
    ["- set_fact: {one: 2}\n", "- ping:\n  register: one\n", "- include_vars: x.yml\n", "- include_tasks: x.yml\n"],
)
def test_what_a_task_may_change_is_left_open(step, after: str) -> None:
    assert step("- ping:\n  when: one == 1\n", after=after)["open"]


def test_the_command_line_wins_over_what_tasks_set(step) -> None:
    assert step("- ping:\n  when: one == 3\n", "-e", '{"one": 3}', after="- set_fact: {one: 2}\n")["runs"] == ["a", "b"]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("-t", "other"), "its tags are mine, and --tags other asks for others"),
        (("--skip-tags", "mine"), "its tags are mine, and --skip-tags mine leaves that out"),
    ],
)
def test_tags(step, words: tuple[str, ...], reason: str) -> None:
    found = step("- ping:\n  tags: mine\n", *words)
    assert (found["runs"], [one["reason"] for one in found["never"]]) == ([], [reason])


def test_notes(step) -> None:
    found = step("- ping:\n  run_once: true\n  delegate_to: c\n  loop: [1]\n  notify: h\n")
    assert found["notes"] == [
        "run_once: a does it for all", "done on c (delegate_to)", "once for each item of its loop", "notifies h",
    ]  # fmt: skip


def test_parts_of_blocks(step) -> None:
    block = "- block: [ping: ]\n  rescue: [ping: ]\n  always: [ping: ]\n"
    assert step(block, number=1)["notes"] == ["only where a task of the block before it failed"]
    assert step(block, number=2)["notes"] == ["whatever became of the block before it"]


def test_as_text_with_the_limit(run, tmp_path: Path) -> None:
    (tmp_path / "p.yml").write_text("- hosts: a,b,nobody\n  tasks:\n    - ping:\n")
    result = run("explain", "p.yml", "-i", "a,b,", "-l", "a")
    assert result.stdout == (
        "p.yml:1  play: a,b,nobody\n  hosts: a,b,nobody -> a\n  not b: --limit a\n"
        "  p.yml:3  task: ping\n      runs on a\n\n"
    )
    assert "ignoring: nobody" in result.stderr

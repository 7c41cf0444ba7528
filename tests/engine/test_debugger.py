"""The task debugger, on a terminal as a user has it."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

PLAY = """\
- hosts: localhost
  gather_facts: false
  vars: {{wrong: before}}
  {play}
  tasks:
    - name: First
      assert:
        that: wrong == 'after'
        success_msg: fine
      {task}
    - name: Second
      debug:
        msg: reached
"""


class Conversation:
    """A run on a pseudo-terminal: what it says is read until an expected text, then a line is typed."""

    def __init__(self, words: list[str], folder: Path) -> None:
        self.main, inside = pty.openpty()
        env = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "ORCHESTRA_"))}
        env |= {"HOME": str(folder), "TERM": "dumb", "NO_COLOR": "1"}
        line = [sys.executable, "-m", "orchestra", *words]
        self.process = subprocess.Popen(
            line, cwd=folder, env=env, stdin=inside, stdout=inside, stderr=inside, start_new_session=True
        )
        os.close(inside)
        self.said = ""

    def until(self, text: str, count: int = 1) -> None:
        """Read until ``text`` was said ``count`` times in all."""
        while self.said.count(text) < count:
            piece = self._read()
            assert piece, f"ended before {text!r} was said {count} times:\n{self.said}"
            self.said += piece

    def type(self, line: str) -> None:
        """Type a line."""
        os.write(self.main, line.encode() + b"\n")

    def end(self) -> int:
        """Read to the end; the exit status."""
        while piece := self._read():
            self.said += piece
        os.close(self.main)
        return self.process.wait()

    def _read(self) -> str:
        try:
            return os.read(self.main, 65536).decode(errors="replace")
        except OSError:
            return ""


PROMPT = "[localhost] TASK: First (debug)> "


@pytest.fixture
def start(tmp_path: Path):
    """Starts the play with keywords put in."""

    def call(play: str = "order: inventory", task: str = "debugger: on_failed", *, name: str = "as") -> Conversation:
        (tmp_path / "p.yml").write_text(PLAY.format(play=play, task=task))
        words = ["as", "ansible-playbook", "p.yml"] if name == "as" else ["play", "p.yml", "--output", "lines"]
        return Conversation(words, tmp_path)

    return call


def test_variables_are_changed_and_the_task_runs_again(start) -> None:
    run = start()
    run.until(PROMPT)
    run.type("p task.args")
    run.until("'success_msg': 'fine'")
    run.type("p result._result['msg']")
    run.until("'Assertion failed'")
    run.type("task_vars['wrong'] = 'after'")
    run.until(PROMPT, 4)
    run.type("u")
    run.until(PROMPT, 5)
    run.type("r")
    assert run.end() == 0, run.said
    assert '"msg": "reached"' in run.said
    assert "failed=0" in run.said


def test_arguments_are_changed(start) -> None:
    run = start(play="strategy: debug", task="tags: [x]", name="play")
    run.until(PROMPT)
    run.type('task.args["that"] = []')
    run.until(PROMPT, 2)
    run.type("r")
    assert run.end() == 0, run.said


def test_going_on_leaves_the_failure(start) -> None:
    run = start(play="debugger: always", task="ignore_errors: false")
    run.until(PROMPT)
    run.type("c")
    assert run.end() == 2
    assert "failed=1" in run.said
    assert "reached" not in run.said


def test_quitting_ends_the_run(start) -> None:
    run = start()
    run.until(PROMPT)
    run.type("q")
    assert run.end() == 99
    assert "User interrupted execution" in run.said


def test_what_is_typed_is_never_run(start, tmp_path: Path) -> None:
    run = start()
    run.until(PROMPT)
    run.type("p __import__('os').system('touch here')")
    run.until("***ValueError")
    run.type("task_vars['x'] = open('there', 'w')")
    run.until(PROMPT, 3)
    run.type("nonsense")
    run.until("p EXPRESSION")
    run.type("c")
    run.end()
    assert not (tmp_path / "here").exists()
    assert not (tmp_path / "there").exists()


@pytest.mark.parametrize("word", ["never", "on_unreachable", "on_skipped"])
def test_other_ends_do_not_stop(start, word: str) -> None:
    run = start(task=f"debugger: {word}")
    assert run.end() == 2
    assert "(debug)>" not in run.said


def test_a_word_that_is_none(start) -> None:
    run = start(task="debugger: on_failure")
    assert run.end() != 0
    assert "'on_failure' is not one of the supported values for debugger" in run.said

"""``pause`` with somebody at the terminal: what is typed, Ctrl-C and what it leads to, on a terminal of its own."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.engine.terminals import CTRL_C, Sitting, sit

PLAY = """\
- hosts: localhost
  gather_facts: false
  tasks:
    - {name: first, pause: %s, register: got}
    - debug: {msg: "{{ [got.user_input, got.delta < 60] }} after it"}
"""
PRESS = "Press enter to continue, Ctrl+C to interrupt:\n"
QUESTION = "Press 'C' to continue the play or 'A' to abort"
HINT = "(ctrl+C then 'C' = continue early, ctrl+C then 'A' = abort)\n"
ERASE = "\x7f"

CASES = {
    "enter": ("", [(PRESS, "\n")], 0, "['', True] after it"),
    "an answer, edited": ("{prompt: Say}", [("[first]\nSay:\n", "hello there" + ERASE * 5 + "you\n")], 0, "hello you"),
    "hidden": ("{prompt: Say, echo: no}", [("Say (output is hidden):\n", "pancakes\n")], 0, "['pancakes', True]"),
    "Ctrl-C, then on": ("", [(PRESS, "typed" + CTRL_C), (QUESTION, "xC")], 0, "['', True] after it"),
    "Ctrl-C, then no more": ("", [(PRESS, CTRL_C), (QUESTION, "a")], 2, "user requested abort!"),
    "a time cut short": ("{minutes: 9}", [(HINT, "\nwhat" + CTRL_C), (QUESTION, "c")], 0, "['', True] after it"),
    "a time given up": ("{seconds: 600, prompt: Hold}",
                        [(HINT, ""), ("[first]\n", ""), ("Hold:\n", CTRL_C), (QUESTION, "A")],
                        2, "user requested abort!"),
    "Ctrl-C twice": ("{minutes: 9}", [(HINT, CTRL_C), (QUESTION, CTRL_C)], 130, "in flight: "),
}  # fmt: skip


@pytest.mark.parametrize(
    ("case", "output"),
    [
        *((case, "ansible") for case in CASES),
        ("enter", "live"),
        ("a time cut short", "live"),
        ("Ctrl-C twice", "lines"),
    ],
)
def test_what_the_user_does(tmp_path: Path, case: str, output: str) -> None:
    options, steps, status, said = CASES[case]
    (tmp_path / "play.yml").write_text(PLAY % (options or "{}"))
    done, text = sit(tmp_path, ["play", "--output", output, "play.yml"], steps)
    assert done == status, text
    assert said.replace("'", '"') in text.replace("'", '"'), text
    assert ("after it" in text) is (status == 0), text
    assert "pancakes" not in text.partition("hidden")[2].partition("[")[0], "what is hidden is not shown"


def test_what_is_typed_while_time_passes_is_no_answer_to_what_follows(tmp_path: Path) -> None:
    tasks = "    - pause: {seconds: 1}\n    - pause: {prompt: Say}\n      register: more\n"
    (tmp_path / "play.yml").write_text(
        PLAY % "{seconds: 1}" + tasks + "    - debug: {msg: 'said {{ more.user_input }}.'}\n"
    )
    steps = [(HINT, "early\n"), ("Say:\n", "late\n")]
    done, text = sit(tmp_path, ["play", "--output", "ansible", "play.yml"], steps)
    assert done == 0 and '"msg": "said late."' in text and "early" not in text.replace("continue early", "")


def test_the_terminal_is_as_it_was_when_a_run_is_ended_in_a_pause(tmp_path: Path) -> None:
    import termios

    (tmp_path / "play.yml").write_text(PLAY % "{minutes: 9}")
    sitting = Sitting(tmp_path, "play", "--output", "ansible", "play.yml")
    try:
        before = termios.tcgetattr(sitting._terminal)
        sitting.sees(HINT)
        sitting._process.send_signal(signal.SIGTERM)
        sitting.sees("User interrupted execution")
        sitting.sees("PLAY RECAP")
        assert termios.tcgetattr(sitting._terminal)[3] == before[3]
        assert sitting.end() == 130
    finally:
        sitting.close()

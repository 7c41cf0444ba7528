"""vars_prompt: what is asked, when, and who may name the answers."""

import contextlib
import io
import sys
from pathlib import Path

import pytest

from orchestra.cli.exits import status_of
from orchestra.cli.main import main
from tests.engine.playcases import INVENTORY

SAID = "  tasks: [{debug: {msg: 'answer {{ asked }}'}}]\n"


class Terminal(io.StringIO):
    """Somebody who types."""

    def isatty(self) -> bool:
        return True


def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, answers: str) -> tuple[int, str]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "play.yml").write_text(text)
    (tmp_path / "inv.ini").write_text(INVENTORY)
    monkeypatch.setattr(sys, "stdin", Terminal(answers))
    out = io.StringIO()
    call = ["play", "--output", "ansible", "-i", "inv.ini", "play.yml"]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        code = status_of(lambda: main.main(call, standalone_mode=False), call)
    return code, out.getvalue()


def test_a_prompt_without_a_text_is_the_variables_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "- hosts: h1\n  gather_facts: no\n  vars_prompt: [{name: asked, private: no, confirm: yes}]\n" + SAID
    code, printed = play(tmp_path, monkeypatch, text, "one\ntwo\nthree\nthree\n")
    assert code == 0
    assert "VALUES ENTERED DO NOT MATCH" in printed
    assert "answer three" in printed
    prompts = [line for line in printed.splitlines() if "asked: " in line]
    assert "input for" not in "".join(prompts)


def test_keywords_of_the_play_may_name_the_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = "- name: on {{ asked }}\n  hosts: '{{ asked }}'\n  gather_facts: no\n"
    text = head + "  vars_prompt: [{name: asked, private: no}]\n"
    code, printed = play(tmp_path, monkeypatch, text + SAID, "h2\n")
    assert code == 0, printed
    assert "PLAY [on h2]" in printed
    assert "ok: [h2]" in printed
    assert "answer h2" in printed


def test_it_is_asked_before_the_play_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "- hosts: h1\n  gather_facts: no\n  vars_prompt: [{name: asked, private: no, confirm: yes}]\n" + SAID
    _, printed = play(tmp_path, monkeypatch, text, "a\nb\nc\nc\n")
    assert printed.index("DO NOT MATCH") < printed.index("PLAY [h1]")


def test_an_unknown_key_of_a_prompt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "- hosts: h1\n  vars_prompt: [{name: asked, when: yes}]\n" + SAID
    code, printed = play(tmp_path, monkeypatch, text, "")
    assert code != 0
    assert "Invalid vars_prompt data structure, found unsupported key 'when'" in printed


@pytest.mark.parametrize(
    ("prompt", "answers", "asked", "said"),
    [
        ("{name: asked, default: abcdefg}", "\n", "asked [abcdefg]: ", "answer abcdefg"),
        ("{name: asked, default: abcdefg}", "typed-one\n", "asked [abcdefg]: ", "answer typed-one"),
        ("{name: asked, default: 3, private: no}", "\n", "asked [3]: ", "answer 3 as text"),
        ("{name: asked, private: no}", "\n", "asked: ", "answer "),
        ("{name: asked, private: no}", "{{ 1 + 1 }}\n", "asked: ", "answer 2"),
        ("{name: asked, private: no, unsafe: yes}", "{{ 1 + 1 }}\n", "asked: ", "answer {{ 1 + 1 }}"),
        ("{name: asked, private: yes}", "{{ 1 + 1 }}\n", "asked: ", "answer {{ 1 + 1 }}"),
    ],
)
def test_defaults_are_shown_and_answers_are_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prompt: str, answers: str, asked: str, said: str
) -> None:
    import getpass

    def typed(text: str) -> str:
        sys.stderr.write(text)
        return input()

    monkeypatch.setattr(getpass, "getpass", typed)
    text = f"- hosts: h1\n  gather_facts: no\n  vars_prompt: [{prompt}]\n"
    text += "  tasks: [{debug: {msg: \"answer {{ asked }}{{ ' as text' if asked == '3' else '' }}\"}}]\n"
    code, printed = play(tmp_path, monkeypatch, text, answers)
    assert code == 0, printed
    assert asked in printed and f'"msg": "{said}"' in printed


def test_an_answer_is_the_users_own_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = "- hosts: h1\n  gather_facts: no\n  vars_prompt:\n    - {name: asked, private: no}\n"
    text = (
        head
        + "    - {name: data, private: no, unsafe: yes}\n  tasks:\n"
        + "    - {debug: {msg: reached}, when: '{{ asked }}'}\n    - {debug: {msg: not reached}, when: '{{ data }}'}\n"
    )
    code, printed = play(tmp_path, monkeypatch, text, "1 == 1\n1 == 1\n")
    assert code == 2
    assert '"reached"' in printed
    assert "untrusted template or expression" in printed

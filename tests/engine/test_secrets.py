"""A secret is never printed: in no output, at no verbosity, whatever happens to the task that has it."""

import contextlib
import io
import sys
from pathlib import Path

import pytest

from orchestra.cli.exits import status_of
from orchestra.cli.main import main
from orchestra.language.vaultformat import lock
from tests.engine.playcases import INVENTORY

VAULTED, PROMPTED = "canary-vault-11", "canary-prompt-22"
PLAY = """\
- hosts: h1
  gather_facts: false
  vars_files: [vaulted.yml]
  vars_prompt: [{name: asked, prompt: password}]
  tasks:
    - {name: as it is, command: "echo {{ token }} {{ asked }}", register: r}
    - {name: derived, set_fact: {longer: "x{{ token }}y", listed: ["{{ asked }}"]}}
    - {name: in a file, copy: {content: "key={{ token }}\\n", dest: "{{ playbook_dir }}/made.txt"}}
    - {name: changed file, copy: {content: "key={{ asked }}\\n", dest: "{{ playbook_dir }}/made.txt"}}
    - {name: fails, command: "sh -c 'echo {{ longer }} >&2; exit 3'", ignore_errors: true}
    - {name: said, fail: {msg: "token is {{ token }}"}, ignore_errors: true}
    - {name: "named {{ token }}", command: "true"}
    - {name: looped, command: "echo {{ item }}", loop: ["{{ token }}"], loop_control: {label: "{{ item }}"}}
    - {name: broken, command: "echo {{ token }} {{ nothere }}", ignore_errors: true}
    - {name: wrong option, file: {path: "/{{ token }}", state: "{{ asked }}"}, ignore_errors: true}
    - {name: no such host, command: "true", delegate_to: "{{ token }}", ignore_unreachable: true,
       vars: {ansible_connection: ssh, ansible_host: 127.0.0.1, ansible_port: 1}}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "vaulted.yml").write_bytes(lock(f"token: {VAULTED}\n".encode(), b"pw"))
    (tmp_path / "pass").write_text("pw\n")
    (tmp_path / "play.yml").write_text(PLAY)
    (tmp_path / "inv.ini").write_text(INVENTORY)
    return tmp_path


def printed(monkeypatch: pytest.MonkeyPatch, *words: str) -> str:
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PROMPTED}\n"))
    call = ["play", "-i", "inv.ini", "play.yml", "--vault-password-file", "pass", "--diff", *words]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = status_of(lambda: main.main(call, standalone_mode=False), call)
    assert code == 0, out.getvalue() + err.getvalue()
    return out.getvalue() + err.getvalue()


@pytest.mark.parametrize("verbosity", ["", "-vvvv"])
@pytest.mark.parametrize("output", ["lines", "ansible", "json", "yaml", "dense", "quiet"])
def test_no_output_shows_a_secret(project: Path, monkeypatch: pytest.MonkeyPatch, output: str, verbosity: str) -> None:
    text = printed(monkeypatch, "--output", output, *([verbosity] if verbosity else []))
    assert (project / "made.txt").read_text() == f"key={PROMPTED}\n"  # the host got the real one
    assert VAULTED not in text
    assert PROMPTED not in text


def test_what_is_included_with_an_encrypted_file_is_hidden_too(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "all").mkdir()
    (project / "all" / "closed.yml").write_bytes(lock(f"token: {VAULTED}\n".encode(), b"pw"))
    (project / "all" / "open.yml").write_text("plain: to be seen\n")
    tasks = "[{include_vars: {dir: all}}, {assert: {that: plain == 'to be seen'}}]"
    (project / "play.yml").write_text(f"- hosts: h1\n  gather_facts: false\n  tasks: {tasks}\n")
    text = printed(monkeypatch, "--output", "ansible", "-vvv")
    assert "the output has been hidden" in text
    assert "to be seen" not in text
    assert VAULTED not in text
    (project / "all" / "closed.yml").unlink()
    assert "to be seen" in printed(monkeypatch, "--output", "ansible", "-vvv")

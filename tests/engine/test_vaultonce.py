"""A vault text costs much to open: a run opens each once, however many hosts, plays and tasks need it."""

from collections import Counter
from pathlib import Path

import pytest

from orchestra.language import vaultformat
from tests.engine.playcases import Case, run_ours

PLAY = """\
- hosts: all
  gather_facts: false
  vars_files: [file.yml]
  tasks:
    - {name: inline, assert: {that: [token == 'inline secret', token | length == 13]}}
    - {name: file, assert: {that: [whole == 'file secret']}}
    - {name: again, include_vars: file.yml}
    - {name: looped, debug: {msg: "{{ token }}{{ item }}"}, loop: [1, 2]}
    - {name: read, assert: {that: ["lookup('file', 'file.yml') == lookup('unvault', 'file.yml') | trim"]}}
- hosts: all
  gather_facts: false
  vars_files: [file.yml]
  tasks:
    - {name: second play, assert: {that: [token == 'inline secret', whole == 'file secret']}}
"""
HOSTS = "[all]\nh1 ansible_connection=local\nh2 ansible_connection=local\nh3 ansible_connection=local\n"


def test_each_vault_text_is_opened_once_in_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inline = vaultformat.lock(b"inline secret", b"pw", "default")
    unused = vaultformat.lock(b"nobody asks", b"pw", "default")
    file = vaultformat.lock(b"whole: file secret\n", b"pw", "default")
    group = "".join(
        f"{name}: !vault |\n" + "".join(f"  {line}\n" for line in text.decode().splitlines())
        for name, text in (("token", inline), ("unused", unused))
    )
    files = {"inv.ini": HOSTS, "group_vars/all.yml": group, "file.yml": file.decode(), "pw": "pw\n"}
    case = Case("once", playbook=PLAY, files=files, args=("--vault-password-file", "pw"))
    case.lay_out(tmp_path)
    monkeypatch.chdir(tmp_path)
    opened: Counter[str] = Counter()
    unlock = vaultformat.unlock

    def counted(envelope: vaultformat.Envelope, password: bytes) -> bytes | None:
        clear = unlock(envelope, password)
        opened[(clear or b"").decode()] += 1
        return clear

    monkeypatch.setattr(vaultformat, "unlock", counted)
    record = run_ours(case)
    assert record.exit == 0, record.printed
    assert opened == {"inline secret": 1, "whole: file secret\n": 1}

"""What --fix writes: only what it must, comments and layout kept, the meaning unchanged."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from orchestra.errors import OrchestraError
from orchestra.language.yamltext import load_file
from orchestra.library.catalogue import Library
from orchestra.lint.check import Choice, mend
from orchestra.lint.finding import Edit, Finding
from orchestra.lint.fixing import edited, write
from orchestra.model.origin import Origin

LIBRARY = Library()
BEFORE = """\
# Übersicht – was hier geschieht
- name: "Play"   # the only one
  hosts: all
  gather_facts: no  # not needed
  tasks:

    # two blanks above stay
    - name: Ümlaut – before the place
      copy: src=a dest="/etc/ö x" mode=0644 force=yes

    - name: Second
      copy:
        src: "{{foo}}/x"
        dest: /b
        mode: 0644   # why
      when: "{{ foo }}"
    - {name: Third, ping: {data: '{{foo}}'}}
    - name: Kept
      shell: >
        echo {{foo}}
"""
AFTER = """\
# Übersicht – was hier geschieht
- name: "Play"   # the only one
  hosts: all
  gather_facts: false  # not needed
  tasks:

    # two blanks above stay
    - name: Ümlaut – before the place
      copy:
        src: a
        dest: /etc/ö x
        mode: "0644"
        force: true

    - name: Second
      copy:
        src: "{{ foo }}/x"
        dest: /b
        mode: "0644"   # why
      when: foo
    - {name: Third, ping: {data: '{{ foo }}'}}
    - name: Kept
      shell: >
        echo {{ foo }}
"""


def test_only_what_must_change_changes(tmp_path: Path) -> None:
    path = tmp_path / "site.yml"
    path.write_text(BEFORE.replace("Kept\n", "Kept \n"))
    left, mended = mend([str(path)], LIBRARY, Choice())
    assert path.read_text() == AFTER
    assert mended == 8
    assert not any(one.edits for one in left)


def test_the_meaning_stays(tmp_path: Path) -> None:
    path = tmp_path / "tasks/main.yml"
    path.parent.mkdir()
    path.write_text(
        "- apt: \"name=x=1.10 update_cache=no cache_valid_time=30 default_release='a: b'\"\n- set_fact: a=yes\n"
    )
    mend([str(tmp_path)], LIBRARY, Choice(only=("no-free-form", "yaml")))
    tasks = load_file(path)
    assert tasks[0]["apt"] == {
        "name": "x=1.10",
        "update_cache": False,
        "cache_valid_time": 30,
        "default_release": "a: b",
    }
    assert tasks[1]["set_fact"] == "a=yes", "what is text there stays text"


def test_ends_of_lines_and_marks_stay(tmp_path: Path) -> None:
    path = tmp_path / "vars/main.yml"
    path.parent.mkdir()
    path.write_bytes(b"\xef\xbb\xbfa: yes\r\nb: on \r\nc: 1")
    path.chmod(0o640)
    mend([str(tmp_path)], LIBRARY, Choice())
    assert path.read_bytes() == b"\xef\xbb\xbfa: true\r\nb: true\r\nc: 1\r\n"
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real.yml").write_text("a: yes\n")
    (tmp_path / "link.yml").symlink_to("real.yml")
    write(str(tmp_path / "link.yml"), "a: true\n")
    assert (tmp_path / "link.yml").is_symlink()
    assert (tmp_path / "real.yml").read_text() == "a: true\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.yml", "real.yml"]


def test_nobody_else_reads_a_private_file_while_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "private.yml"
    path.write_text("token: yes\n")
    path.chmod(0o600)
    modes: list[int] = []
    monkeypatch.setattr(os, "chmod", lambda new, mode: modes.append(Path(new).stat().st_mode & 0o777))
    write(str(path), "token: true\n")
    assert modes == [0o600]


def test_a_full_disk_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "site.yml"
    path.write_text("a: yes\n")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OrchestraError, match=r"cannot write .*site\.yml: No space left on device"):
        write(str(path), "a: true\n")
    assert [one.name for one in tmp_path.iterdir()] == ["site.yml"]
    assert path.read_text() == "a: yes\n"


def test_edits_that_touch_wait_for_the_next_pass() -> None:
    def finding(*edits: Edit) -> Finding:
        return Finding("x", "", Origin("f"), edits)

    text, count = edited("abcdef", [finding(Edit(0, 2, "A")), finding(Edit(1, 3, "B")), finding(Edit(4, 5, "E"))])
    assert (text, count) == ("AcdEf", 2)

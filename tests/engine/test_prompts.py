"""``vars_prompt`` at a terminal: the words that are asked, once and again to confirm."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PLAY = """\
- hosts: localhost
  gather_facts: false
  vars_prompt:
    - {name: plain, private: false, confirm: true}
    - {name: worded, private: false, prompt: what}
    - {name: empty, private: false, prompt: ""}
  tasks: [{debug: {msg: "{{ plain }} {{ worded }} {{ empty }}"}}]
"""


def test_the_name_is_asked_for_where_nothing_is_worded(tmp_path: Path) -> None:
    (tmp_path / "p.yml").write_text(PLAY)
    master, slave = os.openpty()
    os.write(master, b"one\none\ntwo\nthree\n")
    words = [os.path.join(os.path.dirname(sys.executable), "orchestra"), "play", "--output", "ansible", "p.yml"]
    with subprocess.Popen(words, cwd=tmp_path, stdin=slave, stdout=slave, stderr=slave) as running:
        os.close(slave)
        said = _all_of(master)
    assert running.returncode == 0, said
    places = [said.index(text) for text in ("\nplain: ", "confirm plain: ", "what: ", "input for empty: ")]
    assert places == sorted(places)
    assert '"msg": "one two three"' in said


def _all_of(terminal: int) -> str:
    """Everything that is written until nobody has the other end."""
    pieces: list[bytes] = []
    try:
        while piece := os.read(terminal, 65536):
            pieces.append(piece)
    except OSError:  # Linux says so when the last one closes
        pass
    finally:
        os.close(terminal)
    return b"".join(pieces).decode()

"""A user whom tasks became can be removed: nothing of the run is left on the host as that user."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

#: Notes its process, which becomes the runner's, and goes on as the same user.
PROGRAM = """#!/bin/sh
echo $$ > "$0.pid"
while [ "$1" != /bin/sh ]; do shift; done
exec "$@"
"""
PLAYBOOK = """
- hosts: localhost
  gather_facts: false
  vars: {ansible_become_exe: "{{ playbook_dir }}/own-sudo"}
  tasks:
    - {command: "true", become: true, become_user: orchestra-nobody}
    - {shell: "kill -0 $(cat own-sudo.pid)"}
    - {user: {name: orchestra-nobody, state: absent}}
    - {shell: "! kill -0 $(cat own-sudo.pid)"}
    - {command: "true", become: true, become_user: orchestra-nobody}
    - {shell: "kill -0 $(cat own-sudo.pid)"}
"""


def test_nothing_stays_as_a_user_who_is_removed(tmp_path: Path) -> None:
    program = tmp_path / "own-sudo"
    program.write_text(PROGRAM)
    program.chmod(0o755)
    (tmp_path / "play.yml").write_text(PLAYBOOK)
    done = subprocess.run(
        [sys.executable, "-m", "orchestra", "play", "play.yml", "--output", "ansible"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ok=6" in done.stdout

"""The settings of become's program and flags, and sudo's folder, reach the line that becomes the user."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

#: Notes its options and where it was called, and goes on as the same user.
PROGRAM = """#!/bin/sh
echo "$PWD" >> "$0.called"
while [ "$1" != /bin/sh ]; do printf '%s\\n' "$1" >> "$0.called"; shift; done
exec "$@"
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "own-sudo"
    path.write_text(PROGRAM)
    path.chmod(0o755)
    return path


def test_the_settings_and_the_folder_are_used(program: Path, tmp_path: Path) -> None:
    (tmp_path / "ansible.cfg").write_text(
        f"[privilege_escalation]\nbecome_exe = {program}\nbecome_flags = --set-home -n\n"
    )
    words = ["run", "localhost", "--become", "-m", "raw", "-a", "echo ran", "-e", "ansible_sudo_chdir=/usr"]
    done = subprocess.run(
        [sys.executable, "-m", "orchestra", *words],
        cwd=tmp_path,
        env={**os.environ, "ANSIBLE_CONFIG": str(tmp_path / "ansible.cfg")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    called = Path(f"{program}.called").read_text().split()
    assert called == ["/usr", "--set-home", "-n", "-u", "root"]

"""``orchestra console`` as a user has it: a terminal with history and Tab, or a pipe; connections that stay."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

ENV = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "ORCHESTRA_"))}
LINE = [sys.executable, "-m", "orchestra", "console", "-i", "one,two,", "-c", "local"]


def test_lines_from_a_pipe(tmp_path: Path) -> None:
    typed = "debug var=inventory_hostname\ncd two\n!awk '/^PPid/ {print $2}' /proc/$PPID/status\n" + (
        "!awk '/^PPid/ {print $2}' /proc/$PPID/status\nnope=1 false\nping\n"
    )
    done = subprocess.run(
        LINE, cwd=tmp_path, env={**ENV, "HOME": str(tmp_path)}, input=typed, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    blocks = done.stdout.split(" | ")
    assert done.stdout.count('"inventory_hostname": "two"') == 1
    runners = [block.splitlines()[1] for block in blocks if block.startswith("CHANGED | rc=0") or "rc=0 >>" in block]
    pids = {line for line in done.stdout.splitlines() if line.isdigit()}
    assert len(pids) == 1, f"both commands were served by one runner: {runners}"
    assert "two | FAILED | rc=1 >>" in done.stdout
    assert 'two | SUCCESS => {\n    "changed": false,\n    "ping": "pong"' in done.stdout, "a failure is forgotten"


@pytest.fixture
def terminal(tmp_path: Path):
    """Starts the console on a pseudo-terminal; returns functions to read up to a text, to type, and the process."""
    main, inside = pty.openpty()
    env = {**ENV, "HOME": str(tmp_path), "TERM": "xterm", "NO_COLOR": "1"}
    process = subprocess.Popen(LINE, cwd=tmp_path, env=env, stdin=inside, stdout=inside, stderr=inside)
    os.close(inside)
    said = bytearray()

    def until(text: str) -> str:
        start = len(said)
        while text.encode() not in said[start:]:
            try:
                said.extend(os.read(main, 4096))
            except OSError:
                raise AssertionError(f"ended before {text!r}: {said.decode(errors='replace')}") from None
        return said[start:].decode(errors="replace")

    def write(text: str) -> None:
        os.write(main, text.encode())

    yield until, write, process
    process.kill()
    process.wait()
    os.close(main)


def test_a_terminal_has_a_prompt_tab_and_a_history(terminal, tmp_path: Path) -> None:
    until, write, process = terminal
    until("@all (2)[f:50]$ ")
    write("cd tw\t\n")
    until("@two (1)[f:50]$ ")
    write("pin\t\n")
    assert "two | SUCCESS" in until('"pong"')
    until("$ ")
    write("exit\n")
    assert process.wait(timeout=60) == 0
    history = tmp_path / ".ansible/console_history"
    assert "ping" in history.read_text()
    assert history.stat().st_mode & 0o077 == 0

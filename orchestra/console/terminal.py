"""Lines from a terminal, with history and Tab, or from a pipe; answers to the screen."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from orchestra.console.shell import Shell

_HISTORY_LENGTH = 1000


def converse(shell: Shell, history: str, show: Callable[[str], None]) -> None:
    """Read and answer lines until the user leaves or there are none left."""
    interactive = sys.stdin.isatty()
    with _editing(shell, history) if interactive else _nothing():
        while not shell.over:
            try:
                line = _line(shell, interactive=interactive)
            except KeyboardInterrupt:
                show("")
                continue
            if line is None:
                break
            said = shell.answer(line)
            if said:
                show(said)
            sys.stdout.flush()
    if interactive and not shell.over:
        show("")


def _line(shell: Shell, *, interactive: bool) -> str | None:
    if interactive:
        try:
            return input(shell.prompt)
        except EOFError:
            return None
    return sys.stdin.readline() or None


@contextmanager
def _nothing() -> Iterator[None]:
    yield


@contextmanager
def _editing(shell: Shell, history: str) -> Iterator[None]:
    """Line editing, where the interpreter has it. The history is the user's alone."""
    try:
        import readline
    except ImportError:
        yield
        return
    _learn(readline, shell)
    with suppress(OSError):
        readline.read_history_file(history)
    readline.set_history_length(_HISTORY_LENGTH)
    try:
        yield
    finally:
        with suppress(OSError):
            os.makedirs(os.path.dirname(history), mode=0o700, exist_ok=True)
            os.close(os.open(history, os.O_CREAT | os.O_WRONLY, 0o600))
            readline.write_history_file(history)


def _learn(readline: Any, shell: Shell) -> None:
    offered: list[str] = []

    def complete(word: str, state: int) -> str | None:
        if state == 0:
            offered[:] = shell.complete(readline.get_line_buffer(), word)
        return offered[state] if state < len(offered) else None

    readline.set_completer(complete)
    readline.set_completer_delims(" \t\n")
    readline.parse_and_bind("tab: complete")

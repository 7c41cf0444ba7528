"""The terminal that questions are asked on. A live display is put aside while one is open."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext


class Console:
    """Asks on the process's own terminal. ``suspended`` guards the time in which a question is open."""

    def __init__(self, suspended: Callable[[], AbstractContextManager[None]] = nullcontext) -> None:
        self.suspended = suspended

    @property
    def is_interactive(self) -> bool:
        """Whether somebody can answer."""
        return sys.stdin is not None and sys.stdin.isatty()

    def ask(self, prompt: str, private: bool = False) -> str | None:
        """Ask for a line; without a terminal a private answer is still read from standard input."""
        with self.suspended():
            try:
                return self._private(prompt) if private else self._line(prompt)
            except EOFError:
                return None

    def password(self, prompt: str) -> str:
        """A password that has to be given. Raises EOFError when nobody answers."""
        answer = self.ask(prompt, private=True)
        if answer is None:
            raise EOFError
        return answer

    def _line(self, prompt: str) -> str | None:
        if not self.is_interactive:
            return None
        print(prompt, end="", file=sys.stderr, flush=True)  # noqa: T201 - standard output may be read by a program
        return input()

    def _private(self, prompt: str) -> str:
        if self.is_interactive:
            from getpass import getpass

            return getpass(prompt)
        line = sys.stdin.readline()
        if not line:
            raise EOFError
        return line.rstrip("\n")

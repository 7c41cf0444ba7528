"""The terminal that questions are asked on. A live display is put aside while one is open."""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext


class Console:
    """Asks on the process's own terminal. ``suspended`` guards the time in which a question is open."""

    def __init__(self, suspended: Callable[[], AbstractContextManager[None]] = nullcontext) -> None:
        self.suspended = suspended
        self._hushes = 0

    @property
    def is_interactive(self) -> bool:
        """Whether somebody can answer."""
        if sys.stdin is None or not sys.stdin.isatty():
            return False
        from orchestra.cli.keyboard import is_ours

        try:
            return is_ours(sys.stdin.fileno())
        except io.UnsupportedOperation:
            return True  # somebody speaks through an object of Python's

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

    async def line(self, prompt: str, private: bool = False) -> str | None:
        """Ask for a line while the loop goes on."""
        if not self.is_interactive:
            return None
        from orchestra.cli.keyboard import mode, typed

        terminal = sys.stdin.fileno()
        with self.suspended(), mode(terminal, echo=not private, lines=True):
            _show(prompt)
            try:
                data = await typed(terminal)
            except asyncio.CancelledError:
                _show("\n")
                raise
            if private:
                _show("\n")
        return data.decode(errors="surrogateescape").rstrip("\r\n") if data else None

    async def key(self, prompt: str, keys: str) -> str:
        """Wait for a key while the loop goes on. Raises EOFError when the terminal is gone."""
        from orchestra.cli.keyboard import mode, typed

        terminal = sys.stdin.fileno()
        with self.suspended(), mode(terminal, echo=False, lines=False):
            _show(prompt)
            while data := await typed(terminal):
                for pressed in data.decode(errors="replace").lower():
                    if pressed in keys:
                        return pressed
        raise EOFError

    @contextmanager
    def hushed(self) -> Iterator[None]:
        """Keep what is typed off the screen and forget it; for several at a time."""
        from orchestra.cli.keyboard import mode

        self._hushes += 1
        first = self._hushes == 1 and self.is_interactive
        try:
            with mode(sys.stdin.fileno(), echo=False, lines=False) if first else nullcontext():
                yield
        finally:
            self._hushes -= 1

    def _line(self, prompt: str) -> str | None:
        if not self.is_interactive:
            return None
        _show(prompt)
        return input()

    def _private(self, prompt: str) -> str:
        if self.is_interactive:
            from getpass import getpass

            return getpass(prompt)
        line = sys.stdin.readline()
        if not line:
            raise EOFError
        return line.rstrip("\n")


def _show(text: str) -> None:
    print(text, end="", file=sys.stderr, flush=True)  # noqa: T201 - standard output may be read by a program

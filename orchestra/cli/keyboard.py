"""What is typed at a terminal, read from the event loop: nobody blocks, and a question can be given up at any moment.

Knows how a terminal is told to echo and to wait for whole lines; nothing of what is asked.
"""

from __future__ import annotations

import asyncio
import os
import termios
from collections.abc import Iterator
from contextlib import contextmanager

_MODES, _CHARACTERS = 3, 6


@contextmanager
def mode(terminal: int, *, echo: bool, lines: bool) -> Iterator[None]:
    """Meanwhile the terminal shows what is typed or not, and hands over lines or single keys.

    What was typed before, and what nobody has read in the end, is forgotten.
    """
    before = termios.tcgetattr(terminal)
    wanted = [*before[:_CHARACTERS], list(before[_CHARACTERS])]
    wanted[_MODES] &= ~(termios.ECHO | termios.ICANON)
    wanted[_MODES] |= termios.ECHO * echo | termios.ICANON * lines
    if not lines:
        wanted[_CHARACTERS][termios.VMIN], wanted[_CHARACTERS][termios.VTIME] = 1, 0
    termios.tcsetattr(terminal, termios.TCSAFLUSH, wanted)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSAFLUSH, before)


async def typed(terminal: int) -> bytes:
    """What has been typed, as soon as there is something; nothing: no more will come."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(terminal, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(terminal)
    try:
        return os.read(terminal, 4096)
    except OSError:  # Linux says so when the other end of a terminal is closed
        return b""


def is_ours(terminal: int) -> bool:
    """Whether this process is in the terminal's foreground; reading in the background would stop it."""
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return True  # a terminal that controls nobody

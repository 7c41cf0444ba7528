"""What Ctrl-C, SIGTERM and a terminal that is closed (SIGHUP) do: the first ends the run cleanly, the second at once.

A task that waits for the user may ask for the next Ctrl-C: then that one is for the task, and not for the run.

A run whose loop is stuck in a call that blocks (a lookup that waits for a program) would never hear of it: then the
call itself is broken off.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from types import FrameType

#: The exit status of a run that was stopped, as a shell's.
INTERRUPTED = 130
#: Seconds that the loop has for noticing by itself, and then between two that are broken off.
_PATIENCE, _PACE = 0.5, 0.05


class Interrupts:
    """The tasks that ask for the next Ctrl-C; it goes to the one that asked last."""

    def __init__(self) -> None:
        self._claims: list[Callable[[], object]] = []

    @contextlib.contextmanager
    def claimed(self, answer: Callable[[], object]) -> Iterator[None]:
        """Meanwhile the next Ctrl-C is for ``answer``, called once in the run's loop, and not for the run."""
        self._claims.append(answer)
        try:
            yield
        finally:
            if answer in self._claims:
                self._claims.remove(answer)

    def next(self) -> Callable[[], object] | None:
        """Whose this Ctrl-C is; None: the run's."""
        return self._claims.pop() if self._claims else None


class _Stopper:
    """Ends one task, however busy its loop is."""

    def __init__(self, task: asyncio.Future[int], loop: asyncio.AbstractEventLoop, interrupts: Interrupts) -> None:
        self._task = task
        self._loop = loop
        self._interrupts = interrupts
        self._asked = False
        self._heard = False

    def on_signal(self, number: int, frame: FrameType | None) -> None:
        """Runs between two instructions of whatever the main thread does."""
        claim = self._interrupts.next() if number == signal.SIGINT and not self._asked else None
        if claim is not None:
            self._loop.call_soon_threadsafe(claim)
            return
        if self._asked:
            os._exit(INTERRUPTED)
        self._asked = True
        signal.setitimer(signal.ITIMER_REAL, _PATIENCE, _PACE)
        self._loop.call_soon_threadsafe(self._stop)

    def on_alarm(self, number: int, frame: FrameType | None) -> None:
        """The loop is stuck: break off what holds it, but never the loop's own work."""
        if not self._heard and asyncio.current_task(self._loop) is not None:
            raise asyncio.CancelledError

    def _stop(self) -> None:
        self._heard = True
        signal.setitimer(signal.ITIMER_REAL, 0)
        self._task.cancel()


async def interruptible(work: Awaitable[int], interrupts: Interrupts) -> int:
    """Wait for ``work``; SIGINT, SIGTERM and SIGHUP cancel it, a second one ends the process."""
    task = asyncio.ensure_future(work)
    stopper = _Stopper(task, asyncio.get_running_loop(), interrupts)
    with _handlers(stopper):
        try:
            return await task
        except asyncio.CancelledError:
            return INTERRUPTED


@contextlib.contextmanager
def _handlers(stopper: _Stopper) -> Iterator[None]:
    """Signal handlers for the time of a run; none outside the main thread, where there are no signals."""
    wanted = {signal.SIGINT: stopper.on_signal, signal.SIGTERM: stopper.on_signal, signal.SIGALRM: stopper.on_alarm}
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup means it
        wanted[signal.SIGHUP] = stopper.on_signal
    before = {}
    with contextlib.suppress(ValueError):
        for number, handler in wanted.items():
            before[number] = signal.signal(number, handler)
    try:
        yield
    finally:
        if before:
            signal.setitimer(signal.ITIMER_REAL, 0)
        for number, held in before.items():
            signal.signal(number, held)

"""Lets code that is not asynchronous wait without holding up other hosts.

Templates are rendered by plain calls, many deep, and a lookup in the innermost may have to wait for a program or a
server. What is ``carried`` runs in a greenlet: the waiting call steps out of it to the event loop, and back in when the
result is there. Nothing between the two knows. Costs one greenlet for each coroutine that is carried, no thread.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Generator
from typing import Any, TypeVar

from greenlet import getcurrent, greenlet

from orchestra.model.event import Emit, Event

T = TypeVar("T")


async def carried(work: Coroutine[Any, Any, T]) -> T:
    """Await ``work`` so that whatever it calls may wait ``aside``."""
    result: T = await _Carried(work)
    return result


def aside(work: Callable[[], T]) -> T:
    """The result of ``work``, which blocks and runs in a thread while other hosts go on.

    Where nobody else could go on (nothing carries the caller) it is called in place. When the run is cancelled this
    raises; the caller then ends what ``work`` waits for, if it can.
    """
    carrier = getcurrent()
    if not isinstance(carrier, _Carrier):
        return work()
    value, error = carrier.wait(_start(work, asyncio.get_running_loop()))
    if error is not None:
        raise error
    result: T = value
    return result


def from_any_thread(emit: Emit) -> Emit:
    """``emit`` for the loop that runs now; what is said aside reaches the sinks on the loop's thread, in order."""
    loop, home = asyncio.get_running_loop(), threading.get_ident()

    def relay(event: Event) -> None:
        if threading.get_ident() == home:
            emit(event)
        elif not loop.is_closed():
            loop.call_soon_threadsafe(emit, event)

    return relay


def _start(work: Callable[[], T], loop: asyncio.AbstractEventLoop) -> asyncio.Future[tuple[Any, BaseException | None]]:
    """Call ``work`` in a thread of its own: a pool that is full of waiting hosts would wait for ever."""
    ending: asyncio.Future[tuple[Any, BaseException | None]] = loop.create_future()

    def run() -> None:
        try:
            end: tuple[Any, BaseException | None] = (work(), None)
        except BaseException as error:
            end = (None, error)
        if not loop.is_closed():  # else the run was ended, and nobody waits
            loop.call_soon_threadsafe(_settle, ending, end)

    threading.Thread(target=run, name="lookup", daemon=True).start()
    return ending


def _settle(ending: asyncio.Future[Any], end: tuple[Any, BaseException | None]) -> None:
    if not ending.cancelled():
        ending.set_result(end)


class _Carrier(greenlet):
    """Steps a coroutine; what that yields, and what a call inside it waits for, goes out to the event loop."""

    def __init__(self, work: Coroutine[Any, Any, Any]) -> None:
        super().__init__(self._step)
        self._work = work
        self.gr_context = getcurrent().gr_context

    def _step(self, sent: Any) -> Any:
        step: Callable[[Any], Any] = self._work.send
        while True:
            try:
                yielded = step(sent)
            except StopIteration as stop:
                return stop.value
            try:
                sent, step = self._out(yielded), self._work.send
            except BaseException as error:
                sent, step = error, self._work.throw

    def wait(self, future: asyncio.Future[T]) -> T:
        """What ``future`` brings; the caller of this stands still until then."""
        steps = future.__await__()
        while True:
            try:
                yielded = next(steps)
            except StopIteration as stop:
                return stop.value  # type: ignore[no-any-return]
            self._out(yielded)

    def _out(self, yielded: Any) -> Any:
        assert self.parent is not None
        return self.parent.switch(yielded)


class _Carried:
    """A coroutine in its carrier, to be awaited once."""

    def __init__(self, work: Coroutine[Any, Any, Any]) -> None:
        self._work = work

    def __await__(self) -> Generator[Any, Any, Any]:
        carrier = _Carrier(self._work)
        yielded = carrier.switch(None)
        while not carrier.dead:
            try:
                sent = yield yielded
            except BaseException as error:
                yielded = carrier.throw(error)
            else:
                yielded = carrier.switch(sent)
        return yielded

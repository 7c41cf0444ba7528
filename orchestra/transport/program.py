"""What every transport's programs share: how one ends, how its noise is cut off, and how to run one to its end.

The transports differ in how bytes travel; that a program has ended although a daemon it left still holds its pipes,
or that a login profile printed something first, is the same everywhere and is decided here.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Protocol

from orchestra.errors import HostError, Lost, TimedOut
from orchestra.model.invocation import Become, Completed
from orchestra.model.ports import Process, ProcessSink
from orchestra.model.record import record
from orchestra.transport.shells import is_plain

#: Seconds between two looks at a program that has ended while something still holds its output open.
_SETTLE = 0.2
#: After so many looks the output of whatever it left behind is no longer its own.
_LOOKS = 25
#: Bytes of a profile's or a prompt's noise that are kept.
_NOISE_KEPT = 64 * 1024


class Program(ABC):
    """One program under way; a transport's subclass adds how to write to it and how to give it up.

    ``sink`` may be exchanged while it runs. It is told the end exactly once.
    """

    def __init__(self, sink: ProcessSink, loop: asyncio.AbstractEventLoop) -> None:
        self.sink = sink
        self._loop = loop
        self._status: int | None = None
        self._ended = False
        self._all_read = False
        self._fresh = True
        self._looks = 0
        self._timer: asyncio.TimerHandle | None = None
        #: Its process group on the host, once it is known.
        self.group = 0
        #: Called once at the end, before the sink is told.
        self.on_end: Callable[[], None] | None = None

    @abstractmethod
    def write(self, data: bytes) -> None:
        """Send bytes to its standard input; never blocks."""

    @abstractmethod
    async def drain(self) -> None:
        """Wait until what was written is under way."""

    @abstractmethod
    def close_input(self) -> None:
        """End its standard input."""

    def terminate(self) -> None:
        """Give it up."""
        self.end(None, "it was stopped")

    def exited(self, status: int) -> None:
        """Note the exit status: what is still on its way is waited for, what a daemon left behind would say is not."""
        self._status = status
        if self._all_read:
            self.end(status)
        elif self._timer is None:
            self._look()

    def output_ended(self) -> None:
        """Note that no more output can come."""
        self._all_read = True
        if self._status is not None:
            self.end(self._status)

    def _look(self) -> None:
        if self._ended:
            return
        if (not self._fresh and self._looks) or self._looks > _LOOKS:
            self.end(self._status)
            return
        self._fresh = False
        self._looks += 1
        self._timer = self._loop.call_later(_SETTLE, self._look)

    def end(self, status: int | None, reason: str = "") -> None:
        """Tell the sink, once; whatever comes later is dropped."""
        if self._ended:
            return
        self._ended = True
        if self._timer is not None:
            self._timer.cancel()
        if self.on_end is not None:
            self.on_end()
        self.release()
        self.sink.process_exited(status, reason)

    @abstractmethod
    def release(self) -> None:
        """Let go of what the program used; a transport closes its channel here."""


class Collector:
    """A sink that keeps everything, up to a limit, and can be awaited."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._stdout: list[bytes] = []
        self._stderr: list[bytes] = []
        self._size = 0
        self.overflowed = False
        self.ended: asyncio.Future[tuple[int | None, str]] = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        """Keep standard output."""
        self._keep(self._stdout, data)

    def error_received(self, data: bytes) -> None:
        """Keep standard error."""
        self._keep(self._stderr, data)

    def _keep(self, chunks: list[bytes], data: bytes) -> None:
        self._size += len(data)
        if self._size > self._limit:
            self.overflowed = True
            self.process_exited(None, "too much output")
            return
        chunks.append(data)

    def process_exited(self, status: int | None, reason: str) -> None:
        """Note the end."""
        if not self.ended.done():
            self.ended.set_result((status, reason))

    def completed(self, status: int) -> Completed:
        """What was kept, as a finished program."""
        return Completed(status, b"".join(self._stdout), b"".join(self._stderr))


class Starter(Protocol):
    """The two methods of a connection that ``run_to_end`` needs."""

    async def start(self, command: str, sink: ProcessSink, *, pty: bool = False) -> Process:
        """Start ``command``."""

    async def escalate(self, become: Become, command: str, sink: ProcessSink) -> Process:
        """Start ``command`` as another user."""


async def run_to_end(
    starter: Starter,
    command: str,
    *,
    limit: int,
    stdin: bytes = b"",
    pty: bool = False,
    timeout: float = 0,
    become: Become | None = None,
) -> Completed:
    """Start ``command``, feed it and wait for its end.

    Raises:
        TimedOut: ``timeout`` seconds passed (0: no limit).
        Lost: the link died.
        HostError: it printed more than ``limit`` bytes.
    """
    collector = Collector(limit)
    if become is None:
        process = await starter.start(command, collector, pty=pty)
    else:
        process = await starter.escalate(become, command, collector)
    try:
        if stdin:
            process.write(stdin)
        if not pty:
            process.close_input()
        async with asyncio.timeout(timeout or None):
            status, reason = await asyncio.shield(collector.ended)
    except TimeoutError:
        raise TimedOut(f"the command did not end within {timeout:g} s", seconds=timeout) from None
    finally:
        if not collector.ended.done() or collector.overflowed:
            process.terminate()
    if collector.overflowed:
        raise HostError(f"the command printed more than {limit} bytes", hint="send its output to a file on the host")
    if status is None:
        raise Lost(f"the link died while a command ran: {reason}")
    return collector.completed(status)


_MARKED = re.compile(rb"begin-[0-9a-f]{16}([0-9]+);")


@record
class Marker:
    """A text that a script prints right before the program; the script itself does not contain it."""

    head: str
    tail: str

    @classmethod
    def fresh(cls) -> Marker:
        """A marker that occurs nowhere else."""
        return cls(f"begin-{secrets.token_hex(4)}", secrets.token_hex(4))

    def find(self, output: bytes) -> re.Match[bytes] | None:
        """Where the marker stands in ``output``; group 1 is the process group of the program."""
        start = output.find(f"{self.head}{self.tail}".encode())
        return _MARKED.match(output, start) if start >= 0 else None

    @property
    def threshold(self) -> bytes:
        """What appears when the login shell's own noise is over, before another user is become."""
        return f"{self.tail}{self.head};".encode()

    def at_threshold(self, command: str, *, pty: bool) -> str:
        """The script that prints the threshold, on each stream, and then runs ``command``."""
        say = f"printf '%s%s;' {self.tail} {self.head}"
        return f"{say}; {command}" if pty else f"{say}; {say} >&2; {command}"

    def before(self, command: str, *, pty: bool = False) -> str:
        """The script that prints the marker, on each stream, and then runs ``command``."""
        say = f"printf '%s%s%s;' {self.head} {self.tail} $$"
        if pty:  # one stream; and from here on it must carry every byte unchanged
            return f"stty raw -echo 2>/dev/null; {say}; {command}"
        return f"{say}; {say} >&2; {command}"


class NoiseFilter:
    """A sink that drops what comes before the marker and then steps aside for the real sink.

    When the program ends without having begun, the noise is all there is, and it is passed on.
    """

    def __init__(self, marker: Marker, sink: ProcessSink, *, pty: bool) -> None:
        self._marker = marker
        self._sink = sink
        self._pending: dict[bool, bytes] = {False: b"", True: b""}
        self._begun = {False: False, True: pty}
        self._group = 0
        #: Set by whoever starts the program, so that the filter can take itself out.
        self.program: Program | None = None
        self._over = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        """Standard output."""
        self._receive(False, data)

    def error_received(self, data: bytes) -> None:
        """Standard error."""
        self._receive(True, data)

    def _receive(self, is_error: bool, data: bytes) -> None:
        if self._begun[is_error]:
            self._pass_on(is_error, data)
            return
        noise = self._pending[is_error] + data
        found = self._marker.find(noise)
        if found is None:
            self._pending[is_error] = noise[-_NOISE_KEPT:]
            self.noise_received()
            return
        self._begun[is_error], self._pending[is_error] = True, noise[: found.start()]
        self._group = int(found[1])
        rest = noise[found.end() :]
        if all(self._begun.values()):
            self._step_aside()
        if rest:
            self._pass_on(is_error, rest)

    def _pass_on(self, is_error: bool, data: bytes) -> None:
        if is_error:
            self._sink.error_received(data)
        else:
            self._sink.data_received(data)

    def _step_aside(self) -> None:
        if self.program is not None:
            self.program.sink, self.program.group = self._sink, self._group
        self._over.set()
        self.begun()

    def attach(self, program: Program) -> None:
        """Learn which program this is the sink of."""
        self.program = program
        if all(self._begun.values()):
            program.sink, program.group = self._sink, self._group

    async def wait_for_start(self) -> None:
        """Wait until the program itself runs, or has ended; until its terminal is raw, it changes what is written."""
        try:
            await self._over.wait()
        except BaseException:
            if self.program is not None:
                self.program.terminate()
            raise

    def noise(self, is_error: bool) -> bytes:
        """What came before the marker so far on one stream."""
        return self._pending[is_error]

    def noise_received(self) -> None:
        """Called when more noise has come; for prompts."""

    def begun(self) -> None:
        """Called when the program itself runs."""

    def process_exited(self, status: int | None, reason: str) -> None:
        """The end, before the program began on both streams."""
        for is_error in (False, True):
            if self._pending[is_error] and not self._begun[is_error]:
                self._pass_on(is_error, self._pending[is_error])
        self._over.set()
        self._sink.process_exited(status, reason)


def needs_shell(command: str) -> bool:
    """Whether ``command`` is more than words that every login shell and device reads alike."""
    return not is_plain(command)

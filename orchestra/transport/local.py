"""Programs on the controller itself, with the same interface as on a host. Each leads a process group of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty as terminal
import shlex
import signal
import tty
from collections.abc import Callable, Sequence
from typing import cast

from orchestra.errors import Unreachable
from orchestra.model.invocation import Become, Completed
from orchestra.model.ports import Process, ProcessSink
from orchestra.transport.become import Escalation
from orchestra.transport.program import Marker, NoiseFilter, Program, run_to_end
from orchestra.transport.shells import is_plain

_CHUNK = 65536
#: Seconds between asking a program to end and making it.
_PATIENCE = 2.0


class LocalProgram(Program, asyncio.SubprocessProtocol):
    """A child process with pipes."""

    _transport: asyncio.SubprocessTransport

    def __init__(self, sink: ProcessSink, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(sink, loop)
        self._open_pipes = 2
        self.reaped = asyncio.Event()
        self._writable: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        self._transport = cast(asyncio.SubprocessTransport, transport)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Pass bytes on."""
        self._fresh = True
        if self._ended:
            return
        if fd == 1:
            self.sink.data_received(data)
        else:
            self.sink.error_received(data)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        """One of its streams is closed."""
        if fd == 0:
            self.resume_writing()
            return
        self._open_pipes -= 1
        if not self._open_pipes:
            self.output_ended()

    def process_exited(self) -> None:
        """It has exited."""
        status = self._transport.get_returncode()
        self.exited(status if status is not None else -1)
        if self._ended:
            self._transport.close()
        self.reaped.set()

    def pause_writing(self) -> None:
        """The pipe is full."""
        if self._writable is None:
            self._writable = self._loop.create_future()

    def resume_writing(self) -> None:
        """The pipe takes bytes again, or nobody reads it any more."""
        if self._writable is not None:
            self._writable.set_result(None)
            self._writable = None

    def _input(self) -> asyncio.WriteTransport:
        return cast(asyncio.WriteTransport, self._transport.get_pipe_transport(0))

    def write(self, data: bytes) -> None:
        """Send bytes to its standard input; to a program that no longer reads they are dropped, and its sink knows."""
        if not self._ended and not self._input().is_closing():
            self._input().write(data)

    async def drain(self) -> None:
        """Wait until it has taken most of what was written."""
        if self._writable is not None:
            await asyncio.shield(self._writable)

    def close_input(self) -> None:
        """End its standard input."""
        self._input().close()

    def terminate(self) -> None:
        """Stop its process group: politely, and after two seconds for good."""
        if self._ended:
            return
        _signal_group(self._transport.get_pid(), signal.SIGTERM)
        if self._transport.get_returncode() is None:
            self._loop.call_later(_PATIENCE, self.kill)
        self.end(None, "it was stopped")

    def kill(self) -> None:
        """Stop its process group for good."""
        if self._transport.get_returncode() is None:
            _signal_group(self._transport.get_pid(), signal.SIGKILL)

    def release(self) -> None:
        """Close the pipes; the transport itself would kill, so that it is closed once the program has exited."""
        for fd in (0, 1, 2):
            pipe = self._transport.get_pipe_transport(fd)
            if pipe is not None:
                pipe.close()
        self.resume_writing()
        if self._transport.get_returncode() is not None:
            self._transport.close()


def _signal_group(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


class TerminalProgram(Program):
    """A child process on a pseudo-terminal of its own, which carries bytes unchanged."""

    def __init__(self, sink: ProcessSink, loop: asyncio.AbstractEventLoop, master: int) -> None:
        super().__init__(sink, loop)
        self._master = master
        self._child: asyncio.subprocess.Process | None = None
        self.reaped = asyncio.Event()
        self._unsent = bytearray()
        self._sent = asyncio.Event()
        loop.add_reader(master, self._readable)

    def follow(self, child: asyncio.subprocess.Process) -> None:
        """Wait for the child's end in the background."""
        self._child = child
        self._waiting = asyncio.ensure_future(self._wait(child))

    async def _wait(self, child: asyncio.subprocess.Process) -> None:
        self.exited(await child.wait())
        self.reaped.set()

    def _readable(self) -> None:
        try:
            data = os.read(self._master, _CHUNK)
        except BlockingIOError:
            return
        except OSError:  # EIO: nobody has the terminal open any more
            data = b""
        if data:
            self._fresh = True
            self.sink.data_received(data)
        else:
            self._loop.remove_reader(self._master)
            self.output_ended()

    def write(self, data: bytes) -> None:
        """Type bytes into the terminal."""
        if self._ended:
            return
        if not self._unsent:
            self._sent.clear()
            self._loop.add_writer(self._master, self._send)
        self._unsent += data

    def _send(self) -> None:
        try:
            sent = os.write(self._master, self._unsent)
        except BlockingIOError:
            return
        except OSError:
            sent = len(self._unsent)
        del self._unsent[:sent]
        if not self._unsent:
            self._sent.set()
            self._loop.remove_writer(self._master)

    async def drain(self) -> None:
        """Wait until the terminal has taken what was written."""
        if self._unsent and not self._ended:
            await self._sent.wait()

    def close_input(self) -> None:
        """A raw terminal has no end of input; the program must know from its protocol, or is terminated."""

    def terminate(self) -> None:
        """Hang up."""
        if self._child is not None and self._child.returncode is None:
            _signal_group(self._child.pid, signal.SIGHUP)
            _signal_group(self._child.pid, signal.SIGTERM)
        self.end(None, "it was stopped")

    def kill(self) -> None:
        """Stop its process group for good."""
        if self._child is not None and self._child.returncode is None:
            _signal_group(self._child.pid, signal.SIGKILL)

    def release(self) -> None:
        """Close the terminal."""
        self._loop.remove_reader(self._master)
        self._loop.remove_writer(self._master)
        self._sent.set()
        os.close(self._master)


class LocalConnection:
    """The controller as a host."""

    def __init__(self, name: str, become_timeout: float, output_limit: int, on_notice: Callable[[str], None]) -> None:
        self.name = name
        self._become_timeout = become_timeout
        self._output_limit = output_limit
        self._on_notice = on_notice
        #: Programs whose exit was not seen yet.
        self._alive: set[LocalProgram | TerminalProgram] = set()

    def is_closed(self) -> bool:
        """The controller is always there."""
        return False

    async def start(self, command: str, sink: ProcessSink, *, pty: bool = False) -> Process:
        """Start ``command``, a POSIX sh command line; without a shell where it is a path and plain words.

        Raises:
            Unreachable: no process could be started.
        """
        if pty:
            marker = Marker.fresh()
            noise = NoiseFilter(marker, sink, pty=True)
            program = await self._spawn(["/bin/sh", "-c", marker.before(command, pty=True)], noise, True)
            noise.attach(program)
            await noise.wait_for_start()
            return program
        argv = command.split() if is_plain(command) and command.startswith("/") else ["/bin/sh", "-c", command]
        return await self._spawn(argv, sink, False)

    async def start_line(self, line: str, sink: ProcessSink, *, pty: bool) -> Program:
        """Start a line as a login shell would."""
        return await self._spawn(["/bin/sh", "-c", line], sink, pty)

    async def _spawn(self, argv: Sequence[str], sink: ProcessSink, pty: bool) -> LocalProgram | TerminalProgram:
        try:
            program: LocalProgram | TerminalProgram
            program = await _spawn_on_terminal(argv, sink) if pty else await _spawn_on_pipes(argv, sink)
        except OSError as problem:
            if not isinstance(problem, FileNotFoundError):
                raise Unreachable(f"no process could be started: {problem}") from None
            program = await _spawn_on_pipes(["/bin/sh", "-c", f"exec {shlex.join(argv)}"], sink)  # 127, as sh says it
        self._alive = {known for known in self._alive if not known.reaped.is_set()} | {program}
        return program

    async def run(self, command: str, *, stdin: bytes = b"", pty: bool = False, timeout: float = 0) -> Completed:
        """Run ``command`` to its end; see ``run_to_end``."""
        return await run_to_end(self, command, stdin=stdin, pty=pty, timeout=timeout, limit=self._output_limit)

    async def escalate(self, become: Become, command: str, sink: ProcessSink) -> Process:
        """Start ``command`` as another user; see ``become.Escalation``."""
        escalation = Escalation(self.name, become, self._become_timeout, self._on_notice)
        return await escalation.start(self.start_line, command, sink)

    async def close(self) -> None:
        """Stop what still runs, and wait until it has ended; never raises."""
        for program in self._alive:
            program.terminate()
        for program in self._alive:
            try:
                async with asyncio.timeout(_PATIENCE):
                    await program.reaped.wait()
            except TimeoutError:
                program.kill()
                await program.reaped.wait()


async def _spawn_on_pipes(argv: Sequence[str], sink: ProcessSink) -> LocalProgram:
    loop = asyncio.get_running_loop()
    _, program = await loop.subprocess_exec(lambda: LocalProgram(sink, loop), *argv, start_new_session=True)
    return program


async def _spawn_on_terminal(argv: Sequence[str], sink: ProcessSink) -> TerminalProgram:
    loop = asyncio.get_running_loop()
    master, slave = terminal.openpty()
    try:
        _make_quiet(slave)
        os.set_blocking(master, False)
        name = os.ttyname(slave)
        # a session leader that opens a terminal gets it as its own; sh does that before it becomes the program
        child = await asyncio.create_subprocess_exec(
            "/bin/sh",
            "-c",
            'exec <"$0" >"$0" 2>&1; exec "$@"',
            name,
            *argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
    except BaseException:
        os.close(master)
        raise
    finally:
        os.close(slave)
    program = TerminalProgram(sink, loop, master)
    program.follow(child)
    return program


def _make_quiet(descriptor: int) -> None:
    """No echo, no changed bytes; lines stay lines until the program itself goes raw, since getpass reads lines."""
    import termios

    tty.setraw(descriptor)
    modes = termios.tcgetattr(descriptor)
    modes[3] |= termios.ICANON
    termios.tcsetattr(descriptor, termios.TCSANOW, modes)

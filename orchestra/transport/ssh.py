"""Programs on a host over SSH, by asyncssh: channels with callbacks, on one connection for each host and run.

A server that allows fewer sessions than we want (MaxSessions) gets a second connection, unnoticed by the engine. How a
connection comes to be is in sshdial.py; this file only uses open ones.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable
from typing import cast

import asyncssh
from asyncssh import SSHClientChannel, SSHClientConnection, SSHClientSession

from orchestra.errors import HostError, Unreachable
from orchestra.model.invocation import Become, Completed
from orchestra.model.ports import Process, ProcessSink
from orchestra.transport.dial import ProxyProgram
from orchestra.transport.program import Marker, NoiseFilter, Program, needs_shell, run_to_end
from orchestra.transport.reaching import by_ssh
from orchestra.transport.shells import sh_line

#: Bytes that the host may send before we have taken them; 2 MB keep a fast link busy.
_WINDOW = 2 * 1024 * 1024
_PACKET = 32 * 1024
#: Terminal modes of RFC 4254 that would change or echo bytes: signals, line editing stays until the password is in.
_PTY_OFF = ("ECHO", "ECHOE", "ECHOK", "ECHONL", "ISIG", "IXON", "IXOFF", "ICRNL", "INLCR", "IEXTEN", "OPOST", "ONLCR")
_CLOSE_WAIT = 2.0
#: Seconds to wait for the server to notice that a session has ended, before a second connection is opened instead.
_SLOT_PAUSES = (0.01, 0.04, 0.15, 0)
#: Channels that the server has refused for want of sessions answer with these codes.
_NO_MORE_SESSIONS = (
    asyncssh.OPEN_CONNECT_FAILED,
    asyncssh.OPEN_RESOURCE_SHORTAGE,
    asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED,
)


class SshProgram(Program, SSHClientSession[bytes]):
    """A program on an SSH channel. asyncssh calls the methods that it inherits from SSHClientSession."""

    _channel: SSHClientChannel[bytes]
    _has_channel = False

    def __init__(self, sink: ProcessSink, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(sink, loop)
        self._writable: asyncio.Future[None] | None = None
        #: Called once, when the channel is closed on both sides and the server's place is free again.
        self.on_closed: Callable[[], None] | None = None
        #: Called with the process group of a program that is given up: sshd signals no program of root's.
        self.on_given_up: Callable[[int], None] | None = None

    def connection_made(self, chan: SSHClientChannel[bytes]) -> None:
        """Take the channel."""
        self._channel, self._has_channel = chan, True

    def data_received(self, data: bytes, datatype: int | None) -> None:
        """Pass bytes on."""
        self._fresh = True
        if self._ended:
            return
        if datatype is None:
            self.sink.data_received(data)
        else:
            self.sink.error_received(data)

    def eof_received(self) -> bool:
        """Both output streams are closed; our side stays open until the channel closes."""
        self.output_ended()
        return True

    def exit_status_received(self, status: int) -> None:
        """The program has exited."""
        self.exited(status)

    def exit_signal_received(self, signal_name: str, core_dumped: bool, msg: str, lang: str) -> None:
        """The program was ended by a signal."""
        self.exited(-_signal_number(signal_name))

    def pause_writing(self) -> None:
        """The host takes no more for now."""
        if self._writable is None:
            self._writable = self._loop.create_future()

    def resume_writing(self) -> None:
        """The host takes bytes again."""
        if self._writable is not None:
            self._writable.set_result(None)
            self._writable = None

    def connection_lost(self, exc: Exception | None) -> None:
        """The channel is gone."""
        self.resume_writing()
        self.forget()
        if self._status is not None:
            self.end(self._status)
        else:
            self.end(None, _reason(exc))

    def forget(self) -> None:
        """Give the session's place back, once."""
        closed, self.on_closed = self.on_closed, None
        if closed is not None:
            closed()

    def abandon(self) -> None:
        """Close a channel that was still being opened."""
        if self._has_channel:
            self._channel.abort()

    def write(self, data: bytes) -> None:
        """Send bytes; to a program that has ended they are dropped, and its sink knows."""
        with contextlib.suppress(OSError):
            self._channel.write(data)

    async def drain(self) -> None:
        """Wait until the host has taken most of what was written."""
        if self._writable is not None:
            await asyncio.shield(self._writable)

    def close_input(self) -> None:
        """End its standard input."""
        with contextlib.suppress(OSError):
            self._channel.write_eof()

    def terminate(self) -> None:
        """Ask it to end, and close the channel: sshd then closes its pipes, or hangs up its terminal."""
        if self._ended:
            return
        with contextlib.suppress(OSError):
            self._channel.send_signal("TERM")
        if self.group and self.on_given_up is not None:
            self.on_given_up(self.group)
        self.end(None, "it was stopped")

    def release(self) -> None:
        """Close the channel."""
        self._channel.abort()


def _signal_number(name: str) -> int:
    number = getattr(signal, f"SIG{name}", None)
    return int(number) if number is not None else 99


def _reason(exc: Exception | None) -> str:
    if exc is None:
        return "the host closed the channel"
    return str(getattr(exc, "reason", "")) or str(exc) or type(exc).__name__


class Link:
    """One asyncssh connection and the sessions on it."""

    def __init__(self, connection: SSHClientConnection, proxy: ProxyProgram | None) -> None:
        self._connection = connection
        self._proxy = proxy
        self._sessions = 0
        #: As many sessions as the server was seen to allow; None is unknown.
        self._allowed: int | None = None
        self._served = False

    def is_closed(self) -> bool:
        """Whether the connection has ended."""
        return self._connection.is_closed()

    @property
    def connection(self) -> SSHClientConnection:
        """asyncssh's own object, for tunnels."""
        return self._connection

    @property
    def has_room(self) -> bool:
        """Whether another session may fit."""
        return not self.is_closed() and (self._allowed is None or self._sessions < self._allowed)

    async def start(self, line: str, sink: ProcessSink, pty: bool) -> SshProgram | None:
        """Open a session for ``line``; None when the server allows no more of them here.

        Raises asyncssh.Error or OSError for anything else.
        """
        for pause in _SLOT_PAUSES:
            try:
                return await self._open_session(line, sink, pty)
            except asyncssh.ChannelOpenError as problem:
                if self.is_closed() or problem.code not in _NO_MORE_SESSIONS or not self._served:
                    raise
            if self._sessions:
                self._allowed = self._sessions
                return None
            await asyncio.sleep(pause)  # a session that has just ended may still hold its place on the server
        return None

    async def _open_session(self, line: str, sink: ProcessSink, pty: bool) -> SshProgram:
        program = SshProgram(sink, asyncio.get_running_loop())
        self._sessions += 1
        program.on_closed = self._session_closed
        try:
            await self._connection.create_session(
                lambda: program,
                cast(str, os.fsencode(line)),  # bytes pass as they are, so a command may hold any
                encoding=None,
                window=_WINDOW,
                max_pktsize=_PACKET,
                request_pty="force" if pty else False,
                term_type="dumb" if pty else None,
                term_modes=_pty_modes() if pty else {},
            )
        except BaseException:
            program.forget()
            program.abandon()
            raise
        self._served = True
        return program

    def _session_closed(self) -> None:
        self._sessions -= 1

    async def close(self) -> None:
        """Close the connection and what it went through; never raises."""
        self._connection.close()
        with contextlib.suppress(TimeoutError, OSError, asyncssh.Error):
            async with asyncio.timeout(_CLOSE_WAIT):
                await self._connection.wait_closed()
        if not self.is_closed():
            self._connection.abort()
        if self._proxy is not None:
            await self._proxy.close()


def _pty_modes() -> dict[int, int]:
    modes = {getattr(asyncssh, f"PTY_{name}"): 0 for name in _PTY_OFF}
    modes[asyncssh.PTY_ICANON] = 1
    return modes


class SshConnection:
    """An open way to one host over SSH; what the engine holds."""

    def __init__(
        self,
        name: str,
        first: Link,
        open_another: Callable[[], Awaitable[Link]],
        become_timeout: float,
        output_limit: int,
        on_notice: Callable[[str], None],
    ) -> None:
        self.name = name
        self._links = [first]
        self._open_another = open_another
        self._opening = asyncio.Lock()
        self._become_timeout = become_timeout
        self._output_limit = output_limit
        self._on_notice = on_notice
        self._chores: set[asyncio.Task[None]] = set()

    def is_closed(self) -> bool:
        """Whether every way to the host has ended."""
        return all(link.is_closed() for link in self._links)

    async def start(self, command: str, sink: ProcessSink, *, pty: bool = False) -> Process:
        """Start ``command``, a POSIX sh command line, whatever the login shell is.

        What the login profile prints first never reaches ``sink``. A line of plain words goes to the login shell as it
        is, so that a device without sh can be talked to.

        Raises:
            Unreachable: the channel could not be opened.
        """
        if not needs_shell(command):
            return await self._start_line(command, sink, pty)
        marker = Marker.fresh()
        noise = NoiseFilter(marker, sink, pty=pty)
        program = await self._start_line(sh_line(marker.before(command, pty=pty)), noise, pty)
        program.on_given_up = self._stop_group
        noise.attach(program)
        if pty:
            await noise.wait_for_start()
        return program

    def _stop_group(self, group: int) -> None:
        """Stop what a given-up program started, from another session; else it ends with its pipes."""
        task = asyncio.ensure_future(self._kill(group))
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)

    async def _kill(self, group: int) -> None:
        with contextlib.suppress(HostError, TimeoutError):
            async with asyncio.timeout(_CLOSE_WAIT):
                await self.run(f"kill -s TERM -- -{group} 2>/dev/null; exit 0")

    async def start_line(self, line: str, sink: ProcessSink, *, pty: bool) -> Program:
        """Send ``line`` to the login shell as it is."""
        with by_ssh():
            return await self._start_line(line, sink, pty)

    async def _start_line(self, line: str, sink: ProcessSink, pty: bool) -> SshProgram:
        try:
            for link in self._links:
                if link.has_room and (program := await link.start(line, sink, pty)):
                    return program
            return await self._start_on_new_link(line, sink, pty)
        except (asyncssh.Error, OSError) as problem:
            reason = getattr(problem, "reason", "") or str(problem)
            raise Unreachable(
                f"no session could be opened: {reason}", hint="MaxSessions, ForceCommand or a full host?"
            ) from None

    async def _start_on_new_link(self, line: str, sink: ProcessSink, pty: bool) -> SshProgram:
        """The server allows no more sessions on the links that are open (MaxSessions): add one."""
        if self.is_closed():
            raise Unreachable("the connection was closed by the host")
        async with self._opening:
            for link in self._links:  # another task may have opened one while we waited for the lock
                if link.has_room and (program := await link.start(line, sink, pty)):
                    return program
            link = await self._open_another()
            self._links.append(link)
            program = await link.start(line, sink, pty)
        if program is None:
            raise Unreachable("a new connection allows no session")
        return program

    async def run(self, command: str, *, stdin: bytes = b"", pty: bool = False, timeout: float = 0) -> Completed:
        """Run ``command`` to its end; see ``run_to_end``."""
        return await run_to_end(self, command, stdin=stdin, pty=pty, timeout=timeout, limit=self._output_limit)

    async def escalate(self, become: Become, command: str, sink: ProcessSink) -> Process:
        """Start ``command`` as another user; see ``become.Escalation``."""
        from orchestra.transport.become import Escalation

        escalation = Escalation(self.name, become, self._become_timeout, self._on_notice)
        return await escalation.start(self.start_line, command, sink)

    async def close(self) -> None:
        """Close; never raises."""
        await asyncio.gather(*self._chores, return_exceptions=True)
        await asyncio.gather(*(link.close() for link in self._links), return_exceptions=True)

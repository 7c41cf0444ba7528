"""Hosts that exist only in this process: the transport's fake, for tests of everything above it, and for users' own.

A ``MemoryHost`` answers from a table of commands, from a callable, or (``real=True``) by running the commands here as
child processes over pipes, so that the resident runner itself works without SSH, sshd or root. A ``MemoryFleet`` is
what a ``TransportPool`` takes as its opener::

    fleet = MemoryFleet([MemoryHost("web01", real=True), MemoryHost("db01", unreachable="no route to host")])
    pool = TransportPool(openers={"memory": fleet.open})
"""

from __future__ import annotations

import asyncio
import fnmatch
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from orchestra.errors import BecomeFailed, Unreachable
from orchestra.model.invocation import Become, Completed
from orchestra.model.ports import Process, ProcessSink
from orchestra.transport.endpoint import Endpoint
from orchestra.transport.local import LocalConnection, LocalProgram
from orchestra.transport.program import Program, run_to_end

_OUTPUT_LIMIT = 100 * 1024 * 1024


class MemoryProgram(Program):
    """A program that a test plays: ``say``, ``complain`` and ``exit`` are the host's side."""

    def __init__(self, command: str, sink: ProcessSink) -> None:
        super().__init__(sink, asyncio.get_running_loop())
        self.command = command
        #: What was written to it so far, and whether its input was closed.
        self.received = bytearray()
        self.input_closed = False
        #: Called with each piece of input, and with nothing (b"") at its end.
        self.on_input: Callable[[bytes], None] | None = None

    def say(self, data: bytes) -> None:
        """Print to standard output."""
        self._loop.call_soon(self._deliver, False, data)

    def complain(self, data: bytes) -> None:
        """Print to standard error."""
        self._loop.call_soon(self._deliver, True, data)

    def _deliver(self, is_error: bool, data: bytes) -> None:
        if self._ended:
            return
        if is_error:
            self.sink.error_received(data)
        else:
            self.sink.data_received(data)

    def exit(self, status: int) -> None:
        """End with an exit status."""
        self._loop.call_soon(self.end, status)

    def lose(self, reason: str) -> None:
        """End as when the link dies."""
        self.end(None, reason)

    def release(self) -> None:
        """There is nothing to let go of."""

    def write(self, data: bytes) -> None:
        """Take input."""
        if not self._ended:
            self.received += data
            if self.on_input is not None:
                self.on_input(data)

    async def drain(self) -> None:
        """Nothing is ever held back."""

    def close_input(self) -> None:
        """The end of input."""
        if not self.input_closed:
            self.input_closed = True
            if self.on_input is not None:
                self.on_input(b"")


#: Plays a program: called once when it starts.
Behaviour = Callable[[MemoryProgram], None]


@dataclass(slots=True)
class MemoryHost:
    """One host of a fleet, and what tests can look at afterwards."""

    name: str
    #: Commands (shell patterns) and their answers; the first match holds.
    answers: Mapping[str, Completed | Behaviour] = field(default_factory=dict)
    #: Plays every command that ``answers`` does not have.
    behaviour: Behaviour | None = None
    #: Run what is left as child processes of this one.
    real: bool = False
    #: Non-empty: connecting fails with this reason.
    unreachable: str = ""
    #: Users whose password is here need it for become; any other user can be become freely.
    become_passwords: Mapping[str, str] = field(default_factory=dict)
    #: Every command that was started, with the user it was started as ("" without become).
    started: list[tuple[str, str]] = field(default_factory=list)
    programs: list[Program] = field(default_factory=list)
    connections: int = 0

    def lose(self, reason: str = "the link died") -> None:
        """Cut every link, as a crash of the host would."""
        for program in list(self.programs):
            program.end(None, reason)
            if isinstance(program, LocalProgram):
                program.kill()


class MemoryFleet:
    """The hosts that a pool can reach; a host that is not listed comes from ``others``, or is unreachable."""

    def __init__(self, hosts: Iterable[MemoryHost] = (), *, others: Callable[[str], MemoryHost] | None = None) -> None:
        self.hosts = {host.name: host for host in hosts}
        self._others = others

    async def open(self, endpoint: Endpoint) -> MemoryConnection:
        """Connect; the pool calls this.

        Raises:
            Unreachable: the host is not there, or is to be unreachable.
        """
        host = self.hosts.get(endpoint.name)
        if host is None and self._others is not None:
            host = self.hosts[endpoint.name] = self._others(endpoint.name)
        if host is None or host.unreachable:
            raise Unreachable(host.unreachable if host else f"there is no memory host {endpoint.name!r}")
        host.connections += 1
        return MemoryConnection(host)


class MemoryConnection:
    """An open way to a MemoryHost."""

    def __init__(self, host: MemoryHost) -> None:
        self.name = host.name
        self._host = host
        self._local = LocalConnection(host.name, 30, _OUTPUT_LIMIT, lambda message: None)
        self._closed = False

    def is_closed(self) -> bool:
        """Whether it was closed."""
        return self._closed

    async def start(self, command: str, sink: ProcessSink, *, pty: bool = False) -> Process:
        """Start ``command``. Raises Unreachable where the host has no answer to it."""
        return await self._start("", command, sink, pty)

    async def _start(self, user: str, command: str, sink: ProcessSink, pty: bool) -> Process:
        self._host.started.append((user, command))
        answer = self._answer(command)
        if answer is None and self._host.real:
            started = await self._local.start(command, sink, pty=pty)
            assert isinstance(started, Program)
            self._host.programs.append(started)
            return started
        program = MemoryProgram(command, sink)
        self._host.programs.append(program)
        if isinstance(answer, Completed):
            _print(program, answer)
        elif answer is not None:
            answer(program)
        else:
            _print(program, Completed(127, b"", f"sh: {command}: not found\n".encode()))
        return program

    def _answer(self, command: str) -> Completed | Behaviour | None:
        for pattern, answer in self._host.answers.items():
            if pattern == command or fnmatch.fnmatchcase(command, pattern):
                return answer
        return self._host.behaviour

    async def run(self, command: str, *, stdin: bytes = b"", pty: bool = False, timeout: float = 0) -> Completed:
        """Run ``command`` to its end."""
        return await run_to_end(self, command, stdin=stdin, pty=pty, timeout=timeout, limit=_OUTPUT_LIMIT)

    async def escalate(self, become: Become, command: str, sink: ProcessSink) -> Process:
        """Start ``command`` as another user, in name only.

        Raises:
            BecomeFailed: the user has a password here and another one, or none, was given.
        """
        wanted = self._host.become_passwords.get(become.user)
        if wanted is not None and become.password is None:
            raise BecomeFailed(f"Missing {become.method} password")
        if wanted is not None and become.password != wanted:
            raise BecomeFailed(f"Incorrect {become.method} password for user {become.user}")
        return await self._start(become.user, command, sink, False)

    async def close(self) -> None:
        """Stop what still runs."""
        self._closed = True
        await self._local.close()


def _print(program: MemoryProgram, answer: Completed) -> None:
    if answer.stdout:
        program.say(answer.stdout)
    if answer.stderr:
        program.complain(answer.stderr)
    program.exit(answer.status)

"""Becomes another user by a become plugin of the project, on any connection that starts programs.

The plugin builds the line. Until its mark of success appears, output is its own: a prompt gets the password.
"""

from __future__ import annotations

import asyncio
from typing import Any

from orchestra.errors import BecomeFailed
from orchestra.model.invocation import Become
from orchestra.model.ports import Connection, Process, ProcessSink
from orchestra.plugins.connections import ConnectionPlugins

#: Seconds for a become program to let the command begin.
_SECONDS = 60.0
#: Bytes that a become program may say before that.
_MOST = 1 << 20


async def escalate(
    plugins: ConnectionPlugins, connection: Connection, become: Become, command: str, sink: ProcessSink
) -> Process:
    """Start ``command`` as another user; returns once it really runs. Raises BecomeFailed."""
    builder = plugins.become(become)
    line = builder.build_become_command(command, plugins.shell())
    return await start_built(connection, builder, line, sink, become.method)


async def start_built(connection: Connection, builder: Any, line: str, sink: ProcessSink, method: str) -> Process:
    """Start a line that ``builder`` has made; returns once its command really runs. Raises BecomeFailed."""
    if not builder.success or builder.success not in line:
        return await connection.start(line, sink, pty=builder.require_tty)
    gate = _Gate(builder, sink, method)
    process = await connection.start(line, gate, pty=builder.require_tty)
    gate.process = process
    gate.look()
    try:
        async with asyncio.timeout(_SECONDS):
            await gate.passed
    except TimeoutError:
        process.terminate()
        raise BecomeFailed(f"{method}: nothing came within {_SECONDS:g} s") from None
    except BecomeFailed:
        process.terminate()
        raise
    return process


class _Gate:
    """A ProcessSink that lets output through once the mark has come."""

    def __init__(self, builder: Any, sink: ProcessSink, method: str) -> None:
        self._builder = builder
        self._method = method
        self._sink = sink
        self._held = b""
        self._errors = b""
        self._answered = False
        self.process: Process | None = None
        self.passed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        """Bytes of standard output."""
        if self.passed.done():
            self._sink.data_received(data)
            return
        self._held += data
        self.look()

    def error_received(self, data: bytes) -> None:
        """Bytes of standard error; prompts come there, too."""
        if self.passed.done():
            self._sink.error_received(data)
            return
        self._errors += data
        self.look()

    def look(self) -> None:
        """See what has come so far."""
        mark = self._builder.success.encode() + b"\n"
        before, found, rest = self._held.replace(b"\r\n", b"\n").partition(mark)
        if found and not self.passed.done():
            self.passed.set_result(None)
            if rest:
                self._sink.data_received(rest)
            return
        said = before + self._errors
        if len(said) > _MOST:
            self._refuse(f"it said more than {_MOST} bytes before the command began")
        elif self._builder.check_incorrect_password(said):
            self._refuse("the password is wrong")
        elif self._builder.check_missing_password(said):
            self._refuse("a password is needed")
        elif not self._answered and self.process is not None and self._builder.check_password_prompt(said):
            self._answer(self.process)

    def _answer(self, process: Process) -> None:
        self._answered = True
        password = self._builder.get_option("become_pass")
        if password is None:
            self._refuse("it asks for a password, and none was given")
        else:
            process.write(str.__str__(password).encode() + b"\n")

    def _refuse(self, text: str) -> None:
        if not self.passed.done():
            self.passed.set_exception(BecomeFailed(f"{self._method}: {text}"))

    def process_exited(self, status: int | None, reason: str) -> None:
        """The end."""
        if not self.passed.done():
            said = (self._errors or self._held).decode("utf-8", "replace").strip()[-300:]
            self._refuse(f"it ended with {reason or f'status {status}'} before the command began; it said: {said}")
        elif self.passed.exception() is None:  # else nobody waits for the command
            self._sink.process_exited(status, reason)

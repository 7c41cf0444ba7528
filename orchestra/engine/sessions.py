"""Sessions with hosts: one connection for each host and run, one resident runner for each user on it.

Sessions are opened when a task first needs them and kept to the end of the run. Where a connection dies between two
tasks the next one opens it again; where it dies under a task, that task is lost and says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

from orchestra.engine.collector import Collector
from orchestra.engine.connections import Route
from orchestra.engine.pluginconnection import OnceSession, PluginConnection
from orchestra.engine.runnersession import RunnerSession
from orchestra.engine.shelltier import RunLine, ShellTier
from orchestra.errors import Lost, TimedOut, Unreachable
from orchestra.library.catalogue import Library
from orchestra.model.invocation import Become, Completed
from orchestra.model.ports import Connection, Process, ProcessSink
from orchestra.payload import bootstrap
from orchestra.payload.client import NoInterpreter, OverlayShare, RunnerClient
from orchestra.payload.code import Payloads
from orchestra.payload.once import OncePayloads
from orchestra.plugins.connections import ConnectionPlugins
from orchestra.transport.endpoint import Endpoint
from orchestra.transport.reaching import by_ssh

T = TypeVar("T")
#: What runs modules on a host.
Session = RunnerSession | ShellTier | OnceSession
#: Seconds for a runner to say hello once its interpreter was started: slow machines take a few.
START_SECONDS = 60.0
#: Seconds for hosts to end what an interrupted run had under way; a runner kills by force after three.
SETTLE_SECONDS = 5.0


class Pool(Protocol):
    """Opens connections; transport.pool.TransportPool is one."""

    async def connect(self, endpoint: Endpoint) -> Connection:
        """Open a connection. Raises Unreachable."""

    async def close(self) -> None:
        """Close all."""


class Sessions:
    """All sessions of one run."""

    def __init__(
        self,
        pool: Pool,
        library: Library,
        payloads: Payloads,
        *,
        silence: float = 60.0,
        reply_limit: int = 100 << 20,
        plugins: ConnectionPlugins | None = None,
        note: Callable[[str, str], None] | None = None,
    ) -> None:
        """``note`` hears what is started on which host."""
        self._plugins = plugins
        self._note = note
        self._pool = pool
        self._library = library
        self._builder = payloads
        self._once_builder = OncePayloads(payloads)
        self._silence = silence
        self._reply_limit = reply_limit
        self._connections: dict[Endpoint, asyncio.Task[Connection]] = {}
        self._runners: dict[Route, asyncio.Task[Session]] = {}
        self._overlays: dict[str, OverlayShare] = {}

    async def runner(self, route: Route) -> Session:
        """The runner of a route, started if need be. Raises HostError."""
        started = self._runners.get(route)
        if started is not None and started.done() and not _usable(started):
            self._forget(route)
            started = None
        if started is None:
            started = self._runners[route] = _task(self._start(route))
        return await asyncio.shield(started)

    def interpreter(self, route: Route) -> str:
        """The Python of a route's runner; empty where none was started: a look opens nothing."""
        started = self._runners.get(route)
        return started.result().interpreter if started is not None and _succeeded(started) else ""

    def _once(self, route: Route, connection: PluginConnection) -> OnceSession:
        """Modules behind a connection plugin."""

        def without_python(reason: str) -> ShellTier:
            return ShellTier(self._line_runner(route), reason)

        return OnceSession(
            connection, route.become, route.interpreter, self._once_builder, self._library, self._reply_limit,
            without_python,
        )  # fmt: skip

    async def _escalate(self, connection: Connection, become: Become, command: str, sink: ProcessSink) -> Process:
        """By a become plugin of the project where there is one of that name."""
        if self._plugins is None or self._plugins.find_become(become.method) is None:
            return await connection.escalate(become, command, sink)
        from orchestra.engine.pluginbecome import escalate

        return await escalate(self._plugins, connection, become, command, sink)

    def _tell(self, route: Route, command: str) -> None:
        if self._note is not None:
            from orchestra.transport.become import shown

            line = command if route.become is None else shown(route.become, command)
            self._note(route.endpoint.name, f"EXEC {line.removeprefix('exec ')}")

    def _line_runner(self, route: Route) -> RunLine:
        def run_line(line: str, stdin: bytes, seconds: float) -> Awaitable[Completed]:
            return self.run_raw(route, line, stdin=stdin, pty=False, timeout=seconds)

        return run_line

    async def run_raw(self, route: Route, command: str, *, stdin: bytes, pty: bool, timeout: float) -> Completed:
        """Run a command line through the login shell, or as another user."""
        connection = await self._connection(route.endpoint)
        if isinstance(connection, PluginConnection):
            return await connection.run_as(route.become, command, stdin=stdin, timeout=timeout)
        if route.become is None:
            return await connection.run(command, stdin=stdin, pty=pty, timeout=timeout)
        collector = Collector(self._reply_limit)
        process = await self._escalate(connection, route.become, command, collector)
        if stdin:
            process.write(stdin)
        process.close_input()
        try:
            async with asyncio.timeout(timeout or None):
                return await collector.completed()
        except TimeoutError:
            raise TimedOut(f"timed out after {timeout:g} seconds", seconds=timeout) from None
        finally:
            process.terminate()

    async def leave(self, name: str, user: str) -> None:
        """End idle runners of a user on a host: as long as one is there, the user can not be removed."""
        routes = [route for route in self._runners if route.endpoint.name == name]
        for route in [route for route in routes if route.become is not None and route.become.user == user]:
            started = self._runners[route]
            if _succeeded(started) and isinstance(session := started.result(), RunnerSession):
                await session.end(SETTLE_SECONDS)

    async def reset(self, name: str) -> None:
        """Close what is open to a host; the next task opens it again."""
        for route in [route for route in self._runners if route.endpoint.name == name]:
            task = self._runners.pop(route)
            if _succeeded(task):
                task.result().close()
        for endpoint in [endpoint for endpoint in self._connections if endpoint.name == name]:
            await _close(self._connections.pop(endpoint))

    async def close(self) -> None:
        """Close everything, once what was cancelled has ended on the hosts; never raises."""
        await self._settle()
        for task in self._runners.values():
            if not task.done():
                task.cancel()
            elif not task.cancelled() and task.exception() is None:
                task.result().close()
        self._runners.clear()
        for opened in self._connections.values():
            opened.cancel()
        self._connections.clear()
        await self._pool.close()

    async def _settle(self) -> None:
        started = (task.result() for task in self._runners.values() if _succeeded(task))
        waits = [asyncio.ensure_future(session.settled()) for session in started if isinstance(session, RunnerSession)]
        if waits:
            _, late = await asyncio.wait(waits, timeout=SETTLE_SECONDS)
            for wait in late:
                wait.cancel()

    def _forget(self, route: Route) -> None:
        del self._runners[route]
        opened = self._connections.get(route.endpoint)
        if opened is not None and opened.done() and not _usable_connection(opened):
            del self._connections[route.endpoint]

    async def _connection(self, endpoint: Endpoint) -> Connection:
        if (refusal := endpoint.refusal) is not None:
            with by_ssh():
                raise Unreachable(refusal.message, origin=refusal.origin, hint=refusal.hint)
        opened = self._connections.get(endpoint)
        if opened is not None and opened.done() and not _usable_connection(opened):
            opened = None
        if opened is None:
            opened = self._connections[endpoint] = _task(self._pool.connect(endpoint))
        return await asyncio.shield(opened)

    async def _start(self, route: Route) -> Session:
        """Start a runner; where no interpreter was named and none is there, the shell has to do."""
        try:
            return await self._start_runner(route)
        except NoInterpreter as error:
            if route.interpreter:
                text = f"The module interpreter '{route.interpreter}' was not found."
                raise NoInterpreter(text, hint=error.message) from None
            return ShellTier(self._line_runner(route), error.message)

    async def _start_runner(self, route: Route) -> Session:
        connection = await self._connection(route.endpoint)
        if isinstance(connection, PluginConnection):
            return self._once(route, connection)
        nonce = bootstrap.new_nonce()
        client = RunnerClient(
            self._builder,
            nonce,
            silence=self._silence,
            reply_limit=self._reply_limit,
            overlay=self._overlays.setdefault(route.endpoint.name, OverlayShare()),
        )
        command = bootstrap.command(nonce, len(self._builder.bundle()), route.interpreter)
        self._tell(route, command)
        if route.become is None:
            process = await connection.start(command, client)
        else:
            process = await self._escalate(connection, route.become, command, client)
        try:
            async with asyncio.timeout(START_SECONDS):
                await client.start(process)
        except TimeoutError:
            process.terminate()
            raise Unreachable(f"the host's Python did not start within {START_SECONDS:g} s") from None
        return RunnerSession(client, self._builder, self._library)


def _task(work: Awaitable[T]) -> asyncio.Task[T]:
    """A task whose failure belongs to whoever awaits it, and is no loose end if nobody does."""

    async def run() -> T:
        return await work

    task = asyncio.create_task(run())
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return task


def _succeeded(task: asyncio.Task[Any]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is None


def _usable(task: asyncio.Task[Session]) -> bool:
    if task.cancelled():
        return False
    error = task.exception()
    if error is not None:
        return not isinstance(error, (Unreachable, Lost))
    return task.result().alive


def _usable_connection(task: asyncio.Task[Connection]) -> bool:
    if task.cancelled() or task.exception() is not None:
        return False
    closed: Callable[[], bool] | None = getattr(task.result(), "is_closed", None)
    return closed is None or not closed()


async def _close(task: asyncio.Task[Any]) -> None:
    if _succeeded(task):
        await task.result().close()
    else:
        task.cancel()

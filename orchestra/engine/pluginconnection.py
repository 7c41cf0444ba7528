"""Hosts behind connection plugins of the project: lines run in threads, modules by a runner that lives for one request.

A plugin runs a line with all its input and gives back all its output, so there is no pipe for a resident runner. One
that takes no input gets it as a file on the host.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import tempfile
import threading
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from typing import Any

from orchestra.engine.collector import Collector
from orchestra.engine.pluginbecome import start_built
from orchestra.engine.runnersession import RunnerSession, reply_of
from orchestra.engine.threads import in_thread
from orchestra.errors import HostError, Lost, OrchestraError, TimedOut, Unreachable
from orchestra.library.catalogue import Library
from orchestra.model.bridge import Way
from orchestra.model.invocation import Become, Completed, Invocation, Reply
from orchestra.model.ports import Connection, Process, ProcessSink
from orchestra.payload import bootstrap
from orchestra.payload.client import NoInterpreter, RawReply, RunnerClient
from orchestra.payload.once import OnceChannel, OncePayloads, answer_of
from orchestra.plugins.connectionlines import Done, Folders, run_line, run_with_file
from orchestra.plugins.connections import ConnectionPlugins
from orchestra.transport.endpoint import Endpoint

#: Seconds after its own deadline until a runner is given up.
_GRACE = 5
#: Bytes that one line may print.
_MOST_OUTPUT = 100 << 20


class PluginPool:
    """Opens connections: those of plugins itself, all others by the pool behind it."""

    def __init__(self, pool: Any, plugins: ConnectionPlugins, local_tmp: str) -> None:
        self._pool = pool
        self._plugins = plugins
        self._folder = RunFolder(local_tmp)
        self._open: list[PluginConnection] = []

    async def connect(self, endpoint: Endpoint) -> Connection:
        """Open a connection. Raises Unreachable."""
        if not endpoint.plugin:
            opened: Connection = await self._pool.connect(endpoint)
            return opened
        found = self._plugins.find(endpoint.plugin)
        assert found is not None, "it was found when the route was"
        native = _Native(self._pool, endpoint, asyncio.get_running_loop())
        way, decided = _way(endpoint), _decided(endpoint)
        make = partial(self._plugins.connection, found, way, endpoint.variables, decided, native)
        connection = PluginConnection(make, endpoint, self._plugins, self._folder.path)
        await connection.open()
        self._open.append(connection)
        return connection

    async def close(self) -> None:
        """Close all, each whatever becomes of the others."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._pool.close)
            stack.callback(self._folder.remove)
            for connection in self._open:
                stack.push_async_callback(connection.close)


class RunFolder:
    """A folder for files of one run, below ``local_tmp``; made when the first of them is."""

    def __init__(self, parent: str) -> None:
        self._parent = parent
        self._made = ""
        self._turn = threading.Lock()  # plugins ask for it in their threads

    def path(self) -> str:
        """Its path."""
        with self._turn:
            if not self._made:
                os.makedirs(self._parent, 0o700, exist_ok=True)
                self._made = tempfile.mkdtemp(prefix=f"ansible-local-{os.getpid()}", dir=self._parent)
            return self._made

    def remove(self) -> None:
        """Remove it and what is left in it."""
        if self._made:
            shutil.rmtree(self._made)


class _Native:
    """What plugins that extend ssh or local run their lines by; called from their threads."""

    def __init__(self, pool: Any, endpoint: Endpoint, loop: asyncio.AbstractEventLoop) -> None:
        self._pool = pool
        self._endpoint = replace(endpoint, plugin="", variables=())
        self._loop = loop
        self._opened: Connection | None = None

    def __call__(self, line: str, stdin: bytes, builder: Any) -> tuple[int, bytes, bytes]:
        """Run a line, of ``builder``'s where there is one. Raises AnsibleConnectionFailure, which plugins catch."""
        try:
            done = asyncio.run_coroutine_threadsafe(self._run(line, stdin, builder), self._loop).result()
        except (Unreachable, Lost) as error:
            from orchestra.plugins.actions import connection_failure

            raise connection_failure(error) from error
        return done.status, done.stdout, done.stderr

    async def _run(self, line: str, stdin: bytes, builder: Any) -> Completed:
        if self._opened is None:
            self._opened = await self._pool.connect(self._endpoint)
        if builder is None or not builder.expect_prompt():
            return await self._opened.run(line, stdin=stdin)
        collector = Collector(_MOST_OUTPUT)
        process = await start_built(self._opened, builder, line, collector, builder.name)
        if stdin:
            process.write(stdin)
        process.close_input()
        try:
            return await collector.completed()
        finally:
            process.terminate()


def _way(endpoint: Endpoint) -> Way:
    return Way(host=endpoint.name, address=endpoint.target, port=endpoint.port, user=endpoint.user,
               transport=endpoint.plugin, timeout=endpoint.timeout,
               private_key_file=endpoint.private_key_file)  # fmt: skip


def _decided(endpoint: Endpoint) -> dict[str, Any]:
    """Options that a plugin has from keywords and flags where it declares them."""
    found = {"remote_user": endpoint.user, "port": endpoint.port, "password": endpoint.password,
             "timeout": endpoint.timeout, "private_key_file": endpoint.private_key_file}  # fmt: skip
    return {name: value for name, value in found.items() if value}


class PluginConnection:
    """One host behind a plugin. Its lines run one after the other.

    A line that is no longer waited for keeps its thread and the plugin's object; what follows has a new one.
    """

    def __init__(
        self, make: Callable[[], Any], endpoint: Endpoint, plugins: ConnectionPlugins, local_folder: Callable[[], str]
    ) -> None:
        self._make = make
        self._plugin = plugin = make()
        self._given_up = False
        self._endpoint = endpoint
        self._plugins = plugins
        self._folders = Folders(plugin._shell.get_option("remote_tmp"), local_folder)
        self._turn = asyncio.Lock()

    async def open(self) -> None:
        """Connect. Raises Unreachable."""
        await self._call(self._plugin._connect)

    async def run(self, command: str, *, stdin: bytes = b"", pty: bool = False, timeout: float = 0) -> Completed:
        """Run ``command`` to its end. Raises TimedOut, Unreachable."""
        return await self.run_as(None, command, stdin=stdin, timeout=timeout)

    async def run_as(self, become: Become | None, command: str, *, stdin: bytes = b"", timeout: float = 0) -> Completed:
        """Run ``command`` to its end, as another user where one is given."""
        try:
            async with asyncio.timeout(timeout or None), self._turn:
                if self._given_up:
                    self._plugin = self._make()
                    await self.open()
                    self._given_up = False
                status, output, errors = await self._call(partial(self._line, self._plugin, become, command, stdin))
        except TimeoutError:
            raise TimedOut(f"timed out after {timeout:g} seconds", seconds=timeout) from None
        return Completed(status, output, errors)

    def _line(self, plugin: Any, become: Become | None, command: str, stdin: bytes) -> Done:
        plugin.become = builder = self._builder(become)
        if stdin and not self._plugins.pipelines(plugin, builder, self._endpoint.variables):
            return run_with_file(plugin, builder, command, stdin, self._folders)
        return run_line(plugin, builder, command, stdin)

    def _builder(self, become: Become | None) -> Any:
        return None if become is None else self._plugins.become(become)

    async def _call(self, work: Callable[[], Any]) -> Any:
        from orchestra.plugins.connections import is_out_of_reach, told

        try:
            return await in_thread(work)
        except asyncio.CancelledError:
            self._given_up = True
            raise
        except OrchestraError:
            raise
        except Exception as error:
            if isinstance(error.__cause__, Unreachable):
                raise error.__cause__ from None  # ours all along
            hint = f"the connection plugin {self._endpoint.plugin!r} says so"
            fault = Unreachable if is_out_of_reach(error) else HostError
            raise fault(told(error), hint=hint) from error

    async def start(self, command: str, sink: ProcessSink, *, pty: bool = False) -> Process:
        """Part of the port. Raises Unreachable: nothing stays open behind a plugin."""
        raise Unreachable(f"the connection plugin {self._endpoint.plugin!r} runs whole commands only")

    async def escalate(self, become: Become, command: str, sink: ProcessSink) -> Process:
        """Part of the port. Raises Unreachable, as start does."""
        return await self.start(command, sink)

    async def close(self) -> None:
        """Close it. What a plugin says against that is for who looks closely: the tasks have their results."""
        if self._plugin.connected and not self._given_up:
            try:
                await in_thread(self._plugin.close)
            except Exception as error:  # plugins raise anything
                text = f"the connection plugin {self._endpoint.plugin!r} could not be closed: {error}"
                self._plugin._display.vvv(text, host=self._endpoint.name)


class OnceSession:
    """Modules on such a host: each request brings a runner of its own, which ends with the reply."""

    alive = True
    interpreter = ""

    def __init__(
        self,
        connection: PluginConnection,
        become: Become | None,
        interpreter: str,
        payloads: OncePayloads,
        library: Library,
        reply_limit: int,
        without_python: Callable[[str], Any],
    ) -> None:
        self._connection = connection
        self._become = become
        self._interpreter = interpreter
        self._payloads = payloads
        self._library = library
        self._reply_limit = reply_limit
        self._without_python = without_python
        self._fallback: Any = None

    def close(self) -> None:
        """There is nothing to end."""

    async def run_module(self, invocation: Invocation) -> Reply:
        """Run a module. Raises HostError."""
        if self._fallback is not None:
            return await self._on_shell(invocation)
        nonce = bootstrap.new_nonce()
        client = RunnerClient(self._payloads, nonce, reply_limit=self._reply_limit)
        channel = OnceChannel(nonce, client.data_received, self._payloads)
        await client.start(channel)
        session = RunnerSession(client, self._payloads, self._library)
        waiting = asyncio.ensure_future(session.run_module(invocation))
        await asyncio.sleep(0)  # until it has written its request, all of it, and waits for the reply
        try:
            await self._carry(client, channel, nonce, invocation.timeout)
            return await waiting
        except NoInterpreter as error:
            if self._interpreter:
                text = f"The module interpreter '{self._interpreter}' was not found."
                raise NoInterpreter(text, hint=error.message) from None
            self._fallback = self._without_python(error.message)
            return await self._on_shell(invocation)
        except _NoRunner as error:
            return error.reply()
        finally:
            waiting.cancel()

    async def _on_shell(self, invocation: Invocation) -> Reply:
        reply: Reply = await self._fallback.run_module(invocation)
        return reply

    async def _carry(self, client: RunnerClient, channel: OnceChannel, nonce: str, seconds: float) -> None:
        line = bootstrap.command(nonce, len(self._payloads.bundle()), self._interpreter)
        done = await self._connection.run_as(
            self._become, line, stdin=channel.content(), timeout=seconds and seconds + 5
        )
        answer = answer_of(done.stdout, nonce)
        if answer is None:
            said = (done.stderr or done.stdout).decode("utf-8", "replace").strip()[-500:]
            if f"{nonce}:none".encode() in done.stdout:
                raise NoInterpreter("no usable Python (3.6 or later) was found")
            raise _NoRunner(
                f"the runner did not start: it ended with status {done.status}; the host said: {said}", done
            )
        client.data_received(answer)
        client.process_exited(done.status, "")


class _NoRunner(HostError):
    """What a plugin gave back is nothing that a runner says."""

    def __init__(self, message: str, done: Completed) -> None:
        super().__init__(message)
        self.done = done

    def reply(self) -> Reply:
        """What the plugin answered in the module's place: a mapping as JSON. Raises itself where it is none."""
        try:
            data = json.loads(self.done.stdout)
        except ValueError:
            raise self from None
        if self.done.status or not isinstance(data, dict):
            raise self
        return reply_of(RawReply(data))

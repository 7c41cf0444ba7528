"""SSH by paramiko, for projects that ask for it by name; an optional extra, run in threads.

It offers the basics: keys, agent, passwords, known hosts by the same rules, become. ssh_config, jump hosts,
certificates and a second connection beyond MaxSessions are what the default connection is for.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from orchestra.errors import Unreachable
from orchestra.model.invocation import Become, Completed
from orchestra.model.ports import Process, ProcessSink
from orchestra.transport.become import Escalation
from orchestra.transport.endpoint import Endpoint, TransportSettings
from orchestra.transport.program import Marker, NoiseFilter, Program, needs_shell, run_to_end
from orchestra.transport.questions import Asker
from orchestra.transport.shells import sh_line
from orchestra.transport.sshconfig import ConfigFiles, Target, resolve_target

if TYPE_CHECKING:
    import paramiko

_CHUNK = 65536
_KEEPALIVE = 20


async def open_paramiko(
    endpoint: Endpoint, settings: TransportSettings, asker: Asker, on_notice: Callable[[str], None]
) -> ParamikoConnection:
    """Connect by paramiko.

    Raises:
        Unreachable: paramiko is not installed, or what its name says.
    """
    try:
        import paramiko  # noqa: F401
    except ImportError:
        raise Unreachable(
            "connection paramiko needs the paramiko package",
            hint="install it with: pip install 'orchestra[paramiko]'; or use connection: ssh, which needs nothing more",
        ) from None
    target = resolve_target(endpoint, settings, ConfigFiles(settings.home))
    if target.jumps or target.proxy_command:
        raise Unreachable(
            "connection paramiko does not go through jump hosts or proxies",
            hint="use connection: ssh",
        )
    executor = ThreadPoolExecutor(1, thread_name_prefix=f"paramiko-{endpoint.name}")
    loop = asyncio.get_running_loop()
    try:
        client = await loop.run_in_executor(executor, _connect, endpoint, target)
    except _UnknownKey as unknown:
        question = f"The host key of {target.place} is not known: {unknown}\nTrust it from now on (yes/no)? "
        if target.strict != "ask" or not await asker.confirm(question):
            executor.shutdown(wait=False)
            raise _unknown_key(target, str(unknown)) from None
        client = await loop.run_in_executor(executor, _connect, endpoint, target, str(unknown))
    return ParamikoConnection(endpoint.name, client, executor, settings, on_notice)


def _unknown_key(target: Target, fingerprint: str) -> Unreachable:
    return Unreachable(
        f"{target.where}: its host key is not known: {fingerprint}",
        hint=f"compare the fingerprint, then: ssh-keyscan -p {target.port} {target.key_name} >> ~/.ssh/known_hosts",
    )


class _UnknownKey(Exception):
    """A host key that known_hosts does not have; the text is its fingerprint."""


def _policy(target: Target, accepted: str) -> Any:
    import paramiko

    class Policy(paramiko.MissingHostKeyPolicy):
        """Decides on an unknown key as the default connection does."""

        def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
            if target.strict == "no":
                return
            shown = f"{key.get_name()} {key.fingerprint}"
            if target.strict != "accept-new" and shown != accepted:
                raise _UnknownKey(shown)
            client.get_host_keys().add(hostname, key.get_name(), key)
            file = target.known_hosts_files[0] if target.known_hosts_files else None
            if file is not None and (file.is_file() or not file.exists()):
                file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with open(os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a", encoding="ascii") as out:
                    out.write(f"{hostname} {key.get_name()} {key.get_base64()}\n")

    return Policy()


def _connect(endpoint: Endpoint, target: Target, accepted: str = "") -> paramiko.SSHClient:
    """Connect, in a thread. Raises Unreachable or _UnknownKey."""
    import paramiko

    client = paramiko.SSHClient()
    for file in (*target.known_hosts_files, *target.global_known_hosts_files):
        if file.is_file() and target.strict != "no":
            client.load_system_host_keys(str(file))
    client.set_missing_host_key_policy(_policy(target, accepted))
    keys = [str(path) for path in target.identity_files if path.is_file()]
    seconds = target.timeout or None
    try:
        client.connect(
            target.host,
            target.port,
            target.user,
            endpoint.password,
            key_filename=keys or None,  # type: ignore[arg-type]  # a list is documented
            passphrase=endpoint.passphrase,
            timeout=seconds,
            banner_timeout=seconds,
            auth_timeout=seconds,
            allow_agent=bool(target.agent) and not target.identities_only,
            look_for_keys=False,
        )
    except paramiko.BadHostKeyException as problem:
        client.close()
        raise Unreachable(
            f"{target.where}: its host key has CHANGED: it offers {problem.key.get_name()} {problem.key.fingerprint}",
            hint=f"if you know why it changed: ssh-keygen -R '{target.key_name}'",
        ) from None
    except paramiko.AuthenticationException as problem:
        client.close()
        raise Unreachable(f"{target.where}: authentication failed for user {target.user}: {problem}") from None
    except (paramiko.SSHException, OSError) as problem:
        client.close()
        raise Unreachable(f"{target.where}: {_reason(problem, seconds)}") from None
    except _UnknownKey:
        client.close()
        raise
    transport = client.get_transport()
    if transport is not None:
        transport.set_keepalive(_KEEPALIVE)
    return client


def _reason(problem: Exception, seconds: float | None) -> str:
    if isinstance(problem, socket.gaierror):
        return "its name is not known"
    if isinstance(problem, TimeoutError):
        return f"timed out after {seconds:g} s"
    inner = getattr(problem, "errors", None)  # NoValidConnectionsError: one for each address
    if isinstance(inner, dict) and inner:
        return str(next(iter(inner.values())).strerror).lower()
    return str(problem)


class ParamikoProgram(Program):
    """A program on a paramiko channel; a thread reads it, and its bytes are handed to the loop."""

    def __init__(self, sink: ProcessSink, loop: asyncio.AbstractEventLoop, channel: paramiko.Channel) -> None:
        super().__init__(sink, loop)
        self._channel = channel
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="paramiko-write")
        self._written: asyncio.Future[None] | None = None

    def follow(self) -> None:
        """Start reading."""
        self._reading = self._loop.run_in_executor(None, self._read)

    def _read(self) -> None:
        """In a thread: everything that comes, then the exit status."""
        import threading

        errors = threading.Thread(target=self._copy, args=(self._channel.recv_stderr, True), daemon=True)
        errors.start()
        self._copy(self._channel.recv, False)
        errors.join()
        status = self._channel.recv_exit_status()
        self._call(self.output_ended)
        if status >= 0:
            self._call(self.exited, status)
        else:
            self._call(self.end, None, "the host closed the channel")

    def _copy(self, receive: Callable[[int], bytes], is_error: bool) -> None:
        with contextlib.suppress(OSError):
            while data := receive(_CHUNK):
                self._call(self._deliver, is_error, data)

    def _call(self, function: Callable[..., None], *arguments: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
            self._loop.call_soon_threadsafe(function, *arguments)

    def _deliver(self, is_error: bool, data: bytes) -> None:
        self._fresh = True
        if self._ended:
            return
        if is_error:
            self.sink.error_received(data)
        else:
            self.sink.data_received(data)

    def write(self, data: bytes) -> None:
        """Send bytes, in order, from a thread."""
        if not self._ended:
            self._written = self._loop.run_in_executor(self._writer, self._send, data)

    def _send(self, data: bytes) -> None:
        with contextlib.suppress(OSError):
            self._channel.sendall(data)

    async def drain(self) -> None:
        """Wait until what was written is under way."""
        if self._written is not None:
            await asyncio.shield(self._written)

    def close_input(self) -> None:
        """End its standard input, after what was written."""
        self._loop.run_in_executor(self._writer, self._shut)

    def _shut(self) -> None:
        with contextlib.suppress(OSError):
            self._channel.shutdown_write()

    def release(self) -> None:
        """Close the channel."""
        self._channel.close()
        self._writer.shutdown(wait=False)


class ParamikoConnection:
    """An open way to one host by paramiko."""

    def __init__(
        self,
        name: str,
        client: paramiko.SSHClient,
        executor: ThreadPoolExecutor,
        settings: TransportSettings,
        on_notice: Callable[[str], None],
    ) -> None:
        self.name = name
        self._client = client
        self._executor = executor
        self._settings = settings
        self._on_notice = on_notice

    def is_closed(self) -> bool:
        """Whether the connection has ended."""
        transport = self._client.get_transport()
        return transport is None or not transport.is_active()

    async def start(self, command: str, sink: ProcessSink, *, pty: bool = False) -> Process:
        """Start ``command``, a POSIX sh command line. Raises Unreachable."""
        if not needs_shell(command):
            return await self.start_line(command, sink, pty=pty)
        marker = Marker.fresh()
        noise = NoiseFilter(marker, sink, pty=pty)
        program = await self.start_line(sh_line(marker.before(command, pty=pty)), noise, pty=pty)
        noise.attach(program)
        if pty:
            await noise.wait_for_start()
        return program

    async def start_line(self, line: str, sink: ProcessSink, *, pty: bool) -> Program:
        """Send ``line`` to the login shell as it is."""
        loop = asyncio.get_running_loop()
        channel = await loop.run_in_executor(self._executor, self._open, line, pty)
        program = ParamikoProgram(sink, loop, channel)
        program.follow()
        return program

    def _open(self, line: str, pty: bool) -> paramiko.Channel:
        import paramiko

        try:
            transport = self._client.get_transport()
            if transport is None:
                raise EOFError("the connection is closed")
            channel = transport.open_session()
            if pty:
                channel.get_pty("dumb")
            channel.exec_command(line)
        except (paramiko.SSHException, EOFError, OSError) as problem:
            raise Unreachable(f"no session could be opened: {problem}") from None
        return channel

    async def run(self, command: str, *, stdin: bytes = b"", pty: bool = False, timeout: float = 0) -> Completed:
        """Run ``command`` to its end; see ``run_to_end``."""
        limit = self._settings.output_limit
        return await run_to_end(self, command, stdin=stdin, pty=pty, timeout=timeout, limit=limit)

    async def escalate(self, become: Become, command: str, sink: ProcessSink) -> Process:
        """Start ``command`` as another user; see ``become.Escalation``."""
        escalation = Escalation(self.name, become, self._settings.become_timeout, self._on_notice)
        return await escalation.start(self.start_line, command, sink)

    async def close(self) -> None:
        """Close; never raises."""
        with contextlib.suppress(OSError):
            await asyncio.get_running_loop().run_in_executor(self._executor, self._client.close)
        self._executor.shutdown(wait=False)

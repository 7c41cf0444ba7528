"""An SSH server on loopback that really runs commands: the lab's stand-in where OpenSSH's server is not installed.

It lets in whoever holds one of the authorized keys (or, for tests of password login, gives a listed password), runs
each command through the account's shell with its own HOME, with pipes or on a pty, and reports the exit status or
signal. It must not know Orchestra: it is the outside world, and a client that only works with this server is wrong.

As a program: ``python -m orchestra.testing.sshserver --root DIR --port N``, where DIR holds ``host_key``,
``authorized_keys`` and ``home/``. As a fixture: ``async with serving(ServerSettings(...)) as server: server.port``.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import pwd
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path

import asyncssh

from orchestra.model.record import record

#: What a session inherits of this process's own environment; the rest is the caller's business, as with a real server.
INHERITED = ("PATH", "LANG", "LC_ALL", "TZ", "ORCHESTRA_LAB")
_CHUNK = 65536


@record
class ServerSettings:
    """What one loopback server serves: where it listens, who may enter, and where sessions live."""

    host_key: Path
    authorized_keys: Path  #: as sshd's; an empty file lets nobody in by key
    home: Path
    address: str = "127.0.0.1"
    port: int = 0  #: 0 lets the kernel choose; read it back with ``get_port()``
    passwords: Mapping[str, str] = field(default_factory=dict)  #: user name -> password; empty: keys only
    banner: str = ""  #: sent before authentication, as sshd's Banner
    environment: Mapping[str, str] = field(default_factory=dict)  #: added to each session, as sshd's SetEnv


class _Gate(asyncssh.SSHServer):
    """Authentication and the banner for one connection."""

    def __init__(self, settings: ServerSettings) -> None:
        self._settings = settings

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._conn = conn

    def begin_auth(self, username: str) -> bool:
        if self._settings.banner:
            self._conn.send_auth_banner(self._settings.banner)
        return True

    def password_auth_supported(self) -> bool:
        return bool(self._settings.passwords)

    def validate_password(self, username: str, password: str) -> bool:
        return self._settings.passwords.get(username) == password


@contextlib.asynccontextmanager
async def serving(settings: ServerSettings) -> AsyncIterator[asyncssh.SSHAcceptor]:
    """Serve until the block is left; the acceptor's ``get_port()`` tells the port. Raises OSError if it is taken."""

    async def handle(process: asyncssh.SSHServerProcess[bytes]) -> None:
        await _run(process, settings)

    keys = settings.authorized_keys.read_text(encoding="utf-8")
    acceptor = await asyncssh.create_server(
        lambda: _Gate(settings),
        settings.address,
        settings.port,
        server_host_keys=[str(settings.host_key)],
        authorized_client_keys=asyncssh.import_authorized_keys(keys) if keys.strip() else None,
        process_factory=handle,
        sftp_factory=True,
        encoding=None,
        line_editor=False,
        agent_forwarding=False,
    )
    try:
        yield acceptor
    finally:
        acceptor.close()
        await acceptor.wait_closed()


async def _run(process: asyncssh.SSHServerProcess[bytes], settings: ServerSettings) -> None:
    """Run one session's command through the account's shell and answer with how it ended."""
    account = pwd.getpwuid(os.getuid())
    shell = account.pw_shell or "/bin/sh"
    argv = [shell, "-c", process.command] if process.command is not None else [shell, "-l"]
    environment = _session_environment(process, settings, account)
    run = _run_on_pty if process.term_type is not None else _run_on_pipes
    status = await run(process, argv, environment, settings.home)
    if status < 0:
        process.exit_with_signal(signal.Signals(-status).name.removeprefix("SIG"))
    else:
        process.exit(status)


def _session_environment(
    process: asyncssh.SSHServerProcess[bytes], settings: ServerSettings, account: pwd.struct_passwd
) -> dict[str, str]:
    environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
    environment.update(process.env)
    environment.update(
        HOME=str(settings.home), USER=account.pw_name, LOGNAME=account.pw_name, SHELL=account.pw_shell or "/bin/sh"
    )
    client, server = process.get_extra_info("peername"), process.get_extra_info("sockname")
    environment["SSH_CONNECTION"] = f"{client[0]} {client[1]} {server[0]} {server[1]}"
    if process.term_type is not None:
        environment["TERM"] = process.term_type
    environment.update(settings.environment)
    return environment


async def _run_on_pipes(
    process: asyncssh.SSHServerProcess[bytes], argv: Sequence[str], environment: Mapping[str, str], home: Path
) -> int:
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(
        *argv, stdin=pipe, stdout=pipe, stderr=pipe, env=dict(environment), cwd=home, start_new_session=True
    )
    assert child.stdin and child.stdout and child.stderr
    feeding = asyncio.create_task(_feed_pipe(process, child.stdin))
    try:
        await asyncio.gather(_copy(child.stdout, process.stdout), _copy(child.stderr, process.stderr))
        return await child.wait()
    finally:
        feeding.cancel()
        await asyncio.gather(feeding, return_exceptions=True)


async def _copy(source: asyncio.StreamReader, target: asyncssh.SSHWriter[bytes]) -> None:
    """Pass output on until whoever holds the pipe closes it, as sshd does; a client that left ends it early."""
    with contextlib.suppress(BrokenPipeError, ConnectionError):
        while data := await source.read(_CHUNK):
            target.write(data)
            await target.drain()


async def _feed_pipe(process: asyncssh.SSHServerProcess[bytes], target: asyncio.StreamWriter) -> None:
    """Pass input on until the client ends it or the program closes its end."""
    with contextlib.suppress(BrokenPipeError, ConnectionError):
        while data := await _input(process):
            target.write(data)
            await target.drain()
    target.close()


async def _run_on_pty(
    process: asyncssh.SSHServerProcess[bytes], argv: Sequence[str], environment: Mapping[str, str], home: Path
) -> int:
    master, terminal = os.openpty()
    try:
        child = await asyncio.create_subprocess_exec(
            *argv, env=dict(environment), cwd=home, preexec_fn=lambda: os.login_tty(terminal), pass_fds=(terminal,)
        )
    except BaseException:
        os.close(master)
        raise
    finally:
        os.close(terminal)
    os.set_blocking(master, False)
    output, feeding = _Drain(master, process), asyncio.create_task(_feed(process, master))
    try:
        status = await child.wait()
        await output.finished
    finally:
        feeding.cancel()
        await asyncio.gather(feeding, return_exceptions=True)
        output.stop()
        os.close(master)
    return status


class _Drain:
    """Copies what a pty's programs print to the client until the last one lets go of the terminal."""

    def __init__(self, master: int, process: asyncssh.SSHServerProcess[bytes]) -> None:
        self._master, self._process = master, process
        self._loop = asyncio.get_running_loop()
        self.finished: asyncio.Future[None] = self._loop.create_future()
        self._loop.add_reader(master, self._copy)

    def _copy(self) -> None:
        try:
            data = os.read(self._master, _CHUNK)
        except BlockingIOError:
            return
        except OSError:  # EIO: nobody holds the terminal any more
            data = b""
        if data:
            self._process.stdout.write(data)
            return
        self.stop()

    def stop(self) -> None:
        self._loop.remove_reader(self._master)
        if not self.finished.done():
            self.finished.set_result(None)


async def _feed(process: asyncssh.SSHServerProcess[bytes], master: int) -> None:
    """Type what the client sends into the terminal; a client that ends its input hangs up politely (EOT)."""
    data = b"-"
    while data:
        data = await _input(process)
        await _write_all(master, data or b"\x04")


async def _input(process: asyncssh.SSHServerProcess[bytes]) -> bytes:
    """The next piece of the client's input, empty at its end; what else arrives in between is not input."""
    while True:
        with contextlib.suppress(asyncssh.TerminalSizeChanged, asyncssh.BreakReceived, asyncssh.SignalReceived):
            return await process.stdin.read(_CHUNK)


async def _write_all(descriptor: int, data: bytes) -> None:
    loop = asyncio.get_running_loop()
    while data:
        try:
            data = data[os.write(descriptor, data) :]
        except BlockingIOError:
            writable = asyncio.Event()
            loop.add_writer(descriptor, writable.set)
            try:
                await writable.wait()
            finally:
                loop.remove_writer(descriptor)


async def _serve_for_ever(settings: ServerSettings) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    async with serving(settings):
        await stopped.wait()


def main(argv: Sequence[str] | None = None) -> int:
    """Serve one lab host from its folder until SIGTERM; 1 with a message where the port is taken."""
    parser = argparse.ArgumentParser(prog="python -m orchestra.testing.sshserver", description=main.__doc__)
    parser.add_argument("--root", type=Path, required=True, help="folder with host_key, authorized_keys and home/")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--address", default="127.0.0.1")
    options = parser.parse_args(argv)
    settings = ServerSettings(
        options.root / "host_key",
        options.root / "authorized_keys",
        options.root / "home",
        options.address,
        options.port,
    )
    try:
        asyncio.run(_serve_for_ever(settings))
    except OSError as problem:
        print(f"sshserver: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

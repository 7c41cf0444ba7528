"""Sockets towards a host: names, TCP, and programs that stand in for TCP (ProxyCommand). It must not know SSH."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Awaitable, Sequence
from types import TracebackType
from typing import Any, TypeVar

_T = TypeVar("_T")
#: (family, type, protocol, canonical name, address), as getaddrinfo gives it.
Address = tuple[int, int, int, str, Any]
#: How much of a proxy's standard error is kept for messages.
_STDERR_KEPT = 2000


class Deadline:
    """A limit on a piece of work, in which waiting for a person or for our own turn does not count."""

    def __init__(self, seconds: float) -> None:
        self._timeout = asyncio.timeout(seconds or None)

    async def __aenter__(self) -> Deadline:
        await self._timeout.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._timeout.__aexit__(kind, problem, traceback)

    @property
    def expired(self) -> bool:
        """Whether the limit, rather than the work itself, ended it."""
        return self._timeout.expired()

    async def pause(self, waiting: Awaitable[_T]) -> _T:
        """Wait for something without the time running."""
        end = self._timeout.when()
        if end is None:
            return await waiting
        loop = asyncio.get_running_loop()
        left = end - loop.time()
        self._timeout.reschedule(None)
        try:
            return await waiting
        finally:
            self._timeout.reschedule(loop.time() + left)


async def look_up(host: str, port: int, family: int) -> Sequence[Address]:
    """The addresses of ``host``. Raises socket.gaierror."""
    try:  # an address needs no name server, and no thread to wait for it
        return socket.getaddrinfo(
            host, port, family, socket.SOCK_STREAM, 0, socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
        )
    except socket.gaierror:
        loop = asyncio.get_running_loop()
        return await loop.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)


async def open_tcp(addresses: Sequence[Address], bind_address: str, seconds: float) -> socket.socket:
    """Connect to the first address that answers; one that is silent gets its share of the time only. Raises OSError."""
    problem: OSError = OSError("no address")
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    for position, (family, kind, protocol, _, address) in enumerate(addresses):
        left = len(addresses) - position
        share = None if left == 1 or not seconds else max(0.1, (end - loop.time()) / left)
        try:
            async with asyncio.timeout(share):
                return await _open_one(family, kind, protocol, address, bind_address)
        except OSError as failure:
            problem = failure
    raise problem


async def _open_one(family: int, kind: int, protocol: int, address: Any, bind_address: str) -> socket.socket:
    opened = socket.socket(family, kind, protocol)
    try:
        opened.setblocking(False)
        if bind_address:
            opened.bind((bind_address, 0))
        await asyncio.get_running_loop().sock_connect(opened, address)
    except BaseException:
        opened.close()
        raise
    return opened


def watch_link(opened: socket.socket, idle: float) -> None:
    """Let the kernel notice a dead peer: it probes idle links for nothing; SSH's probes cost CPU per packet."""
    interval = max(1, int(idle))
    wanted = (("TCP_KEEPIDLE", interval), ("TCP_KEEPALIVE", interval), ("TCP_KEEPINTVL", max(1, interval // 2)))
    for name, value in (*wanted, ("TCP_KEEPCNT", 3), ("TCP_USER_TIMEOUT", int(idle * 2500))):
        option = getattr(socket, name, None)
        if option is not None:
            with contextlib.suppress(OSError):
                opened.setsockopt(socket.IPPROTO_TCP, option, value)


class ProxyProgram:
    """A running ProxyCommand. Its standard error stays apart (it would corrupt the stream) and is kept for messages."""

    def __init__(self, process: asyncio.subprocess.Process, ours: socket.socket) -> None:
        self._process = process
        self.socket = ours
        self._said = b""
        self._listening = asyncio.ensure_future(self._listen())

    @classmethod
    async def start(cls, command: str) -> ProxyProgram:
        """Start ``command`` by a shell, as ssh does: it is a shell's line by definition. Raises OSError."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        try:
            process = await asyncio.create_subprocess_exec(
                "/bin/sh",
                "-c",
                f"exec {command}",
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=asyncio.subprocess.PIPE,
                start_new_session=True,
            )
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        return cls(process, ours)

    async def _listen(self) -> None:
        assert self._process.stderr is not None
        while data := await self._process.stderr.read(4096):
            self._said = (self._said + data)[-_STDERR_KEPT:]

    @property
    def said(self) -> str:
        """The last lines of its standard error."""
        return self._said.decode(errors="replace").strip()

    async def close(self) -> None:
        """End it, and what it started."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2):
                await self._listening
                await self._process.wait()
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._listening.cancel()
            await self._process.wait()

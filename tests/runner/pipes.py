"""A real runner process over pipes, for tests: the shortest way from a RunnerClient to a host's Python."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from orchestra.library.locate import packaged_folder
from orchestra.payload.bootstrap import command, new_nonce
from orchestra.payload.build import Builder
from orchestra.payload.client import RawReply, Request, RunnerClient
from tests.runner import newest

PYENV = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
BUILDER = Builder()


def interpreters() -> dict[str, str]:
    """The Pythons of this machine that a target may have, by version."""
    found = {"system": "/usr/bin/python3"} if Path("/usr/bin/python3").exists() else {}
    if (fetched := newest.interpreter()) is not None:
        found[newest.VERSION] = str(fetched)
    for version in ("3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14"):
        matches = sorted(PYENV.glob(f"{version}.*/bin/python")) if PYENV.is_dir() else []
        if matches:
            found[version] = str(matches[0])
    return found


class Pipes(asyncio.SubprocessProtocol):
    """A subprocess as a Channel, with a RunnerClient as the sink."""

    def __init__(self, client: RunnerClient) -> None:
        self.client = client
        self.sent = 0
        self.status: int | None = None
        self.ended: asyncio.Event = asyncio.Event()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.inlet = transport.get_pipe_transport(0)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if fd == 1:
            self.client.data_received(data)
        else:
            self.client.error_received(data)

    def process_exited(self) -> None:
        self.status = self.transport.get_returncode()

    def connection_lost(self, exc: Exception | None) -> None:
        self.client.process_exited(self.status, "")
        self.ended.set()

    def write(self, data: bytes) -> None:
        self.sent += len(data)
        self.inlet.write(data)

    async def drain(self) -> None:
        while self.inlet.get_write_buffer_size() > 1 << 20:
            await asyncio.sleep(0.001)

    def terminate(self) -> None:
        self.inlet.close()


@asynccontextmanager
async def runner(
    interpreter: str = "/usr/bin/python3",
    *,
    shell: str = "/bin/sh",
    environ: Mapping[str, str] | None = None,
    prelude: str = "",
    **settings: Any,
) -> AsyncIterator[tuple[RunnerClient, Pipes]]:
    """A started runner; afterwards it has ended."""
    nonce = new_nonce()
    client = RunnerClient(BUILDER, nonce, **settings)
    line = prelude + command(nonce, len(BUILDER.bundle()), interpreter)
    env = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "LC_ALL": "C", **(environ or {})}
    loop = asyncio.get_running_loop()
    transport, pipes = await loop.subprocess_exec(lambda: Pipes(client), shell, "-c", line, env=env)
    try:
        await asyncio.wait_for(client.start(pipes), 20)
        yield client, pipes
    finally:
        client.close()
        await asyncio.wait_for(pipes.ended.wait(), 20)
        transport.close()


async def run(client: RunnerClient, module: str, *, options: Mapping[str, Any] | None = None, **more: Any) -> RawReply:
    """Run one of our modules, within ten seconds."""
    code = BUILDER.module(str(packaged_folder() / f"{module}.py"))
    return await asyncio.wait_for(client.request(Request(code, options or {}, **more)), 15)


async def run_file(
    client: RunnerClient, path: Path, *, options: Mapping[str, Any] | None = None, **more: Any
) -> RawReply:
    """Run a module file of the test's own, as one of ours."""
    request = Request(BUILDER.module(str(path)), options or {}, **more)
    return await asyncio.wait_for(client.request(request), 15)

"""The loop of a run: uvloop where it is installed, and all transports work in it as they do in asyncio's own."""

import asyncio
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestra.model.invocation import Become, Completed
from orchestra.model.ports import Connection
from orchestra.transport.endpoint import Endpoint, TransportSettings
from orchestra.transport.eventloop import run
from orchestra.transport.pool import TransportPool
from tests.transport.conftest import Sink
from tests.transport.sshd import Sshd, keygen, needs_terminals

BINARY = bytes(range(256)) * 64


def test_it_is_uvloop_where_that_is_installed() -> None:
    pytest.importorskip("uvloop", reason="uvloop is not installed")

    async def name() -> str:
        return type(asyncio.get_running_loop()).__module__

    assert run(name()).startswith("uvloop")


def test_without_uvloop_it_is_asyncio(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)

    async def name() -> str:
        return type(asyncio.get_running_loop()).__module__

    assert run(name()).startswith("asyncio")


async def assert_all_works(pool: TransportPool, endpoint: Endpoint) -> None:
    """What depends on the loop: pipes, terminals, exits, back-pressure."""
    try:
        await assert_conversations_work(await pool.connect(endpoint))
    finally:
        await pool.close()


async def assert_conversations_work(connection: Connection) -> None:
    assert await connection.run("cat; echo e >&2; exit 3", stdin=BINARY) == Completed(3, BINARY, b"e\n")
    assert (await connection.run("sleep 2.25 & echo x; exit 0", timeout=5)).stdout == b"x\n"
    for pty in (False, True):
        sink = Sink()
        process = await connection.start("echo on; exec head -c 16384", sink, pty=pty)
        await sink.until(b"on\n")
        process.write(BINARY)
        await process.drain()
        assert await sink.ended == (0, "")
        assert sink.out == b"on\n" + BINARY
    sink = Sink()
    process = await connection.start("echo on; exec cat", sink)
    await sink.until(b"on\n")
    process.terminate()
    assert await sink.ended == (None, "it was stopped")
    if os.geteuid() == 0:
        sink = Sink()
        await connection.escalate(Become("nobody", "su", flags="-s /bin/sh"), "id -un; :", sink)
        assert await sink.ended == (0, "")


def test_local_programs() -> None:
    async def work() -> None:
        await assert_all_works(TransportPool(), Endpoint("localhost", kind="local"))

    run(work())


@needs_terminals
@pytest.mark.parametrize("way", ["straight", "proxy", "jump"])
def test_ssh(make_sshd: Callable[..., Sshd], tmp_path: Path, way: str) -> None:
    server = make_sshd()
    key = keygen(tmp_path / "key")
    (server.root / "authorized_keys").write_text(Path(f"{key}.pub").read_text())
    relay = tmp_path / "relay.py"
    relay.write_text(RELAY)
    arguments = {
        "straight": "",
        "proxy": f'-o ProxyCommand="{sys.executable} {relay} %h %p"',
        "jump": f"-J 127.0.0.1:{server.port} -o IdentityFile={key}",
    }[way]
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "config").write_text(f"IdentityFile {key}\n")

    async def work() -> None:
        settings = TransportSettings(home=tmp_path, system_config=tmp_path / "none")
        pool = TransportPool(settings, known_hosts=tmp_path / "known_hosts")
        endpoint = Endpoint("h", "127.0.0.1", server.port, common_args=arguments, host_key_checking=False)
        await assert_all_works(pool, endpoint)

    run(work())


RELAY = """
import os, socket, sys, threading
far = socket.create_connection(sys.argv[1:3])
def back():
    for data in iter(lambda: far.recv(65536), b""):
        os.write(1, data)
threading.Thread(target=back, daemon=True).start()
for data in iter(lambda: os.read(0, 65536), b""):
    far.sendall(data)
"""


def test_a_socket_of_ours_is_always_closed(tmp_path: Path) -> None:
    """A setting that asyncssh refuses after the TCP connection stands."""

    async def work() -> None:
        with socket.socket() as server:
            server.bind(("127.0.0.1", 0))
            server.listen()
            pool = TransportPool(TransportSettings(home=tmp_path, system_config=tmp_path / "none"))
            endpoint = Endpoint("h", "127.0.0.1", server.getsockname()[1], user="\u0221", timeout=2)
            with pytest.raises(Exception, match="an ssh setting cannot be used"):
                await pool.connect(endpoint)
            await pool.close()

    run(work())

"""A run that is interrupted while it connects leaves nothing open; a warning about a socket or a task fails a test."""

import asyncio
import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.transport.conftest import Person, endpoint
from tests.transport.sshd import Sshd, needs_terminals
from tests.transport.test_eventloop import RELAY

STEPS = [0.0, 0.001, 0.003, 0.006, 0.01, 0.02, 0.03, 0.05]


async def cancel_after(work: "asyncio.Task[object]", seconds: float) -> None:
    await asyncio.wait([work], timeout=seconds)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)


def assert_nothing_is_left() -> None:
    """No task of the loop goes on; what was not closed warns when it is collected, and fails the test."""
    gc.collect()
    assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.mark.parametrize("seconds", STEPS)
@pytest.mark.parametrize("arguments", ["", "-o ProxyCommand='{python} {relay} %h %p'", "-J 127.0.0.1:{port}"])
async def test_while_connecting(sshd: Sshd, person: Person, seconds: float, arguments: str) -> None:
    pool = person.pool()
    relay = person.home / "relay.py"
    relay.write_text(RELAY)
    way = endpoint(sshd, common_args=arguments.format(port=sshd.port, python=sys.executable, relay=relay))
    await cancel_after(asyncio.ensure_future(pool.connect(way)), seconds)
    await pool.close()
    assert_nothing_is_left()


@asynccontextmanager
async def silent_server() -> AsyncIterator[int]:
    listening = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        listening.append(asyncio.current_task())
        await reader.read()
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(listen, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
    await asyncio.gather(*filter(None, listening))


async def test_while_a_server_is_silent(person: Person, tmp_path: Path) -> None:
    async with silent_server() as port:
        pool = person.pool()
        way = endpoint(Sshd(tmp_path, port=port))
        connecting = asyncio.ensure_future(pool.connect(way))
        await cancel_after(connecting, 0.1)
        assert connecting.cancelled()
        await pool.close()
    assert_nothing_is_left()


@needs_terminals
@pytest.mark.parametrize("seconds", STEPS)
async def test_while_a_command_runs(sshd: Sshd, person: Person, seconds: float) -> None:
    pool = person.pool()
    connection = await pool.connect(endpoint(sshd))
    await cancel_after(asyncio.ensure_future(connection.run("cat; sleep 5", pty=True)), seconds)
    assert (await connection.run("true; :")).status == 0
    await pool.close()
    assert_nothing_is_left()

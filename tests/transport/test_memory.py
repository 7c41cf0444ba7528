"""The fake that ships: hosts from a table, from a callable, and real programs without SSH."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from orchestra.errors import BecomeFailed, Lost, Unreachable
from orchestra.model.invocation import Become, Completed
from orchestra.model.ports import Connection
from orchestra.testing.memory_transport import MemoryFleet, MemoryHost, MemoryProgram
from orchestra.transport.endpoint import Endpoint
from orchestra.transport.pool import TransportPool
from tests.transport.conftest import Sink

Connect = Callable[[MemoryHost], Any]


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    pools: list[TransportPool] = []

    async def open_one(host: MemoryHost) -> Connection:
        pools.append(TransportPool(openers={"memory": MemoryFleet([host]).open}))
        return await pools[-1].connect(Endpoint(host.name, kind="memory"))

    yield open_one
    for pool in pools:
        await pool.close()


async def test_a_table_of_answers(connect: Connect) -> None:
    host = MemoryHost("h", {"uptime": Completed(0, b"up"), "ls *": Completed(2, b"", b"no")})
    connection = await connect(host)
    assert await connection.run("uptime") == Completed(0, b"up")
    assert await connection.run("ls -l /x") == Completed(2, b"", b"no")
    assert (await connection.run("other")).status == 127
    assert host.started == [("", "uptime"), ("", "ls -l /x"), ("", "other")]


async def test_a_behaviour_plays_a_program(connect: Connect) -> None:
    def shout(program: MemoryProgram) -> None:
        def hear(data: bytes) -> None:
            program.say(data.upper()) if data else program.exit(0)

        program.on_input = hear

    connection = await connect(MemoryHost("h", behaviour=shout))
    sink = Sink()
    process = await connection.start("anything", sink)
    process.write(b"hello")
    process.close_input()
    assert await sink.ended == (0, "")
    assert sink.out == b"HELLO"


async def test_real_programs(connect: Connect) -> None:
    host = MemoryHost("h", real=True, become_passwords={"root": "pw"})
    connection = await connect(host)
    assert await connection.run("cat; exit 3", stdin=b"x") == Completed(3, b"x")
    for become in (Become("root", password="pw"), Become("other")):
        sink = Sink()
        await connection.escalate(become, "echo here; :", sink)
        assert await sink.ended == (0, "")
    assert [user for user, _ in host.started] == ["", "root", "other"]
    with pytest.raises(BecomeFailed, match="Incorrect sudo password for user root"):
        await connection.escalate(Become("root", password="no"), "x", Sink())
    with pytest.raises(BecomeFailed, match="Missing sudo password"):
        await connection.escalate(Become("root"), "x", Sink())


async def test_losing_a_host(connect: Connect) -> None:
    host = MemoryHost("h", real=True)
    connection = await connect(host)
    running = asyncio.ensure_future(connection.run("exec sleep 92.5"))
    async with asyncio.timeout(20):
        while not host.programs:
            await asyncio.sleep(0.01)
    host.lose("cable cut")
    with pytest.raises(Lost, match="the link died while a command ran: cable cut"):
        await running


async def test_hosts_that_are_not_there() -> None:
    fleet = MemoryFleet([MemoryHost("down", unreachable="no route")], others=lambda name: MemoryHost(name, real=True))
    pool = TransportPool(openers={"memory": fleet.open})
    with pytest.raises(Unreachable, match="no route"):
        await pool.connect(Endpoint("down", kind="memory"))
    await pool.connect(Endpoint("any", kind="memory"))
    assert fleet.hosts["any"].connections == 1
    with pytest.raises(Unreachable, match="there is no memory host 'x'"):
        await MemoryFleet().open(Endpoint("x"))
    await pool.close()


async def test_a_kind_that_nobody_knows() -> None:
    with pytest.raises(Unreachable, match="connection 'shh' is not known") as caught:
        await TransportPool().connect(Endpoint("h", kind="shh"))
    assert "ssh" in caught.value.hint

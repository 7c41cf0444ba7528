"""Programs on the controller, by the same interface as on hosts."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from orchestra.errors import BecomeFailed, TimedOut
from orchestra.model.invocation import Become, Completed
from orchestra.model.ports import Connection
from orchestra.transport.endpoint import Endpoint
from orchestra.transport.pool import TransportPool
from tests.transport.conftest import Sink
from tests.transport.sshd import account, needs_root, needs_sudo

BINARY = bytes(range(256)) * 64


@pytest.fixture
async def local() -> AsyncIterator[Connection]:
    pool = TransportPool()
    yield await pool.connect(Endpoint("localhost", kind="local"))
    await pool.close()


@pytest.mark.parametrize(
    ("command", "completed"),
    [
        ("echo out; echo err >&2; exit 3", Completed(3, b"out\n", b"err\n")),
        ("/bin/echo plain words", Completed(0, b"plain words\n")),
        ("kill -9 $$; :", Completed(-9)),
        ("exit 5", Completed(5)),
    ],
)
async def test_a_command_runs_to_its_end(local: Connection, command: str, completed: Completed) -> None:
    assert await local.run(command) == completed


async def test_a_program_that_is_not_there(local: Connection) -> None:
    done = await local.run("/no/such/program -x")
    assert done.status == 127
    assert b"/no/such/program" in done.stderr


async def test_input_and_much_of_it(local: Connection) -> None:
    data = os.urandom(1 << 20) * 4
    assert (await local.run("exec cat", stdin=data)).stdout == data
    assert (await local.run("exec true", stdin=data)).status == 0  # nobody reads it


async def test_drain_waits_for_the_program(local: Connection) -> None:
    sink = Sink()
    process = await local.start("read line; exec wc -c", sink)
    process.write(b"x" * (1 << 20))
    draining = asyncio.ensure_future(process.drain())
    await asyncio.wait([draining], timeout=0.05)
    assert not draining.done()
    process.write(b"\n" + b"y" * 100)
    process.close_input()
    await draining
    assert await sink.ended == (0, "")
    assert sink.out.strip() == b"100"


async def test_what_nobody_can_read_any_more_is_dropped(local: Connection) -> None:
    sink = Sink()
    process = await local.start("exec cat", sink)
    process.close_input()
    process.write(b"too late")
    assert await sink.ended == (0, "")
    assert sink.out == b""


async def test_a_daemon_that_is_left_behind_does_not_hold_the_command(local: Connection) -> None:
    done = await local.run("sleep 95.5 & echo $!; exit 4", timeout=5)
    assert done.status == 4
    os.kill(int(done.stdout), 9)  # it lived on


async def test_a_time_limit_ends_the_whole_group(local: Connection) -> None:
    with pytest.raises(TimedOut, match=r"the command did not end within 0.2 s"):
        await local.run("sleep 94.5 | cat; :", timeout=0.2)
    for _ in range(100):
        if subprocess.run(["pgrep", "-f", "sleep 94.5"], capture_output=True).returncode:
            break
        await asyncio.sleep(0.02)
    assert subprocess.run(["pgrep", "-f", "sleep 94.5"], capture_output=True).returncode == 1


async def test_a_terminal_carries_every_byte(local: Connection) -> None:
    sink = Sink()
    process = await local.start("tty >/dev/null || exit 9; echo on; exec head -c 16384", sink, pty=True)
    process.write(BINARY)
    await process.drain()
    assert await sink.ended == (0, "")
    assert sink.out == b"on\n" + BINARY


async def test_the_end_of_the_pool_ends_what_still_runs() -> None:
    pool = TransportPool()
    connection = await pool.connect(Endpoint("localhost", kind="local"))
    sinks = [Sink(), Sink()]
    for sink, pty in zip(sinks, (False, True), strict=True):
        await connection.start("echo here; exec sleep 93.5", sink, pty=pty)
        await sink.until(b"here\n")
    await pool.close()
    assert [await sink.ended for sink in sinks] == [(None, "it was stopped")] * 2


@needs_root
@pytest.mark.parametrize(
    "become",
    [
        pytest.param(Become("nobody"), marks=needs_sudo, id="sudo"),
        pytest.param(Become("nobody", "su", flags="-s /bin/sh"), id="su"),
    ],
)
async def test_become(local: Connection, become: Become) -> None:
    sink = Sink()
    process = await local.escalate(become, "id -un; exec cat", sink)
    process.write(b"x")
    process.close_input()
    assert await sink.ended == (0, "")
    assert (sink.out, sink.err) == (b"nobody\nx", b"")


@needs_root
async def test_become_with_a_password_and_a_terminal(local: Connection) -> None:
    """su asked by somebody who is not root."""
    with account() as me, account() as other:
        wrapped = Become(other.name, "su", password=other.password, exe=as_user(me.name))
        sink = Sink()
        await local.escalate(wrapped, "id -un; :", sink)
        assert await sink.ended == (0, "")
        assert sink.out == f"{other.name}\n".encode()
        with pytest.raises(BecomeFailed, match="Incorrect su password"):
            await local.escalate(Become(other.name, "su", password="wrong", exe=as_user(me.name)), "id", Sink())


def as_user(name: str) -> str:
    """A program that is su, started by ``name``."""
    path = Path(f"/home/{name}/su")
    path.write_text(f'#!/bin/sh\nexec setpriv --reuid={name} --regid={name} --clear-groups su "$@"\n')
    path.chmod(0o755)
    return str(path)

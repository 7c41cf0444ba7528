"""SSH by paramiko: the basics work, and what does not says so."""

import sys
from collections.abc import Callable

import pytest

from orchestra.errors import Unreachable
from orchestra.model.invocation import Become, Completed
from tests.transport.conftest import Person, Sink, endpoint
from tests.transport.sshd import Sshd, free_port, keygen, needs_root, needs_sudo

BINARY = bytes(range(256)) * 64


@pytest.fixture(autouse=True)
def _paramiko() -> None:
    pytest.importorskip("paramiko", reason="paramiko is not installed")


async def test_commands_and_conversations(sshd: Sshd, person: Person) -> None:
    connection = await person.pool().connect(endpoint(sshd, kind="paramiko_ssh"))
    assert await connection.run("cat; echo 'e!' >&2; exit 3", stdin=BINARY) == Completed(3, BINARY, b"e!\n")
    sink = Sink()
    process = await connection.start("echo on; exec cat", sink)
    await sink.until(b"on\n")
    process.write(BINARY)
    await process.drain()
    process.close_input()
    assert await sink.ended == (0, "")
    assert sink.out == b"on\n" + BINARY


@needs_root
@needs_sudo
async def test_become(sshd: Sshd, person: Person) -> None:
    connection = await person.pool().connect(endpoint(sshd, kind="paramiko"))
    sink = Sink()
    await connection.escalate(Become("nobody"), "id -un; :", sink)
    assert await sink.ended == (0, "")
    assert sink.out == b"nobody\n"


async def test_host_keys(make_sshd: Callable[..., Sshd], person: Person) -> None:
    server = make_sshd()
    person.may_enter(server)
    with pytest.raises(Unreachable, match="its host key is not known: ssh-ed25519 SHA256:"):
        await person.pool().connect(endpoint(server, kind="paramiko"))
    person.answers = ["yes"]
    await person.pool(ask=True).connect(endpoint(server, kind="paramiko"))
    await person.pool().connect(endpoint(server, kind="paramiko"))
    server.host_key.unlink()
    server.stop()
    keygen(server.host_key)
    server.start()
    with pytest.raises(Unreachable, match="its host key has CHANGED"):
        await person.pool().connect(endpoint(server, kind="paramiko"))


async def test_refusals(make_sshd: Callable[..., Sshd], person: Person) -> None:
    server = make_sshd()
    person.knows(server)
    with pytest.raises(Unreachable, match="authentication failed for user"):
        await person.pool().connect(endpoint(server, kind="paramiko"))
    with pytest.raises(Unreachable, match="refused"):
        await person.pool().connect(endpoint(server, kind="paramiko", port=free_port()))
    with pytest.raises(Unreachable, match="does not go through jump hosts"):
        await person.pool().connect(endpoint(server, kind="paramiko", common_args="-J bastion"))


async def test_without_the_package(sshd: Sshd, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "paramiko", None)
    with pytest.raises(Unreachable, match="needs the paramiko package") as caught:
        await person.pool().connect(endpoint(sshd, kind="paramiko"))
    assert "orchestra[paramiko]" in caught.value.hint

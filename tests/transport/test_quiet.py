"""The empty packets go, where that is safe, and nothing else does."""

from collections.abc import Callable
from typing import Any

import pytest

from orchestra.transport.quiet import quieten
from tests.transport.conftest import Person, endpoint
from tests.transport.sshd import Sshd


class Connection:
    """As much of asyncssh's connection as ``quieten`` looks at."""

    def __init__(self, cipher: str) -> None:
        self._cipher = cipher
        self.sent: list[Any] = []

    def get_extra_info(self, name: str) -> str:
        assert name == "send_cipher"
        return self._cipher

    def send_packet(self, kind: int, *parts: bytes, handler: Any = None) -> None:
        self.sent.append((kind, parts, handler))


@pytest.mark.parametrize(
    ("cipher", "version", "quiet"),
    [
        ("aes128-gcm@openssh.com", "2.24.1", True),
        ("chacha20-poly1305@openssh.com", "2.18.0", True),
        ("aes128-ctr", "2.24.1", False),
        ("aes128-cbc", "2.24.1", False),
        ("aes128-gcm@openssh.com", "3.0.0", False),
        ("aes128-gcm@openssh.com", "2.10.0", False),
    ],
)
def test_only_with_ciphers_and_versions_that_are_known(cipher: str, version: str, quiet: bool) -> None:
    connection: Any = Connection(cipher)
    assert quieten(connection, version) is quiet
    connection.send_packet(2, b"\0\0\0\0")
    connection.send_packet(2, b"\0\0\0\1x")
    connection.send_packet(94, b"data", handler="channel")
    expected = [(2, (b"\0\0\0\1x",), None), (94, (b"data",), "channel")]
    assert connection.sent == (expected if quiet else [(2, (b"\0\0\0\0",), None), *expected])


@pytest.mark.parametrize(("arguments", "ignored"), [("", 0), ("-c aes128-ctr", 1)])
async def test_on_a_real_link(make_sshd: Callable[..., Sshd], person: Person, arguments: str, ignored: int) -> None:
    server = make_sshd(LogLevel="DEBUG3")
    person.may_enter(server)
    person.knows(server)
    connection = await person.pool().connect(endpoint(server, common_args=arguments))
    before = server.log.count("type 2 [") + server.log.count("Received SSH2_MSG_IGNORE")
    await connection.run("cat; :", stdin=b"x" * 100)
    after = server.log.count("type 2 [") + server.log.count("Received SSH2_MSG_IGNORE")
    assert (after > before) == bool(ignored)

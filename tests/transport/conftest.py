"""Fixtures of the transport's tests: a server, a person's home with a key, and pools."""

import asyncio
import getpass
import os
import pwd
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from orchestra.model.ports import Connection
from orchestra.transport.endpoint import Endpoint, TransportSettings
from orchestra.transport.pool import TransportPool
from tests.transport.sshd import SSHD, Sshd, keygen


@dataclass
class Sink:
    """Keeps what a program prints, and can be awaited for its end."""

    out: bytes = b""
    err: bytes = b""
    ended: Any = None
    changed: Any = None

    def __post_init__(self) -> None:
        self.ended = asyncio.get_running_loop().create_future()
        self.changed = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        self.out += data
        self.changed.set()

    def error_received(self, data: bytes) -> None:
        self.err += data
        self.changed.set()

    def process_exited(self, status: int | None, reason: str) -> None:
        self.ended.set_result((status, reason))
        self.changed.set()

    async def until(self, wanted: bytes) -> None:
        """Wait until ``wanted`` was printed."""
        async with asyncio.timeout(30):
            while wanted not in self.out:
                assert not self.ended.done(), (self.out, self.err, self.ended.result())
                self.changed.clear()
                await self.changed.wait()


@dataclass
class Person:
    """Somebody with a home, a key, a terminal, and servers that know the key."""

    home: Path
    notices: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    answers: list[str | None] = field(default_factory=list)
    pools: list[TransportPool] = field(default_factory=list)

    @property
    def ssh(self) -> Path:
        return self.home / ".ssh"

    @property
    def key(self) -> Path:
        return self.ssh / "id_ed25519"

    @property
    def known_hosts(self) -> Path:
        return self.ssh / "known_hosts"

    def answer(self, question: str, secret: bool) -> str | None:
        self.questions.append(question)
        return self.answers.pop(0)

    def pool(self, *, ask: bool = False, **settings: Any) -> TransportPool:
        settings = {"home": self.home, "system_config": self.home / "none", "system_known_hosts": (), **settings}
        made = TransportPool(
            TransportSettings(**settings), ask=self.answer if ask else None, on_notice=self.notices.append
        )
        self.pools.append(made)
        return made

    def knows(self, server: Sshd, name: str = "127.0.0.1") -> None:
        """Write the server's key into known_hosts."""
        kind, data = Path(f"{server.host_key}.pub").read_text().split()[:2]
        with self.known_hosts.open("a") as file:
            file.write(f"[{name}]:{server.port} {kind} {data}\n")

    def may_enter(self, server: Sshd, *keys: Path) -> None:
        with (server.root / "authorized_keys").open("a") as file:
            for key in keys or (self.key,):
                file.write(Path(f"{key}.pub").read_text())


@pytest.fixture
async def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Person]:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True, mode=0o700)
    keygen(home / ".ssh" / "id_ed25519")
    made = Person(home)
    yield made
    for pool in made.pools:
        await pool.close()


@pytest.fixture
def make_sshd(tmp_path: Path) -> Iterator[Callable[..., Sshd]]:
    """Start servers; keyword arguments are options of their configuration."""
    if SSHD is None:
        pytest.skip("OpenSSH's server is not installed")
    made: list[Sshd] = []

    def make(*, start: bool = True, **options: str) -> Sshd:
        root = tmp_path / f"sshd{len(made)}"
        root.mkdir()
        server = Sshd(root, options)
        (root / "authorized_keys").touch()
        made.append(server)
        if start:
            server.start()
        for folder in (tmp_path, *tmp_path.parents[:3]):  # other users' sessions read authorized_keys through them
            if folder.stat().st_uid == os.geteuid() and folder != Path("/"):
                folder.chmod(folder.stat().st_mode | 0o011)
        return server

    yield make
    for server in made:
        server.stop()


@pytest.fixture
def full_queue() -> Iterator[int]:
    """A port whose packets are dropped: its queue of connections is full."""
    with socket.socket() as server, ExitStack() as clients:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(2):
            client = clients.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(server.getsockname())
        yield server.getsockname()[1]


@pytest.fixture
def sshd(make_sshd: Callable[..., Sshd], person: Person) -> Sshd:
    """A server that the person may enter and whose key is known."""
    server = make_sshd()
    person.may_enter(server)
    person.knows(server)
    return server


def endpoint(server: Sshd, **changes: Any) -> Endpoint:
    """The way to a server as the user who runs the tests."""
    return Endpoint(
        **{"name": "web01", "address": "127.0.0.1", "port": server.port, "user": getpass.getuser(), **changes}
    )


@pytest.fixture
async def connection(sshd: Sshd, person: Person) -> Connection:
    return await person.pool().connect(endpoint(sshd))


def login_shell() -> str:
    return pwd.getpwuid(os.getuid()).pw_shell

"""The stand-in SSH server as a fixture: passwords, banner, environment."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncssh
import pytest

from orchestra.testing.sshserver import ServerSettings, main, serving

BANNER = "Authorised use only\n"


class Guest(asyncssh.SSHClient):
    """A client that logs in by password and remembers the banner."""

    banner = ""

    def auth_banner_received(self, msg: str, lang: str) -> None:
        self.banner += msg


@pytest.fixture
async def port(tmp_path: Path) -> AsyncIterator[int]:
    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_private_key(tmp_path / "host_key")
    (tmp_path / "authorized_keys").write_text("")
    (tmp_path / "home").mkdir()
    settings = ServerSettings(
        tmp_path / "host_key",
        tmp_path / "authorized_keys",
        tmp_path / "home",
        passwords={"guest": "secret"},
        banner=BANNER,
        environment={"COLOUR": "blue"},
    )
    async with serving(settings) as acceptor:
        yield acceptor.get_port()


async def test_password_banner_and_environment(port: int) -> None:
    connection, guest = await asyncssh.create_connection(
        Guest, "127.0.0.1", port, username="guest", password="secret", known_hosts=None, client_keys=None
    )
    async with connection:
        done = await connection.run('echo "$COLOUR ${HOME##*/} ${SSH_CONNECTION##* }"')
    assert done.stdout == f"blue home {port}\n"
    assert guest.banner == BANNER


async def test_wrong_password_is_refused(port: int) -> None:
    with pytest.raises(asyncssh.PermissionDenied):
        await asyncssh.connect(
            "127.0.0.1", port, username="guest", password="wrong", known_hosts=None, client_keys=None
        )


async def test_a_child_that_keeps_reading_ends_with_its_input(port: int) -> None:
    async with asyncssh.connect(
        "127.0.0.1", port, username="guest", password="secret", known_hosts=None, client_keys=None
    ) as connection:
        done = await connection.run("cat", input="x" * 300_000)
        assert len(str(done.stdout)) == 300_000
        killed = await connection.run("kill -TERM $$")
        assert killed.exit_signal is not None
        assert killed.exit_signal[0] == "TERM"


def test_a_taken_port_is_said(tmp_path: Path, unused_tcp_port: int, capsys: pytest.CaptureFixture[str]) -> None:
    import socket

    asyncssh.generate_private_key("ssh-ed25519").write_private_key(tmp_path / "host_key")
    (tmp_path / "authorized_keys").write_text("")
    with socket.create_server(("127.0.0.1", unused_tcp_port)):
        assert main(["--root", str(tmp_path), "--port", str(unused_tcp_port)]) == 1
    assert "in use" in capsys.readouterr().err

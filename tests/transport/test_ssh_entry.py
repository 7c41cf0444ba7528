"""Ways into a real sshd: keys, agents, certificates, passwords; and what is said when there is no way in."""

import asyncio
import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from orchestra.errors import OptionError, Unreachable
from tests.transport.conftest import Person, endpoint
from tests.transport.sshd import Sshd, account, free_port, keygen, needs_root, sign

Server = Callable[..., Sshd]


async def hears(person: Person, server: Sshd, *, ask: bool = False, **changes: Any) -> bytes:
    """Connect and run one command."""
    connection = await person.pool(ask=ask).connect(endpoint(server, **changes))
    return (await connection.run("echo hello; :")).stdout


async def refusal(person: Person, server: Sshd, *, ask: bool = False, **changes: Any) -> Unreachable:
    with pytest.raises(Unreachable) as caught:
        await person.pool(ask=ask).connect(endpoint(server, **changes))
    return caught.value


async def test_a_key_in_its_usual_place(sshd: Sshd, person: Person) -> None:
    assert await hears(person, sshd) == b"hello\n"


async def test_a_key_that_the_inventory_names(sshd: Sshd, person: Person, tmp_path: Path) -> None:
    key = keygen(tmp_path / "other", kind="rsa")
    person.key.unlink()
    person.may_enter(sshd, key)
    assert await hears(person, sshd, private_key_file=str(key)) == b"hello\n"
    assert await hears(person, sshd, common_args=f"-i {key}") == b"hello\n"


async def test_a_pass_phrase_is_asked_for_once_for_all_hosts(sshd: Sshd, person: Person) -> None:
    person.key.unlink()
    locked = keygen(person.key, passphrase="open sesame")
    person.may_enter(sshd, locked)
    person.answers = ["wrong", "open sesame"]
    pool = person.pool(ask=True)
    connections = await asyncio.gather(*(pool.connect(endpoint(sshd, name=f"web{n}")) for n in range(4)))
    assert len(connections) == 4
    assert [question.startswith("Wrong") for question in person.questions] == [False, True]
    assert str(person.key) in person.questions[0]


async def test_a_pass_phrase_from_a_variable(sshd: Sshd, person: Person) -> None:
    person.key.unlink()
    person.may_enter(sshd, keygen(person.key, passphrase="open sesame"))
    assert await hears(person, sshd, passphrase="open sesame") == b"hello\n"
    failure = await refusal(person, sshd, passphrase="wrong")
    assert f"could not use {person.key} (the pass phrase is wrong)" in failure.message
    named = await refusal(person, sshd, passphrase="wrong", private_key_file=str(person.key))
    assert f"could not use {person.key} (the pass phrase is wrong)" in named.message


async def test_a_locked_key_without_anybody_to_ask(sshd: Sshd, person: Person) -> None:
    person.key.unlink()
    person.may_enter(sshd, keygen(person.key, passphrase="open sesame"))
    failure = await refusal(person, sshd, private_key_file=str(person.key))
    assert "locked by a pass phrase, and nobody to ask" in failure.message


@contextmanager
def agent(*keys: Path) -> Iterator[str]:
    folder = keys[0].parent
    path = f"{folder}/agent.sock"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", path], stdout=subprocess.DEVNULL)
    try:
        environment = {**os.environ, "SSH_AUTH_SOCK": path}
        for key in keys:
            for _ in range(100):
                done = subprocess.run(["ssh-add", "-q", str(key)], env=environment, capture_output=True)
                if done.returncode == 0:
                    break
        yield path
    finally:
        process.terminate()
        process.wait()


async def test_a_key_in_an_agent(sshd: Sshd, person: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with agent(person.key) as path:
        person.key.rename(tmp_path / "gone")
        monkeypatch.setenv("SSH_AUTH_SOCK", path)
        assert await hears(person, sshd) == b"hello\n"
        assert await hears(person, sshd, common_args=f"-o IdentityAgent={path}") == b"hello\n"
        failure = await refusal(person, sshd, common_args="-o IdentityAgent=none")
        assert "there was no key and no password to try" in failure.message


async def test_a_public_key_chooses_one_of_the_agents(
    sshd: Sshd, person: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    others = [keygen(tmp_path / f"other{number}") for number in range(8)]
    with agent(*others, person.key) as path:
        person.key.unlink()
        monkeypatch.setenv("SSH_AUTH_SOCK", path)
        failure = await refusal(person, sshd)
        assert "too many authentication failures" in failure.message
        assert "IdentitiesOnly" in failure.hint
        public = f"{person.key}.pub"
        assert await hears(person, sshd, private_key_file=public, common_args="-o IdentitiesOnly=yes") == b"hello\n"


async def test_a_named_key_comes_before_a_full_agent(
    sshd: Sshd, person: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with agent(*(keygen(tmp_path / f"other{number}") for number in range(8))) as path:
        monkeypatch.setenv("SSH_AUTH_SOCK", path)
        assert await hears(person, sshd, private_key_file=str(person.key)) == b"hello\n"


async def test_an_agent_is_forwarded(
    sshd: Sshd, person: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with agent(person.key) as path:
        monkeypatch.setenv("SSH_AUTH_SOCK", path)
        connection = await person.pool().connect(endpoint(sshd, common_args="-A"))
        listed = await connection.run("ssh-add -l; :")
        assert b"id_ed25519" in listed.stdout


@pytest.mark.parametrize("beside", [True, False])
async def test_a_certificate(make_sshd: Server, person: Person, tmp_path: Path, beside: bool) -> None:
    authority = keygen(tmp_path / "authority")
    server = make_sshd(TrustedUserCAKeys=f"{authority}.pub")
    person.knows(server)
    certificate = sign(authority, person.key, "-n", endpoint(server).user)
    arguments = ""
    if not beside:
        certificate = certificate.rename(tmp_path / "my-cert.pub")
        arguments = f"-o CertificateFile={certificate}"
    assert await hears(person, server, common_args=arguments) == b"hello\n"


@needs_root
@pytest.mark.parametrize(
    "options",
    [
        {"PasswordAuthentication": "yes"},
        {"KbdInteractiveAuthentication": "yes", "UsePAM": "yes"},
        {"PasswordAuthentication": "yes", "AuthenticationMethods": "publickey,password"},
    ],
    ids=["password", "keyboard-interactive", "key and password"],
)
async def test_a_password(make_sshd: Server, person: Person, options: dict[str, str]) -> None:
    with account() as user, ExitStack():
        server = make_sshd(**options)
        person.knows(server)
        if "AuthenticationMethods" in options:
            person.may_enter(server)
        assert await hears(person, server, user=user.name, password=user.password) == b"hello\n"
        failure = await refusal(person, server, user=user.name, password="wrong")
        assert f"authentication failed for user {user.name}" in failure.message
        assert "the password" in failure.message
        assert "is the password (ansible_password, -k) right" in failure.hint
        assert "wrong" not in failure.message
        server.stop()  # before its user goes


async def test_no_way_in_names_keys_and_methods(make_sshd: Server, person: Person, tmp_path: Path) -> None:
    server = make_sshd()
    person.knows(server)
    failure = await refusal(person, server)
    shown = subprocess.run(["ssh-keygen", "-lf", str(person.key)], capture_output=True, text=True).stdout.split()[1]
    assert f"tried {person.key} (ED25519 {shown})" in failure.message
    assert "the server takes publickey" in failure.message
    assert "authorized_keys" in failure.hint
    missing = await refusal(person, server, private_key_file=f"{tmp_path}/missing")
    assert f"could not use {tmp_path}/missing (no such file)" in missing.message
    (tmp_path / "text").write_text("not a key\n")
    text = await refusal(person, server, private_key_file=f"{tmp_path}/text")
    assert f"{tmp_path}/text (not a private key" in text.message


async def test_a_one_time_code_is_asked_for(person: Person, tmp_path: Path) -> None:
    class Codes(asyncssh.SSHServer):
        def begin_auth(self, username: str) -> bool:
            return True

        def kbdint_auth_supported(self) -> bool:
            return True

        def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> Any:
            return "", "", "", [("Password: ", False), ("Verification code: ", False)]

        def validate_kbdint_response(self, username: str, responses: Any) -> bool:
            return list(responses) == ["secret", "123456"]

    host_key = asyncssh.generate_private_key("ssh-ed25519")
    person.answers = ["yes", "123456"]
    async with asyncssh.listen("127.0.0.1", 0, server_factory=Codes, server_host_keys=[host_key]) as server:
        server_port = server.get_port()
        way = endpoint(Sshd(tmp_path, port=server_port), user="u", password="secret")
        pool = person.pool(ask=True)
        await pool.connect(way)
        await pool.close()
    assert "Verification code" in person.questions[-1]


async def test_a_dead_port(person: Person, tmp_path: Path) -> None:
    failure = await refusal(person, Sshd(tmp_path, port=free_port()))
    assert "refused the connection" in failure.message
    assert "127.0.0.1 port" in failure.message
    assert "is sshd running there" in failure.hint


async def test_a_name_that_nobody_knows(person: Person, tmp_path: Path) -> None:
    failure = await refusal(person, Sshd(tmp_path, port=22), address="no-such-host.invalid")
    assert "'no-such-host.invalid'" in failure.message
    assert "ansible_host" in failure.hint


async def test_a_host_that_drops_packets(person: Person, tmp_path: Path, full_queue: int) -> None:
    failure = await refusal(person, Sshd(tmp_path, port=full_queue), timeout=0.4)
    assert "timed out after 0.4 s while opening the TCP connection" in failure.message
    assert "firewall" in failure.hint


async def test_a_listener_that_never_speaks(person: Person, tmp_path: Path) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(5)
        failure = await refusal(person, Sshd(tmp_path, port=server.getsockname()[1]), timeout=0.3)
    assert "timed out after 0.3 s while exchanging keys" in failure.message


async def test_a_server_that_never_decides(person: Person, tmp_path: Path) -> None:
    class Undecided(asyncssh.SSHServer):
        async def begin_auth(self, username: str) -> bool:
            return True

        def password_auth_supported(self) -> bool:
            return True

        async def validate_password(self, username: str, password: str) -> bool:
            await asyncio.Event().wait()
            return False

    host_key = asyncssh.generate_private_key("ssh-ed25519")
    async with asyncssh.listen("127.0.0.1", 0, server_factory=Undecided, server_host_keys=[host_key]) as server:
        way = Sshd(tmp_path, port=server.get_port())
        failure = await refusal(person, way, timeout=0.5, user="u", password="p", host_key_checking=False)
    assert "timed out after 0.5 s while authenticating" in failure.message


async def test_something_that_is_not_ssh(person: Person, tmp_path: Path) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n" * 2000)
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        failure = await refusal(person, Sshd(tmp_path, port=server.sockets[0].getsockname()[1]))
    assert "does not speak SSH" in failure.message


async def test_a_link_that_breaks_in_its_handshake_is_tried_again(sshd: Sshd, person: Person, tmp_path: Path) -> None:
    """As with a busy sshd's MaxStartups: the first connections are dropped, a later one is served."""
    dropped = 0

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal dropped
        if dropped < 2:
            dropped += 1
            writer.transport.abort()
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", sshd.port)
        await asyncio.gather(copy(reader, far_writer), copy(far_reader, writer))

    async def copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            sink.write(data)
        sink.close()
        await sink.wait_closed()

    async with await asyncio.start_server(relay, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        pool = person.pool(backoff=0.01)
        connection = await pool.connect(endpoint(sshd, port=port, host_key_checking=False))
        assert (await connection.run("true")).status == 0
        await pool.close()
    assert dropped == 2


async def test_refusals_of_the_network_are_tried_again_as_often_as_wished(person: Person, tmp_path: Path) -> None:
    connects = 0

    async def count(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connects
        connects += 1
        await reader.read()
        writer.close()

    async with await asyncio.start_server(count, "127.0.0.1", 0) as server:
        way = endpoint(Sshd(tmp_path, port=server.sockets[0].getsockname()[1]), timeout=0.1)
        with pytest.raises(Unreachable, match="timed out"):
            await person.pool(retries=2, backoff=0.01).connect(way)
    assert connects == 3


async def test_authentication_is_never_tried_again(make_sshd: Server, person: Person) -> None:
    server = make_sshd()
    person.knows(server)
    with pytest.raises(Unreachable, match="authentication failed"):
        await person.pool(retries=5, backoff=0.01).connect(endpoint(server))
    assert server.log.count("Connection closed by authenticating user") + server.log.count("Connection from") <= 4


async def test_a_bad_argument_is_an_option_error(sshd: Sshd, person: Person) -> None:
    with pytest.raises(OptionError, match="StrictHostKeyCheking"):
        await person.pool().connect(endpoint(sshd, common_args="-o StrictHostKeyCheking=no"))


async def test_ciphers_of_the_users_choice(sshd: Sshd, person: Person) -> None:
    assert await hears(person, sshd, common_args="-c aes256-ctr") == b"hello\n"
    assert await hears(person, sshd, common_args="-o Ciphers=chacha20-poly1305@openssh.com -C") == b"hello\n"
    failure = await refusal(person, sshd, common_args="-o KexAlgorithms=diffie-hellman-group1-sha1")
    assert "no common algorithm" in failure.message


async def test_no_more_handshakes_at_once_than_allowed(make_sshd: Server, person: Person) -> None:
    server = make_sshd(MaxStartups="8:100:8")  # a ninth would be dropped, always
    person.may_enter(server)
    person.knows(server)
    pool = person.pool(handshakes_per_address=3)
    opened = await asyncio.gather(*(pool.connect(endpoint(server, name=f"h{n}")) for n in range(20)))
    assert len(opened) == 20
    assert "drop connection" not in server.log

"""Whom we believe to be talking to: unknown, known, changed, certified and revoked host keys of a real sshd."""

import asyncio
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orchestra.errors import Unreachable
from orchestra.transport.endpoint import Endpoint
from orchestra.transport.pool import TransportPool
from tests.transport.conftest import Person, endpoint
from tests.transport.sshd import Sshd, keygen, sign

Server = Callable[..., Sshd]
ACCEPT_NEW = "-o StrictHostKeyChecking=accept-new"


@pytest.fixture
def stranger(make_sshd: Server, person: Person) -> Sshd:
    """A server that lets the person in and whose key nobody has seen."""
    server = make_sshd()
    person.may_enter(server)
    return server


def shown(server: Sshd) -> str:
    """The fingerprint as the server's owner sees it."""
    done = subprocess.run(["ssh-keygen", "-lf", f"{server.host_key}.pub"], capture_output=True, text=True, check=True)
    return done.stdout.split()[1]


async def works(pool: TransportPool, way: Endpoint) -> bool:
    """Whether a connection is opened and carries a command."""
    return (await (await pool.connect(way)).run("echo in")).stdout == b"in\n"


async def refusal(person: Person, server: Sshd, *, ask: bool = False, **changes: Any) -> Unreachable:
    with pytest.raises(Unreachable) as caught:
        await person.pool(ask=ask).connect(endpoint(server, **changes))
    return caught.value


async def test_an_unknown_key_is_refused_with_fingerprint_and_remedy(stranger: Sshd, person: Person) -> None:
    failure = await refusal(person, stranger)
    assert f"its host key is not known: ED25519 {shown(stranger)}" in failure.message
    assert f"ssh-keyscan -p {stranger.port} 127.0.0.1 >> {person.known_hosts}" in failure.hint
    assert "accept-new" in failure.hint
    assert "host_key_checking = False" in failure.hint
    assert not person.known_hosts.exists()


async def test_the_remedy_works(stranger: Sshd, person: Person) -> None:
    failure = await refusal(person, stranger)
    command = failure.hint.partition("then: ")[2].partition(";")[0]
    subprocess.run(["sh", "-c", command], check=True, capture_output=True)
    assert await works(person.pool(), endpoint(stranger))


async def test_an_unknown_key_is_asked_about_once_for_all_connections(stranger: Sshd, person: Person) -> None:
    person.answers = ["yes"]
    pool = person.pool(ask=True)
    await asyncio.gather(*(pool.connect(endpoint(stranger)) for _ in range(3)))
    assert len(person.questions) == 1
    assert shown(stranger) in person.questions[0]
    assert person.known_hosts.read_text().startswith(f"[127.0.0.1]:{stranger.port} ssh-ed25519 ")
    await person.pool().connect(endpoint(stranger))  # another run knows it


async def test_a_no_is_a_refusal(stranger: Sshd, person: Person) -> None:
    person.answers = ["no"]
    assert "not known" in (await refusal(person, stranger, ask=True)).message
    assert not person.known_hosts.exists()


@pytest.mark.parametrize("arguments", ["-o StrictHostKeyChecking=yes", "-o BatchMode=yes"])
async def test_who_wants_no_questions_gets_none(stranger: Sshd, person: Person, arguments: str) -> None:
    assert "not known" in (await refusal(person, stranger, ask=True, common_args=arguments)).message
    assert person.questions == []


@pytest.mark.parametrize("hashed", [False, True])
async def test_accept_new_writes_the_key_down(stranger: Sshd, person: Person, hashed: bool) -> None:
    (person.ssh / "config").write_text(f"HashKnownHosts {'yes' if hashed else 'no'}\n")
    await person.pool().connect(endpoint(stranger, common_args=ACCEPT_NEW))
    assert ("|1|" in person.known_hosts.read_text()) is hashed
    found = subprocess.run(
        ["ssh-keygen", "-F", f"[127.0.0.1]:{stranger.port}", "-f", str(person.known_hosts)], capture_output=True
    )
    assert found.returncode == 0
    await person.pool().connect(endpoint(stranger, common_args="-o StrictHostKeyChecking=yes"))


async def test_accept_new_into_dev_null(stranger: Sshd, person: Person) -> None:
    arguments = f"{ACCEPT_NEW} -o UserKnownHostsFile=/dev/null"
    pool = person.pool()
    for _ in range(2):
        await pool.connect(endpoint(stranger, common_args=arguments))
    assert not person.known_hosts.exists()


@pytest.mark.parametrize("arguments", ["", ACCEPT_NEW])
async def test_a_changed_key_is_refused_with_the_place_of_the_old_one(
    stranger: Sshd, person: Person, tmp_path: Path, arguments: str
) -> None:
    other = keygen(tmp_path / "other")
    public = " ".join(Path(f"{other}.pub").read_text().split()[:2])
    person.known_hosts.write_text(f"# first line\n[127.0.0.1]:{stranger.port} {public}\n")
    person.answers = []
    failure = await refusal(person, stranger, ask=True, common_args=arguments)
    assert "host key has CHANGED" in failure.message
    assert f"it offers ED25519 {shown(stranger)}" in failure.message
    assert f"{person.known_hosts}:2" in failure.message
    assert f"ssh-keygen -R '[127.0.0.1]:{stranger.port}' -f {person.known_hosts}" in failure.hint


async def test_a_key_of_another_type_than_the_known_one(stranger: Sshd, person: Person, tmp_path: Path) -> None:
    other = keygen(tmp_path / "other", kind="ecdsa")
    public = " ".join(Path(f"{other}.pub").read_text().split()[:2])
    person.known_hosts.write_text(f"[127.0.0.1]:{stranger.port} {public}\n")
    failure = await refusal(person, stranger)
    assert f"host key has CHANGED: it offers ED25519 {shown(stranger)}" in failure.message
    assert f"{person.known_hosts}:1" in failure.message


async def test_without_checking_anybody_is_believed_and_that_is_said_once(stranger: Sshd, person: Person) -> None:
    pool = person.pool()
    for name in ("web01", "web02"):
        await pool.connect(endpoint(stranger, name=name, host_key_checking=False))
    assert len(person.notices) == 1
    assert "host keys are not checked" in person.notices[0]
    assert not person.known_hosts.exists()


async def test_a_host_certificate(make_sshd: Server, person: Person, tmp_path: Path) -> None:
    authority = keygen(tmp_path / "authority")
    server = make_sshd(start=False)
    keygen(server.host_key)
    server.options["HostCertificate"] = str(sign(authority, server.host_key, "-h", "-n", "127.0.0.1"))
    server.start()
    person.may_enter(server)
    assert "its host key is not known" in (await refusal(person, server)).message
    other = " ".join(Path(f"{person.key}.pub").read_text().split()[:2])
    person.known_hosts.write_text(f"@cert-authority * {other}\n")
    failure = await refusal(person, server)
    assert "signed by an authority that known_hosts does not have" in failure.message
    public = " ".join(Path(f"{authority}.pub").read_text().split()[:2])
    person.known_hosts.write_text(f"@cert-authority *,[127.0.0.1]:* {public}\n")
    await person.pool().connect(endpoint(server))


async def test_a_certificate_for_another_name(make_sshd: Server, person: Person, tmp_path: Path) -> None:
    authority = keygen(tmp_path / "authority")
    server = make_sshd(start=False)
    keygen(server.host_key)
    server.options["HostCertificate"] = str(sign(authority, server.host_key, "-h", "-n", "elsewhere"))
    server.start()
    person.may_enter(server)
    public = " ".join(Path(f"{authority}.pub").read_text().split()[:2])
    person.known_hosts.write_text(f"@cert-authority * {public}\n")
    assert "host key is refused" in (await refusal(person, server)).message


async def test_a_revoked_key(stranger: Sshd, person: Person) -> None:
    person.knows(stranger)
    line = person.known_hosts.read_text()
    person.known_hosts.write_text(f"{line}@revoked {line}")
    assert "revoked" in (await refusal(person, stranger)).message


async def test_an_alias_names_the_key(stranger: Sshd, person: Person) -> None:
    kind, data = Path(f"{stranger.host_key}.pub").read_text().split()[:2]
    person.known_hosts.write_text(f"[database]:{stranger.port} {kind} {data}\n")
    assert await works(person.pool(), endpoint(stranger, common_args="-o HostKeyAlias=database"))


async def test_known_hosts_are_read_once_in_a_run(sshd: Sshd, person: Person) -> None:
    pool = person.pool()
    assert await works(pool, endpoint(sshd))
    person.known_hosts.unlink()
    assert await works(pool, endpoint(sshd, name="web02"))


async def test_another_file_of_known_hosts(sshd: Sshd, person: Person, tmp_path: Path) -> None:
    person.known_hosts.rename(tmp_path / "mine")
    assert await works(person.pool(), endpoint(sshd, common_args=f"-o UserKnownHostsFile={tmp_path}/mine"))

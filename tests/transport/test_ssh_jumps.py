"""Hosts behind other hosts: ProxyJump through real servers, and programs in between."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from orchestra.errors import OptionError, Unreachable
from orchestra.transport.endpoint import Endpoint
from orchestra.transport.sshdial import jump_endpoint
from tests.transport.conftest import Person, endpoint
from tests.transport.sshd import Sshd, free_port

Server = Callable[..., Sshd]


@dataclass
class Chain:
    """A target and two servers in front of it."""

    target: Sshd
    bastion: Sshd
    outer: Sshd


@pytest.fixture
def chain(make_sshd: Server, person: Person) -> Chain:
    servers = [make_sshd() for _ in range(3)]
    for server in servers:
        person.may_enter(server)
        person.knows(server)
    return Chain(*servers)


def entries(server: Sshd) -> int:
    return server.log.count("Accepted publickey")


async def test_through_a_bastion(chain: Chain, person: Person) -> None:
    connection = await person.pool().connect(endpoint(chain.target, common_args=f"-J 127.0.0.1:{chain.bastion.port}"))
    assert (await connection.run("echo hello; :")).stdout == b"hello\n"
    assert (entries(chain.bastion), entries(chain.target)) == (1, 1)


async def test_hosts_behind_a_bastion_share_its_connection(chain: Chain, person: Person) -> None:
    pool = person.pool()
    arguments = f"-o ProxyJump=127.0.0.1:{chain.bastion.port}"
    ways = [endpoint(chain.target, name=f"h{number}", common_args=arguments) for number in range(5)]
    connections = await asyncio.gather(*(pool.connect(way) for way in ways))
    await asyncio.gather(*(connection.run("true") for connection in connections))
    assert (entries(chain.bastion), entries(chain.target)) == (1, 5)


async def test_through_two(chain: Chain, person: Person) -> None:
    jumps = f"127.0.0.1:{chain.outer.port},127.0.0.1:{chain.bastion.port}"
    connection = await person.pool().connect(endpoint(chain.target, common_args=f"-J {jumps}"))
    assert (await connection.run("true")).status == 0
    assert [entries(server) for server in (chain.outer, chain.bastion, chain.target)] == [1, 1, 1]


async def test_jumps_of_ssh_config_with_names_of_its_own(chain: Chain, person: Person) -> None:
    (person.ssh / "config").write_text(
        f"""
        Host jump
            HostName 127.0.0.1
            Port {chain.bastion.port}
        Host inner
            HostName 127.0.0.1
            Port {chain.target.port}
        Host *
            ProxyJump jump
        """
    )
    connection = await person.pool().connect(Endpoint("inner"))
    assert (await connection.run("true")).status == 0
    assert entries(chain.bastion) == 1


async def test_a_file_named_by_F_counts_for_the_bastion_too(chain: Chain, person: Person, tmp_path: Path) -> None:
    file = tmp_path / "my config"
    file.write_text(
        f"""
        Host jump
            HostName 127.0.0.1
            Port {chain.bastion.port}
        Host inner
            HostName 127.0.0.1
            Port {chain.target.port}
            ProxyJump jump
        Host *
            IdentityFile {person.key}
            UserKnownHostsFile {person.known_hosts}
        """
    )
    connection = await person.pool().connect(Endpoint("inner", common_args=f"-F '{file}'"))
    assert (await connection.run("true")).status == 0
    assert entries(chain.bastion) == 1


async def test_a_bastion_that_is_not_there(chain: Chain, person: Person) -> None:
    with pytest.raises(Unreachable, match=r"its jump host: 127.0.0.1 .* refused the connection"):
        await person.pool().connect(endpoint(chain.target, common_args=f"-J 127.0.0.1:{free_port()}"))


async def test_a_bastion_whose_key_is_unknown(chain: Chain, person: Person) -> None:
    lines = person.known_hosts.read_text().splitlines(keepends=True)
    person.known_hosts.write_text(lines[0])
    with pytest.raises(Unreachable, match=r"its jump host: .*host key is not known"):
        await person.pool().connect(endpoint(chain.target, common_args=f"-J 127.0.0.1:{chain.bastion.port}"))


async def test_a_target_that_the_bastion_cannot_reach(chain: Chain, person: Person) -> None:
    way = endpoint(chain.target, port=free_port(), common_args=f"-J 127.0.0.1:{chain.bastion.port}")
    with pytest.raises(Unreachable, match=r"the jump host cannot open the way to it: .*refused"):
        await person.pool().connect(way)


async def test_a_target_that_is_silent_behind_the_bastion(chain: Chain, person: Person, full_queue: int) -> None:
    way = endpoint(chain.target, port=full_queue, common_args=f"-J 127.0.0.1:{chain.bastion.port}", timeout=1)
    with pytest.raises(Unreachable, match=r"timed out after 1 s while the jump host connects to it"):
        await person.pool().connect(way)


async def test_a_dead_bastion_is_replaced(chain: Chain, person: Person) -> None:
    pool = person.pool()
    way = endpoint(chain.target, common_args=f"-J 127.0.0.1:{chain.bastion.port}")
    connection = await pool.connect(way)
    chain.bastion.kill_sessions()
    with pytest.raises(Exception, match=r"link died|no session|closed"):
        await connection.run("true; sleep 5")
    assert (await (await pool.connect(way)).run("true")).status == 0
    assert entries(chain.bastion) == 2


async def test_a_proxy_command(chain: Chain, person: Person) -> None:
    relay = (
        "import socket,sys,os,threading as t; s=socket.create_connection(sys.argv[1:3]); t.Thread(target=lambda:"
        "[os.write(1,d) for d in iter(lambda: s.recv(65536), b'')]).start(); "
        "[s.sendall(d) for d in iter(lambda: os.read(0,65536), b'')]; s.shutdown(1)"
    )
    (person.home / "relay.py").write_text(relay)
    command = f"sh -c 'echo chatter >&2; exec python3 {person.home}/relay.py %h %p'"
    connection = await person.pool().connect(endpoint(chain.target, common_args=f'-o ProxyCommand="{command}"'))
    assert (await connection.run("cat", stdin=b"x" * 200_000)).stdout == b"x" * 200_000
    await connection.close()


async def test_a_proxy_command_that_fails_says_why(chain: Chain, person: Person) -> None:
    command = "sh -c 'echo no such relay >&2; exit 3'"
    with pytest.raises(Unreachable, match=r"the ProxyCommand ended: no such relay"):
        await person.pool().connect(endpoint(chain.target, common_args=f'-o ProxyCommand="{command}"'))


async def test_a_proxy_command_that_hangs(chain: Chain, person: Person) -> None:
    way = endpoint(chain.target, common_args='-o ProxyCommand="sleep 77"', timeout=0.3)
    with pytest.raises(Unreachable, match=r"timed out after 0.3 s while exchanging keys"):
        await person.pool().connect(way)


@pytest.mark.parametrize(
    ("hop", "host", "port", "user"),
    [
        ("bastion", "bastion", None, ""),
        ("bob@bastion:2222", "bastion", 2222, "bob"),
        ("[fe80::1]:22", "fe80::1", 22, ""),
        ("fe80::1", "fe80::1", None, ""),
        ("ssh://bob@bastion:22/", "bastion", 22, "bob"),
        ("a@b@bastion", "bastion", None, "a@b"),
    ],
)
def test_hops_are_read_as_ssh_reads_them(hop: str, host: str, port: int | None, user: str) -> None:
    read = jump_endpoint(hop, Endpoint("x"))
    assert (read.name, read.port, read.user) == (host, port, user)


def test_a_bad_hop() -> None:
    with pytest.raises(OptionError, match=r"the port 'ssh' is not a number"):
        jump_endpoint("bastion:ssh", Endpoint("x"))

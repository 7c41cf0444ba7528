"""Programs on a real sshd: streams, statuses, noise around them, and links that die under them."""

import asyncio
import os
from collections.abc import Callable
from typing import Any

import pytest

from orchestra.errors import HostError, Lost, TimedOut, Unreachable
from orchestra.model.invocation import Become, Completed
from orchestra.model.ports import Connection
from tests.loginshells import argv_of
from tests.transport.conftest import Person, Sink, endpoint
from tests.transport.sshd import Sshd, account, needs_root, needs_sudo, needs_terminals

Server = Callable[..., Sshd]
BINARY = bytes(range(256)) * 8


@pytest.mark.parametrize(
    ("command", "completed"),
    [
        ("echo out; echo err >&2; exit 3", Completed(3, b"out\n", b"err\n")),
        ("true", Completed(0)),
        ("false", Completed(1)),
        ("kill -TERM $$; :", Completed(-15)),
        ("printf '%s' 'a!b\\c'\"'\"'d'; exit 0", Completed(0, b"a!b\\c'd")),
        ("printf 'one\ntwo\n'\nprintf three", Completed(0, b"one\ntwo\nthree")),
        ("printf '\\377\\000\\376'; :", Completed(0, b"\xff\0\xfe")),
        ("/no/such/program 2>/dev/null; exit $?", Completed(127)),
        ("exec sh -c 'exit 9'", Completed(9)),
    ],
)
async def test_a_command_runs_to_its_end(connection: Connection, command: str, completed: Completed) -> None:
    assert await connection.run(command) == completed


async def test_commands_need_not_be_utf8(connection: Connection) -> None:
    name = os.fsdecode(b"caf\xe9")
    assert (await connection.run(f"printf %s '{name}'; :")).stdout == b"caf\xe9"


async def test_input_reaches_the_program(connection: Connection) -> None:
    assert (await connection.run("cat; echo done >&2", stdin=BINARY)) == Completed(0, BINARY, b"done\n")


async def test_eight_megabytes_go_both_ways(connection: Connection) -> None:
    data = os.urandom(1 << 20) * 8
    assert (await connection.run("exec cat", stdin=data)).stdout == data


async def test_a_conversation_with_back_pressure(connection: Connection) -> None:
    """The far side reads nothing for a while: ``drain`` waits, and nothing is lost."""
    sink = Sink()
    process = await connection.start("read line; echo go; exec wc -c", sink)
    process.write(b"x" * (8 << 20))
    draining = asyncio.ensure_future(process.drain())
    await asyncio.wait([draining], timeout=0.1)
    assert not draining.done()
    process.write(b"\n" + b"y" * (8 << 20))
    await draining
    process.close_input()
    assert await sink.ended == (0, "")
    count = int(sink.out.split()[1])
    assert sink.out.startswith(b"go")
    assert 0 < count <= (8 << 20)


async def test_a_daemon_that_is_left_behind_does_not_hold_the_command(connection: Connection) -> None:
    done = await connection.run("sleep 99 & echo started; exit 4", timeout=5)
    assert done == Completed(4, b"started\n")
    await connection.run("pkill -f 'sleep 99'; :")


async def test_late_output_is_not_cut_off(connection: Connection) -> None:
    done = await connection.run("(sleep 0.1; printf late; sleep 0.1; printf r) & printf soon; exit 0")
    assert done.stdout == b"soonlater"


@needs_terminals
async def test_a_time_limit(connection: Connection) -> None:
    with pytest.raises(TimedOut, match=r"the command did not end within 0.2 s"):
        await connection.run("read nothing; exec cat", pty=True, timeout=0.2)


async def test_what_passes_its_time_limit_is_stopped(connection: Connection) -> None:
    with pytest.raises(TimedOut):
        await connection.run("sleep 98.625; :", timeout=1.5)
    gone = "for n in $(seq 50); do pgrep -f 'sleep 98[.]625' >/dev/null || exit 0; sleep 0.05; done; exit 1"
    assert (await connection.run(gone)).status == 0


async def test_what_is_given_up_is_stopped_on_the_host_too(connection: Connection) -> None:
    sink = Sink()
    process = await connection.start("echo ready; sleep 98.125; :", sink)
    await sink.until(b"ready\n")
    process.terminate()
    gone = "for n in $(seq 50); do pgrep -f 'sleep 98[.]125' >/dev/null || exit 0; sleep 0.05; done; exit 1"
    assert (await connection.run(gone)).status == 0


async def test_more_output_than_anybody_can_want(sshd: Sshd, person: Person) -> None:
    connection = await person.pool(output_limit=100_000).connect(endpoint(sshd))
    with pytest.raises(HostError, match=r"printed more than 100000 bytes"):
        await connection.run("yes; :", timeout=10)
    assert (await connection.run("true")).status == 0


async def test_a_link_that_dies_in_the_middle(sshd: Sshd, person: Person) -> None:
    connection = await person.pool().connect(endpoint(sshd))
    sink = Sink()
    await connection.start("echo ready; exec sleep 97", sink)
    await sink.until(b"ready\n")
    running = asyncio.ensure_future(connection.run("echo x; exec sleep 97"))
    sshd.kill_sessions()
    status, reason = await sink.ended
    assert status is None
    assert reason
    with pytest.raises((Lost, Unreachable), match=r"link died|no session"):
        await running
    with pytest.raises(Unreachable, match=r"the connection was closed by the host|no session"):
        await connection.run("true")


async def test_a_program_that_is_given_up_is_so_once(connection: Connection) -> None:
    sink = Sink()
    process = await connection.start("echo ready; exec cat", sink)
    await sink.until(b"ready\n")
    process.terminate()
    process.terminate()
    assert await sink.ended == (None, "it was stopped")
    process.write(b"too late")
    await process.drain()
    process.close_input()


@needs_terminals
async def test_a_terminal_carries_every_byte(connection: Connection) -> None:
    sink = Sink()
    process = await connection.start("tty >/dev/null || exit 9; echo on; exec head -c 2048", sink, pty=True)
    process.write(BINARY)
    assert await sink.ended == (0, "")
    assert sink.out == b"on\n" + BINARY


async def test_many_programs_share_one_connection(sshd: Sshd, person: Person) -> None:
    connection = await person.pool().connect(endpoint(sshd))
    done = await asyncio.gather(*(connection.run(f"echo {number}; :") for number in range(8)))
    assert [item.stdout for item in done] == [b"%d\n" % number for number in range(8)]
    assert sshd.log.count("Accepted publickey") == 1


async def test_max_sessions_is_met_with_another_connection(make_sshd: Server, person: Person) -> None:
    server = make_sshd(MaxSessions="1")
    person.may_enter(server)
    person.knows(server)
    connection = await person.pool().connect(endpoint(server))
    for _ in range(5):  # one after the other fits
        assert (await connection.run("true; :")).status == 0
    assert server.log.count("Accepted publickey") == 1
    sinks = [Sink() for _ in range(3)]
    processes = [await connection.start("echo here; exec cat", sink) for sink in sinks]
    for sink in sinks:
        await sink.until(b"here\n")
    assert server.log.count("Accepted publickey") == 3
    for process in processes:
        process.close_input()
    assert [await sink.ended for sink in sinks] == [(0, "")] * 3
    await connection.run("true; :")
    assert server.log.count("Accepted publickey") == 3


@needs_root
@needs_sudo
async def test_become_where_only_one_session_is_allowed(make_sshd: Server, person: Person) -> None:
    server = make_sshd(MaxSessions="1")
    person.may_enter(server)
    person.knows(server)
    connection = await person.pool().connect(endpoint(server))
    sink, other = Sink(), Sink()
    await connection.start("echo here; exec cat", sink)
    await connection.escalate(Become("nobody"), "id -un; :", other)
    assert await other.ended == (0, "")
    assert other.out == b"nobody\n"


async def test_a_server_that_allows_no_session(make_sshd: Server, person: Person) -> None:
    server = make_sshd(MaxSessions="0")
    person.may_enter(server)
    person.knows(server)
    connection = await person.pool().connect(endpoint(server))
    with pytest.raises(Unreachable, match=r"no session could be opened") as caught:
        await connection.run("true")
    assert "MaxSessions" in caught.value.hint


async def test_a_forced_command_is_what_runs(make_sshd: Server, person: Person) -> None:
    server = make_sshd(ForceCommand="echo only this; exit 6")
    person.may_enter(server)
    person.knows(server)
    connection = await person.pool().connect(endpoint(server))
    assert await connection.run("echo 'that'") == Completed(6, b"only this\n")


async def test_nothing_is_left_after_the_pool_closes(sshd: Sshd, person: Person) -> None:
    pool = person.pool()
    connection = await pool.connect(endpoint(sshd))
    sink = Sink()
    await connection.start("echo here; exec cat", sink)
    await sink.until(b"here\n")
    await pool.close()
    status, _ = await sink.ended
    assert status is None
    with pytest.raises(Unreachable):
        await connection.run("true")


LOGIN_SHELLS = ["/bin/bash", "/usr/bin/tcsh", "/usr/bin/fish"]
LOGIN_SHELLS += [shell for shell in ("/usr/bin/bsd-csh", "/usr/bin/zsh", "/usr/bin/ksh") if argv_of(shell)]
NOISE = "printf 'welcome \\001 to\\n[sudo] password: '; printf 'mind the gap' >&2\n"


@needs_root
@pytest.mark.parametrize("shell", LOGIN_SHELLS)
async def test_any_login_shell_and_its_noise(make_sshd: Server, person: Person, shell: str) -> None:
    if argv_of(shell) is None:
        pytest.skip(f"{shell} is not installed, or does not start")
    with account(shell) as user:
        server = make_sshd(Banner=str(banner(person)))
        person.may_enter(server)
        person.knows(server)
        make_noise(user)
        connection = await person.pool().connect(endpoint(server, user=user.name))
        script = "id -un; printf '%s %s' 'a!b\\c'\"'\"'$d' \\\n  'two\nlines' >&2; exit 5"
        assert await connection.run(script) == Completed(5, f"{user.name}\n".encode(), b"a!b\\c'$d two\nlines")
        assert await connection.run("cat; :", stdin=BINARY) == Completed(0, BINARY)
        sink = Sink()
        process = await connection.start("echo ready; exec cat", sink)
        await sink.until(b"ready\n")
        process.write(BINARY)
        process.close_input()
        assert await sink.ended == (0, "")
        assert (sink.out, sink.err) == (b"ready\n" + BINARY, b"")
        server.stop()


def banner(person: Person) -> Any:
    path = person.home / "banner"
    path.write_text("authorised use only\n" * 20)
    path.chmod(0o644)
    return path


def make_noise(user: Any) -> None:
    """A profile that prints, for whichever shell reads one when a command comes over SSH."""
    (user.home / ".bashrc").write_text(NOISE)
    (user.home / ".cshrc").write_text("printf 'welcome\\n'\n")
    (user.home / ".config" / "fish").mkdir(parents=True)
    (user.home / ".config" / "fish" / "config.fish").write_text("printf 'welcome\\n'\n")


async def test_a_shell_that_refuses_to_run_anything_is_heard(make_sshd: Server, person: Person) -> None:
    server = make_sshd(ForceCommand="echo This account is not available; exit 1")
    person.may_enter(server)
    person.knows(server)
    connection = await person.pool().connect(endpoint(server))
    assert await connection.run("echo 'x'; :") == Completed(1, b"This account is not available\n")

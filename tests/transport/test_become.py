"""sudo, su and doas of this machine, through a real sshd: passwords, refusals, terminals; and never a hang."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from orchestra.errors import BecomeFailed, Unreachable
from orchestra.model.invocation import Become
from orchestra.model.ports import Connection
from orchestra.transport.become import shown
from orchestra.transport.refusals import is_prompt, looks_like_prompt
from tests.loginshells import argv_of
from tests.transport.conftest import Person, Sink, endpoint
from tests.transport.sshd import Account, Sshd, account, needs_root, needs_sudo, sudo_rule

pytestmark = needs_root
BINARY = bytes(range(256)) * 64


@dataclass
class Stage:
    """A user on a server, and the connection of whoever runs the tests."""

    user: Account
    connection: Connection
    server: Sshd
    person: Person

    async def sees(self, become: Become, command: str = "id -un; :") -> bytes:
        """Run a command as somebody else and return its output."""
        sink = Sink()
        process = await self.connection.escalate(become, command, sink)
        process.close_input()
        status, reason = await sink.ended
        assert (status, reason, sink.err) == (0, "", b"")
        return sink.out

    async def refusal(self, become: Become) -> BecomeFailed:
        sink = Sink()
        with pytest.raises(BecomeFailed) as caught:
            async with asyncio.timeout(20):
                await self.connection.escalate(become, "id -un; :", sink)
        assert (sink.out, sink.err) == (b"", b"")
        return caught.value


@pytest.fixture
async def stage(make_sshd: Callable[..., Sshd], person: Person) -> AsyncIterator[Stage]:
    """Logged in as a user of its own, who has a password and no rights."""
    server = make_sshd()
    person.may_enter(server)
    person.knows(server)
    with account("/bin/bash") as user:
        (user.home / ".bashrc").write_text("echo 'Password: noise'\necho 'more: ' >&2\n")
        pool = person.pool(become_timeout=15)
        connection = await pool.connect(endpoint(server, user=user.name))
        yield Stage(user, connection, server, person)
        await pool.close()
        server.stop()


SUDO = Become("root", "sudo")


@needs_sudo
async def test_sudo_without_a_password(stage: Stage) -> None:
    with sudo_rule(stage.user.name, f"{stage.user.name} ALL=(ALL) NOPASSWD: ALL"):
        assert await stage.sees(SUDO) == b"root\n"
        assert await stage.sees(replace(SUDO, user="nobody")) == b"nobody\n"
        assert await stage.sees(replace(SUDO, password="not needed")) == b"root\n"


@needs_sudo
async def test_sudo_starts_in_a_folder(stage: Stage) -> None:
    with sudo_rule(stage.user.name, f"{stage.user.name} ALL=(ALL) NOPASSWD: ALL"):
        assert await stage.sees(replace(SUDO, chdir="/usr"), "pwd; :") == b"/usr\n"
        failure = await stage.refusal(replace(SUDO, chdir="/is not there"))
    assert "/is not there" in failure.message and "cd" in failure.message


@needs_sudo
async def test_sudo_with_a_password_at_its_prompt(stage: Stage) -> None:
    with sudo_rule(stage.user.name, f"{stage.user.name} ALL=(ALL) ALL"):
        become = replace(SUDO, password=stage.user.password)
        assert await stage.sees(become) == b"root\n"
        assert await stage.sees(replace(become, flags="-S -E -n")) == b"root\n"


@needs_sudo
async def test_a_wrong_password_fails_at_once(stage: Stage) -> None:
    with sudo_rule(stage.user.name, f"{stage.user.name} ALL=(ALL) ALL"):
        failure = await stage.refusal(replace(SUDO, password="wrong horse"))
    assert failure.message == "Incorrect sudo password for user root"
    assert "login user's password" in failure.hint


@needs_sudo
async def test_a_missing_password_fails_at_once(stage: Stage) -> None:
    with sudo_rule(stage.user.name, f"{stage.user.name} ALL=(ALL) ALL"):
        for flags in (None, "-S", ""):
            failure = await stage.refusal(replace(SUDO, flags=flags))
            assert failure.message == "Missing sudo password"
            assert "-K" in failure.hint


@needs_sudo
async def test_a_lecture_is_not_output(stage: Stage) -> None:
    rule = f"Defaults:{stage.user.name} lecture=always\n{stage.user.name} ALL=(ALL) ALL"
    with sudo_rule(stage.user.name, rule):
        assert await stage.sees(replace(SUDO, password=stage.user.password)) == b"root\n"


@pytest.mark.parametrize("password", [False, True])
@needs_sudo
async def test_a_terminal_where_sudo_insists(stage: Stage, password: bool) -> None:
    tag = "" if password else "NOPASSWD: "
    rule = f"Defaults:{stage.user.name} requiretty\n{stage.user.name} ALL=(ALL) {tag}ALL"
    with sudo_rule(stage.user.name, rule):
        sink = Sink()
        become = replace(SUDO, password=stage.user.password if password else None)
        process = await stage.connection.escalate(become, "tty >/dev/null; echo $?; exec head -c 16384", sink)
        await sink.until(b"0\n")
        process.write(BINARY)
        await process.drain()
        assert await sink.ended == (0, "")
        assert sink.out == b"0\n" + BINARY


@needs_sudo
async def test_sudo_with_a_terminal_of_its_own(stage: Stage) -> None:
    rule = f"Defaults:{stage.user.name} use_pty\n{stage.user.name} ALL=(ALL) ALL"
    with sudo_rule(stage.user.name, rule):
        sink = Sink()
        process = await stage.connection.escalate(replace(SUDO, password=stage.user.password), "exec cat", sink)
        process.write(BINARY)
        process.close_input()
        assert await sink.ended == (0, "")
        assert sink.out == BINARY


@needs_sudo
async def test_a_login_shell_that_sudo_starts(stage: Stage) -> None:
    with sudo_rule(stage.user.name, f"{stage.user.name} ALL=(ALL) NOPASSWD: ALL"):
        for flags in ("-i", "-s -H", "-Hi"):
            assert await stage.sees(replace(SUDO, flags=flags), "x='$y'; echo \"$x $HOME\"") == b"$y /root\n"


@needs_sudo
async def test_two_at_once_and_bytes_both_ways(stage: Stage) -> None:
    with sudo_rule(stage.user.name, f"{stage.user.name} ALL=(ALL) ALL"):
        become = replace(SUDO, password=stage.user.password)
        sinks = [Sink() for _ in range(3)]
        starting = (stage.connection.escalate(become, "exec cat", sink) for sink in sinks)
        for process in await asyncio.gather(*starting):
            process.write(BINARY)
            await process.drain()
            process.close_input()
        assert [await sink.ended for sink in sinks] == [(0, "")] * 3
        assert {sink.out for sink in sinks} == {BINARY}


@needs_sudo
async def test_who_is_not_in_sudoers(stage: Stage) -> None:
    failure = await stage.refusal(replace(SUDO, password=stage.user.password))
    assert "not in sudoers" in failure.message
    assert stage.user.password not in failure.message


@needs_sudo
async def test_who_may_only_do_something_else(stage: Stage) -> None:
    with sudo_rule(stage.user.name, f"{stage.user.name} ALL=(ALL) NOPASSWD: /bin/true"):
        failure = await stage.refusal(replace(SUDO, password=stage.user.password))
    assert "does not allow the login user to run this as root" in failure.message


@needs_sudo
async def test_users_and_programs_that_do_not_exist(stage: Stage) -> None:
    with sudo_rule(stage.user.name, f"{stage.user.name} ALL=(ALL) NOPASSWD: ALL"):
        unknown = await stage.refusal(replace(SUDO, user="nosuchuser"))
    assert "there is no user nosuchuser" in unknown.message
    missing = await stage.refusal(replace(SUDO, exe="/opt/none/sudo"))
    assert "/opt/none/sudo is not installed on the host" in missing.message
    nobody = await stage.refusal(Become("nosuchuser", "su", password="x"))
    assert "there is no user nosuchuser" in nobody.message
    method = await stage.refusal(Become("root", "sodu"))
    assert "become_method 'sodu' is not known" in method.message
    assert "sudo" in method.hint


async def test_su_with_a_password(stage: Stage) -> None:
    with account("/usr/bin/fish" if argv_of("/usr/bin/fish") else "/bin/sh") as other:
        become = Become(other.name, "su", password=other.password)
        assert await stage.sees(become) == f"{other.name}\n".encode()
        assert await stage.sees(become, "printf %s 'a!b\\c'\"'\"'d'; exit 0") == b"a!b\\c'd"
        wrong = await stage.refusal(replace(become, password="wrong horse"))
        assert f"Incorrect su password for user {other.name}" in wrong.message
        assert (await stage.refusal(replace(become, password=None))).message == "Missing su password"


async def test_su_from_root_and_a_shell_that_refuses(sshd: Sshd, person: Person) -> None:
    connection = await person.pool().connect(endpoint(sshd))
    stage = Stage(Account("root", "", Path("/root")), connection, sshd, person)
    assert await stage.sees(Become("nobody", "su", flags="-s /bin/sh")) == b"nobody\n"
    refused = await stage.refusal(Become("nobody", "su"))
    assert "login shell of nobody refuses" in refused.message
    assert "-s /bin/sh" in refused.hint


@pytest.mark.skipif(shutil.which("doas") is None, reason="doas (package opendoas) is not installed")
async def test_doas(stage: Stage) -> None:
    with doas_rule(f"permit {stage.user.name}"):
        become = Become("root", "doas", password=stage.user.password)
        assert await stage.sees(become) == b"root\n"
        wrong = await stage.refusal(replace(become, password="wrong horse"))
        assert "Incorrect doas password for user root" in wrong.message
        assert (await stage.refusal(replace(become, password=None))).message == "Missing doas password"
    with doas_rule(f"permit nopass {stage.user.name} as nobody"):
        assert await stage.sees(Become("nobody", "doas")) == b"nobody\n"
        refused = await stage.refusal(Become("root", "doas"))
        assert "doas does not allow the login user to become root" in refused.message


@contextmanager
def doas_rule(rule: str) -> Iterator[None]:
    path = Path("/etc/doas.conf")
    assert not path.exists(), "this machine has rules of its own for doas"
    path.write_text(f"{rule}\n")
    path.chmod(0o400)
    try:
        yield
    finally:
        path.unlink()


def script(folder: Path, text: str) -> str:
    """A stand-in for sudo, where the real one cannot be made to misbehave on a machine that others use."""
    path = folder / "sudo"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


async def test_silence_ends_at_the_deadline_and_names_name_servers(stage: Stage, tmp_path: Path) -> None:
    connection = await stage.person.pool(become_timeout=0.5).connect(endpoint(stage.server, user=stage.user.name))
    silent = replace(stage, connection=connection)
    exe = script(stage.user.home, "echo 'sudo: unable to resolve host web01: Name or service not known' >&2; sleep 30")
    failure = await silent.refusal(replace(SUDO, exe=exe))
    assert "sudo did not answer within 0.5 s; it said: " in failure.message
    assert "unable to resolve host web01" in failure.message
    assert "waiting for a name server" in failure.hint
    quiet = await silent.refusal(replace(SUDO, exe=script(stage.user.home, "exec sleep 30")))
    assert "/etc/hosts" in quiet.hint


async def test_slowness_is_waited_for_and_named(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestra.transport.become._SLOW", 0.1)
    exe = script(
        stage.user.home,
        "echo 'sudo: unable to resolve host web01: Temporary failure in name resolution' >&2; sleep 0.3\n"
        'while [ "$1" != /bin/sh ]; do shift; done; exec "$@"',
    )
    assert await stage.sees(replace(SUDO, exe=exe)) == f"{stage.user.name}\n".encode()
    assert len(stage.person.notices) == 1
    assert "cannot look up its own name" in stage.person.notices[0]


async def test_a_prompt_in_an_unknown_language(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestra.transport.become._QUIET", 0.05)
    exe = script(
        stage.user.home,
        'printf "Zxcvb: " >&2; read word; [ "$word" = opens ] || { echo no >&2; exit 1; }\n'
        'while [ "$1" != /bin/sh ]; do shift; done; exec "$@"',
    )
    assert await stage.sees(replace(SUDO, exe=exe, password="opens")) == f"{stage.user.name}\n".encode()
    wrong = await stage.refusal(replace(SUDO, exe=exe, password="shut"))
    assert wrong.message.endswith("ended with status 1: Zxcvb: no")


async def appears(path: Path, meanwhile: "asyncio.Future[object]") -> None:
    """Wait until a program has made a file; not for ever, and not when it has ended."""
    async with asyncio.timeout(20):
        while not path.exists():
            assert not meanwhile.done(), meanwhile
            await asyncio.sleep(0.01)


async def test_a_link_that_dies_meanwhile(stage: Stage) -> None:
    exe = script(stage.user.home, f"touch {stage.user.home}/here; sleep 30")
    trying = asyncio.ensure_future(stage.connection.escalate(replace(SUDO, exe=exe), "id", Sink()))
    await appears(stage.user.home / "here", trying)
    stage.server.kill_sessions()
    with pytest.raises(Unreachable, match="the link died while becoming root"):
        await trying


async def test_nothing_is_left_of_an_attempt_that_is_given_up(stage: Stage) -> None:
    exe = script(stage.user.home, f"touch {stage.user.home}/here; exec cat")
    trying = asyncio.ensure_future(stage.connection.escalate(replace(SUDO, exe=exe), "id", Sink()))
    await appears(stage.user.home / "here", trying)
    trying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await trying
    gone = await stage.connection.run("for n in $(seq 50); do pgrep -u $(id -u) -x cat || exit 0; sleep 0.05; done")
    assert gone.stdout.endswith(b"") and gone.status == 0


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        ("[orchestra 12] password: ", True),
        ("Password: ", True),
        ("welcome\nMot de passe : ", True),
        ("Passwort: ", True),
        ("パスワード: ", True),
        ("密码：", True),
        ("Пароль:", True),
        ("Password for root: ", True),
        ("password: \n", False),
        ("the password is easy", False),
        ("Last login: ", False),
    ],
)
def test_prompts_are_known_in_many_languages(text: str, prompt: bool) -> None:
    assert is_prompt(text, "[orchestra 12] password: ") is prompt


def test_an_open_line_may_be_a_prompt() -> None:
    assert looks_like_prompt("Zxcvb: ")
    assert not looks_like_prompt("Zxcvb:\n")
    assert not looks_like_prompt("12:30")


def test_the_line_for_people_names_the_program_and_no_password() -> None:
    line = shown(Become("app", "sudo", password="hush"), "id")
    assert line.startswith("exec /bin/sh -c 'exec sudo -H -S ")
    assert "-u app" in line
    assert "hush" not in line

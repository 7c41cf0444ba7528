"""reboot against a host that answers from a script: what it is told, when it counts as back, how it fails."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from orchestra.engine.actions import reboot
from orchestra.engine.results import ActionResult
from orchestra.errors import Lost, Unreachable
from orchestra.model.invocation import Completed

Answer = Completed | Exception


def said(text: str = "", status: int = 0, err: str = "") -> Completed:
    return Completed(status, text.encode() + b"\n", err.encode())


class Host:
    """Answers by the first word that fits; a list is used up, its last answer stays."""

    is_controller = False

    def __init__(self, **answers: Any) -> None:
        usual = {
            "boot_id": [said("a"), said("b")],
            "uname": said("Linux"),
            "for p": said("/sbin/shutdown"),
            "/sbin/shutdown": Lost("gone"),
            "whoami": said("root"),
        }
        self.answers: dict[str, Any] = {**usual, **answers}
        self.lines: list[str] = []
        self.resets = 0

    async def run_raw(self, command: str, **more: Any) -> Completed:
        self.lines.append(command)
        key = next(key for key in self.answers if key in command)
        answer = self.answers[key]
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def reset(self, name: str) -> None:
        self.resets += 1

    def went_down_with(self) -> list[str]:
        return [line for line in self.lines if line.startswith("/sbin/")]


@pytest.fixture
def go(monkeypatch: pytest.MonkeyPatch) -> Callable[..., ActionResult]:
    """Runs the action; a wait takes no time, but passes the clock's."""
    clock = [0.0]

    async def sleep(seconds: float) -> None:
        clock[0] += seconds

    monkeypatch.setattr(reboot, "asyncio", SimpleNamespace(sleep=sleep, timeout=asyncio.timeout))
    monkeypatch.setattr(reboot, "time", SimpleNamespace(monotonic=lambda: clock[0]))

    def run(host: Host, check: bool = False, **args: Any) -> ActionResult:
        defaults = {
            "pre_reboot_delay": 0, "post_reboot_delay": 0, "reboot_timeout": 600, "connect_timeout": None,
            "test_command": "whoami", "msg": "it's time", "search_paths": ["/sbin"], "boot_time_command": None,
            "reboot_command": None,
        }  # fmt: skip
        monkeypatch.setattr(reboot, "checked", lambda context: {**defaults, **args})
        context: Any = SimpleNamespace(
            remote=host, services=SimpleNamespace(sessions=host), target="h", become=None, timeout=0, check=check
        )
        return asyncio.run(reboot.run(context))

    return run


def test_is_back_when_the_boot_is_another_one(go: Callable[..., ActionResult]) -> None:
    host = Host(boot_id=[said("a"), said("a"), Unreachable("down"), said(""), said("b")])
    reply = go(host).reply
    assert (reply.changed, reply.failed, reply.data["rebooted"]) == (True, False, True)
    assert reply.data["elapsed"] > 0
    assert host.went_down_with() == ["/sbin/shutdown -r 0 'it'\"'\"'s time'"]
    assert host.lines[-1] == "whoami"
    assert host.resets >= 4


@pytest.mark.parametrize(
    ("system", "line"),
    [
        ("Linux", "/sbin/shutdown -r 2 now"),
        ("FreeBSD", "/sbin/shutdown -r +150s now"),
        ("OpenBSD", "/sbin/shutdown -r +2 now"),
        ("Void", "/sbin/shutdown -r +2 now"),
        ("SunOS", "/sbin/shutdown -y -g 150 -i 6 now"),
    ],
)
def test_each_system_has_its_own_shutdown(go: Callable[..., ActionResult], system: str, line: str) -> None:
    host = Host(uname=said(system))
    go(host, pre_reboot_delay=150, msg="now")
    assert host.went_down_with() == [line]


def test_alpine_has_no_shutdown(go: Callable[..., ActionResult]) -> None:
    host = Host(**{"uname": said("Alpine"), "for p": said("/sbin/reboot"), "/sbin/reboot": said()})
    assert go(host).reply.changed
    assert host.went_down_with() == ["/sbin/reboot"]
    assert host.lines[2].startswith("for p in /sbin/reboot;")


def test_commands_of_ones_own(go: Callable[..., ActionResult]) -> None:
    host = Host(**{"uptime": [said("1"), said("2")], "/sbin/shutdown -h": said(), "true": said()})
    go(host, reboot_command="shutdown -h", boot_time_command="uptime -s", test_command="true", post_reboot_delay=5)
    assert host.lines == ["uptime -s", host.lines[1], "/sbin/shutdown -h", "uptime -s", "true"]
    absolute = Host(**{"/sbin/kexec": said()})
    assert go(absolute, reboot_command="/sbin/kexec").reply.changed
    assert not [line for line in absolute.lines if line.startswith("for p")]


@pytest.mark.parametrize(
    ("answers", "message", "rebooted"),
    [
        ({"boot_id": said("", 1, "no")}, "failed to get host boot time info, rc: 1", False),
        ({"for p": said("", 1)}, 'Unable to find command "shutdown" in search paths', False),
        ({"/sbin/shutdown": said("", 1, "not root")}, "Reboot command failed. Error was: ', not root'", False),
        ({"boot_id": said("a")}, "Timed out waiting for last boot time check (timeout=60)", True),
        ({"whoami": said("", 1)}, "Timed out waiting for post-reboot test command (timeout=60)", True),
    ],
)
def test_failures(go: Callable[..., ActionResult], answers: dict[str, Any], message: str, rebooted: bool) -> None:
    reply = go(Host(**answers), reboot_timeout=60).reply
    assert reply.failed
    assert not reply.changed
    assert message in reply.data["msg"]
    assert reply.data["rebooted"] is rebooted


def test_a_try_has_its_own_patience(go: Callable[..., ActionResult]) -> None:
    host = Host(whoami=[TimeoutError(), said("root")])
    assert go(host, connect_timeout=5).reply.changed
    assert host.lines.count("whoami") == 2


def test_check_mode_and_the_controller_itself(go: Callable[..., ActionResult]) -> None:
    host = Host()
    assert go(host, check=True).reply.data == {"elapsed": 0, "rebooted": True}
    assert host.lines == []
    host.is_controller = True
    refused = go(host).reply
    assert refused.failed
    assert "would reboot the control node" in refused.data["msg"]

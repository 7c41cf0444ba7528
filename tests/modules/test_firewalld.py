"""firewalld: command lines of a fake machine, and the real configuration without a daemon."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from orchestra.testing.fakesystem import FakeSystem
from tests.modules.driving import Recorded, check, drive, fake

CMD = "/usr/bin/firewall-cmd"


def machine(running: bool = True, **answers: Any) -> FakeSystem:
    known = {
        f"{CMD} --state": (0 if running else 252, "", ""),
        f"{CMD} --get-default-zone": (0, "public\n", ""),
        CMD: lambda argv: (1 if any("--query" in word for word in argv) else 0, "", ""),
        f"{CMD} --permanent --get-zones": (0, "public dmz\n", ""),
        f"{CMD} --permanent --zone=dmz --get-target": (0, "default\n", ""),
        "/usr/bin/firewall-offline-cmd": lambda argv: (
            1 if any("--query" in word for word in argv) else 0,
            "public",
            "",
        ),
    }
    programs = ("firewall-cmd", "firewall-offline-cmd")
    return FakeSystem(programs=programs, answers={**known, **answers.pop("answers", {})}, **answers)


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        ({"service": "https", "permanent": True, "immediate": True},
         ["--permanent --zone=public --add-service=https", "--zone=public --add-service=https"]),
        ({"port": "80/tcp", "zone": "dmz", "timeout": 60}, ["--zone=dmz --add-port=80/tcp --timeout=60"]),
        ({"interface": "eth1", "permanent": True}, ["--permanent --zone=public --change-interface=eth1"]),
        ({"rich_rule": "rule mark set=1"}, ["--zone=public --add-rich-rule=rule mark set=1"]),
        ({"masquerade": True}, ["--zone=public --add-masquerade"]),
        ({"masquerade": False}, []),
        ({"source": "10.0.0.0/8", "state": "disabled"}, []),
        ({"port_forward": [{"port": "80", "proto": "tcp", "toport": "8080", "toaddr": "10.0.0.2"}]},
         ["--zone=public --add-forward-port=port=80:proto=tcp:toport=8080:toaddr=10.0.0.2"]),
        ({"zone": "own", "state": "present", "permanent": True}, ["--permanent --new-zone=own"]),
        ({"zone": "dmz", "state": "absent", "permanent": True}, ["--permanent --delete-zone=dmz"]),
        ({"zone": "dmz", "state": "present", "permanent": True}, []),
        ({"zone": "dmz", "target": "DROP", "permanent": True}, ["--permanent --zone=dmz --set-target=DROP"]),
    ],
)  # fmt: skip
def test_command_lines(options: dict[str, Any], lines: list[str]) -> None:
    system = machine()
    result = fake("firewalld", system, **{"state": "enabled", **options})
    assert [" ".join(line[1:]) for line in system.commands] == lines
    assert (result["changed"], bool(result["msg"])) == (bool(lines), bool(lines))


def test_without_a_running_firewall() -> None:
    lasting = {"port": "80/tcp", "permanent": True, "state": "enabled"}
    assert (
        "without a running firewall daemon"
        in fake("firewalld", machine(False), **dict(lasting, permanent=False))["msg"]
    )
    assert "offline: true" in fake("firewalld", machine(False), **lasting)["msg"]
    system = machine(False)
    assert fake("firewalld", system, **lasting, immediate=True, offline=True)["changed"]
    assert system.commands == [["/usr/bin/firewall-offline-cmd", "--zone=public", "--add-port=80/tcp"]]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"port": "80", "state": "enabled"}, "missing protocol"),
        ({"port": "80/tcp", "state": "present"}, "can only be used in zone level operations"),
        ({"state": "enabled"}, "need something of a zone"),
        ({"state": "present", "permanent": True}, "which zone"),
        ({"state": "present", "zone": "x"}, "say permanent"),
        ({"state": "enabled", "port": "1/tcp", "service": "ssh"}, "mutually exclusive: service|port"),
    ],
)
def test_refusals(options: dict[str, Any], message: str) -> None:
    assert message in fake("firewalld", machine(), **options)["msg"]


def test_what_firewalld_does_not_know_is_a_failure() -> None:
    wrong = {f"{CMD} --zone=public --query-service=nope": (101, "", "INVALID_SERVICE: nope\n")}
    assert "INVALID_SERVICE" in fake("firewalld", machine(answers=wrong), service="nope", state="enabled")["msg"]


def test_a_check_run_remembers() -> None:
    system, opened = machine(check=True), {"service": "https", "state": "enabled", "permanent": True}
    assert fake("firewalld", system, **opened)["changed"]
    assert not fake("firewalld", system, **opened)["changed"]
    assert fake("firewalld", system, **dict(opened, state="disabled"))["changed"]


@pytest.fixture
def own_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The real program on a configuration of its own, with a daemon that does not run."""
    program = shutil.which("firewall-offline-cmd")
    if not program or os.geteuid():
        pytest.skip("firewalld is not installed, or this is not root")
    folder = tmp_path / "etc"
    shutil.copytree("/etc/firewalld", folder)
    (tmp_path / "bin").mkdir()
    for name, line in (
        ("firewall-offline-cmd", f'exec {program} --system-config {folder} "$@"'),
        ("firewall-cmd", "exit 252"),
    ):
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{line}\n")
        (tmp_path / "bin" / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    return folder


def test_on_a_real_configuration(own_configuration: Path) -> None:
    asked = {"permanent": True, "offline": True, "zone": "public"}
    port = {**asked, "port": "8443/tcp", "state": "enabled"}
    assert check("firewalld", **port)["changed"]
    assert not list(own_configuration.glob("zones/*"))
    done = Recorded("firewalld", **port)
    assert done.result["changed"], done.result
    assert 'port="8443"' in (own_configuration / "zones/public.xml").read_text()
    assert not drive("firewalld", **port)["changed"]
    done.undo()
    assert "8443" not in (own_configuration / "zones/public.xml").read_text()
    assert drive("firewalld", **asked, rich_rule='rule service name="ftp" accept', state="enabled")["changed"]
    assert drive("firewalld", permanent=True, offline=True, zone="own", state="present")["changed"]
    assert drive("firewalld", **dict(asked, zone="own"), target="DROP", state="enabled")["changed"]
    assert 'target="DROP"' in (own_configuration / "zones/own.xml").read_text()
    assert not drive("firewalld", permanent=True, offline=True, zone="own", state="present")["changed"]
    assert drive("firewalld", **asked, service="no-such", state="enabled")["failed"]

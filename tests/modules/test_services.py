"""systemd and service against recorded answers of systemctl, and init scripts that are only described."""

from typing import Any

import pytest

from orchestra.library.locate import load_file, packaged_folder
from orchestra.runner.parts.services import parse_show
from orchestra.testing.fakesystem import FakeSystem

systemd = load_file(str(packaged_folder() / "systemd.py"))
service = load_file(str(packaged_folder() / "service.py"))


def shown(load: str = "loaded", active: str = "active", enabled: str = "enabled") -> str:
    return f"Id=x.service\nLoadState={load}\nActiveState={active}\nUnitFileState={enabled}\n"


def fake(show: str, check: bool = False, **answers: Any) -> FakeSystem:
    recorded = {
        "systemctl": (0, "", ""),
        "systemctl show": (0, show, ""),
        "systemctl --user show": (0, show, ""),
        "systemctl is-enabled": (1, "disabled\n", ""),
    }
    return FakeSystem(
        folders=("/run/systemd/system", "/etc"),
        programs=("systemctl",),
        answers={**recorded, **{name.replace("_", " "): one for name, one in answers.items()}},
        check=check,
    )


@pytest.mark.parametrize(
    ("show", "options", "commands"),
    [
        (shown(), {"state": "started", "enabled": True}, []),
        (shown(active="inactive"), {"state": "started"}, ["start x"]),
        (shown(active="activating"), {"state": "started"}, []),
        (shown(active="failed"), {"state": "started"}, ["start x"]),
        (shown(), {"state": "stopped"}, ["stop x"]),
        (shown(active="deactivating"), {"state": "stopped"}, ["stop x"]),
        (shown(), {"state": "restarted"}, ["restart x"]),
        (shown(active="inactive"), {"state": "restarted"}, ["start x"]),
        (shown(), {"state": "reloaded", "no_block": True}, ["reload --no-block x"]),
        (shown(enabled="disabled"), {"enabled": True}, ["enable x"]),
        (shown(), {"enabled": False, "force": True}, ["disable --force x"]),
        (shown(enabled="static"), {"enabled": False}, []),
        (shown(enabled="static"), {"enabled": True}, []),
        (shown(enabled="indirect"), {"enabled": False}, []),
        (shown(enabled="enabled-runtime"), {"enabled": True}, ["enable x"]),
        (shown(enabled="linked"), {"enabled": True}, ["enable x"]),
        (shown(enabled="generated"), {"enabled": True}, ["enable x"]),
        (shown(enabled=""), {"enabled": True}, ["enable x"]),
        (shown(), {"masked": True}, ["mask x"]),
        (shown(load="masked", active="inactive"), {"masked": False, "state": "started"}, ["unmask x", "start x"]),
        (shown(load="not-found", active="inactive", enabled=""), {"masked": False}, []),
        (shown(), {"daemon_reload": True, "daemon_reexec": True}, ["daemon-reload", "daemon-reexec"]),
        (shown(), {"scope": "user", "state": "restarted"}, ["--user restart x"]),
    ],
)
def test_verbs(show: str, options: dict[str, Any], commands: list[str]) -> None:
    system = fake(show)
    result = system.run(systemd, name="x", **options)
    assert not result.get("failed"), result
    assert [" ".join(line[1:]) for line in system.commands] == commands
    assert result["changed"] == any("daemon" not in line for line in commands)


def test_the_result_has_the_status_and_what_was_asked() -> None:
    result = fake(shown()).run(systemd, name="x", state="reloaded", enabled=True)
    assert result["status"]["ActiveState"] == "active"
    assert (result["name"], result["state"], result["enabled"]) == ("x", "started", True)


def test_a_unit_that_is_not_there() -> None:
    system = fake(shown(load="not-found", active="inactive", enabled=""))
    for options in ({"state": "started"}, {"enabled": True}):
        assert system.run(systemd, name="x", **options)["msg"] == "Could not find the requested service x: host"
    assert system.run(systemd, name="a*", state="started")["msg"].startswith("This module does not currently support")


def test_a_unit_file_with_a_mistake() -> None:
    show = shown(load="error", active="inactive", enabled="") + "LoadError=org.freedesktop.DBus.Error.InvalidArgs bad\n"
    assert "Error loading unit file 'x'" in fake(show).run(systemd, name="x", state="started")["msg"]


def test_what_a_failing_start_logged() -> None:
    system = fake(
        shown(active="inactive"),
        systemctl_start=(1, "", "Job for x.service failed. See systemctl status.\n"),
        journalctl=(0, "no such disk\n", ""),
    )
    system.write("/usr/bin/journalctl", b"", 0o755)
    message = system.run(systemd, name="x", state="started")["msg"]
    assert message.startswith("Unable to start service x: Job for x.service failed.")
    assert message.endswith("last of its log:\n  no such disk")


def test_check_mode_remembers_what_it_foretold() -> None:
    system = fake(shown(active="inactive", enabled="disabled"), check=True)
    first = system.run(systemd, name="x", state="started", enabled=True)
    again = system.run(systemd, name="x.service", state="started", enabled=True)
    assert (first["changed"], again["changed"]) == (True, False)
    assert system.commands == []


def test_check_mode_believes_in_a_unit_file_that_would_be_written() -> None:
    system = fake(shown(load="not-found", active="inactive", enabled=""), check=True)
    system.write("/etc/systemd/system/own@.service", "[Service]\n")
    assert system.run(systemd, name="own@1", state="started", enabled=True)["changed"]
    assert system.run(systemd, name="other", state="started")["failed"]
    system.foresee("package", "other", {"version": None})
    assert "not known before a real run" in system.run(systemd, name="other", state="started")["msg"]


def test_offline_units_are_enabled_on_disk() -> None:
    system = FakeSystem(
        programs=("systemctl",),
        answers={"systemctl --root=/ is-enabled": (1, "disabled\n", ""), "systemctl --root=/ enable": (0, "", "")},
    )
    assert system.run(systemd, name="x", enabled=True)["changed"]
    assert system.commands == [["systemctl", "--root=/", "enable", "x"]]
    system.environ["SYSTEMD_OFFLINE"] = "1"
    result = system.run(systemd, name="x", state="started", daemon_reload=True)
    assert not result["changed"]
    assert result["warnings"] == [
        "daemon-reload was left out: systemd does not run here",
        "this is a chroot or systemd is offline: x was not started",
    ]


def test_a_machine_without_systemd() -> None:
    assert "not run by systemd" in FakeSystem().run(systemd, name="x", state="started")["msg"]


def test_properties_over_several_lines() -> None:
    text = "A=1\nExecStart={ path=/bin/x ;\n more ; }\nB={ one line }\nC=a=b\nEmpty=\n"
    assert parse_show(text) == {
        "A": "1",
        "ExecStart": "{ path=/bin/x ;\n more ; }",
        "B": "{ one line }",
        "C": "a=b",
        "Empty": "",
    }


# --- init scripts ---


def script(status: tuple[int, str, str], **answers: Any) -> FakeSystem:
    recorded = {"service x": (0, "", ""), "service x status": status, "update-rc.d": (0, "", "")}
    system = FakeSystem(programs=("service", "update-rc.d"), answers={**recorded, **answers})
    system.write("/etc/init.d/x", "", 0o755)
    return system


@pytest.mark.parametrize(
    ("status", "options", "commands"),
    [
        ((0, "x is running", ""), {"state": "started"}, []),
        ((3, "x is not running", ""), {"state": "started"}, ["service x start"]),
        ((0, "x is stopped", ""), {"state": "running"}, ["service x start"]),
        ((0, "ok", ""), {"state": "restarted", "arguments": "--fast"}, ["service x restart --fast"]),
        ((0, "ok", ""), {"state": "restarted", "sleep": 2}, ["service x stop", "service x start"]),
        ((0, "ok", ""), {"enabled": True}, ["update-rc.d x defaults"]),
        ((0, "ok", ""), {"enabled": False}, []),
    ],
)
def test_init_script(status: tuple[int, str, str], options: dict[str, Any], commands: list[str]) -> None:
    system = script(status)
    result = system.run(service, name="x", **options)
    assert not result.get("failed"), result
    assert [" ".join(line) for line in system.commands] == commands


def test_an_init_script_that_is_enabled() -> None:
    system = script((0, "ok", ""))
    system.write("/etc/rc2.d/S01x", "")
    assert not system.run(service, name="x", enabled=True)["changed"]
    assert system.run(service, name="x", enabled=False)["changed"]
    assert system.commands == [["update-rc.d", "x", "disable"]]


def test_openrc() -> None:
    answers = {
        "rc-service x status": (3, "", ""),
        "rc-service x start": (0, "", ""),
        "rc-update show": (0, "  sshd | default\n     x | boot\n", ""),
        "rc-update add": (0, "", ""),
    }
    system = FakeSystem(programs=("rc-service", "rc-update", "/sbin/openrc"), answers=answers)
    system.write("/etc/init.d/x", "", 0o755)
    result = system.run(service, name="x", state="started", enabled=True)
    assert result["changed"]
    assert system.commands == [["rc-update", "add", "x", "default"], ["rc-service", "x", "start"]]
    assert "Could not find the requested service y" in system.run(service, name="y", state="started")["msg"]


def test_service_goes_to_systemd_where_that_runs() -> None:
    system = fake(shown(active="inactive"))
    assert system.run(service, name="x", state="started", sleep=1, pattern="y")["status"]["Id"] == "x.service"

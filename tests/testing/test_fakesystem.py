"""The machine in memory answers as a real one would, and tells a test what it forgot."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from orchestra.runner.sdk import Command, Failed, Group, Remove, System, User, WriteFile
from orchestra.testing.fakesystem import FakeSystem


def module(plan: Any) -> Any:
    return SimpleNamespace(Options=type("Options", (), {}), plan=plan)


def test_files_folders_and_programs_are_there() -> None:
    system = FakeSystem(files={"/srv/www/x": "text", "/bin/tool": b"\xff"}, programs=("git",))
    assert system.read_text("/srv/www/x") == "text"
    assert system.listdir("/srv") == ["www"]
    assert system.is_dir("/srv/www") and system.is_file("/srv/www/x") and not system.exists("/srv/none")
    assert system.which("git") == "/usr/bin/git" and system.which("svn") is None
    assert system.glob("/srv/*/x") == ["/srv/www/x"]
    with pytest.raises(FileNotFoundError):
        system.read_bytes("/none")


def test_accounts_by_name_and_number() -> None:
    users = [User("root", 0, 0, "", "/root", "/bin/sh"), User("web", 33, 33, "", "/srv", "/bin/sh")]
    system = FakeSystem(users=users, groups=[Group("www", 33, ["web"])])
    for key in ("web", 33):
        found = system.user(key)
        assert found is not None and (found.name, found.home) == ("web", "/srv")
    group = system.group("www")
    assert group is not None and group.members == ["web"]
    assert [user.name for user in system.users()] == ["root", "web"]
    assert system.user("nobody") is None
    assert system.expand("~web/x") == "/srv/x" and system.expand("~/x") == "/root/x"


def test_effects_take_place_in_memory() -> None:
    system = FakeSystem(files={"/etc/x": "old"}, diff=True)

    def plan(options: Any, system: System) -> Any:
        wrote = yield WriteFile("/etc/x", b"new", {"mode": 0o600})
        yield Remove("/tmp")
        return {"wrote": wrote.changed, "now": system.read_text("/etc/x"), "info": system.path_info("/etc/x")["mode"]}

    result = system.run(module(plan))
    assert (result["wrote"], result["now"], result["info"], result["changed"]) == (True, "new", "0600", True)
    assert system.text("/etc/x") == "new" and not system.exists("/tmp")
    assert "assumed" not in result


def test_commands_are_answered_remembered_and_judged() -> None:
    answers = {
        "tool": (0, "any", ""),
        "tool fail": (3, "", "broken\n"),
        "tool count": lambda argv: (0, str(len(argv)), ""),
    }
    system = FakeSystem(programs=("tool",), answers=answers)

    def plan(options: Any, system: System) -> Any:
        looked = system.query(["tool", "count", "a", "b"])
        ran = yield Command(["tool", "other"])
        try:
            yield Command(["tool", "fail"])
        except Failed as failure:
            return {"looked": looked.out, "ran": ran.stdout, "rc": failure.values["rc"], "why": failure.msg}

    result = system.run(module(plan))
    assert (result["looked"], result["ran"], result["rc"], result["why"]) == ("4", "any", 3, "broken")
    assert system.ran == [["tool", "count", "a", "b"], ["tool", "other"], ["tool", "fail"]]
    assert system.commands == [["tool", "other"], ["tool", "fail"]]


def test_a_forgotten_answer_names_the_command() -> None:
    with pytest.raises(AssertionError, match="tool --version"):
        FakeSystem().query(["tool", "--version"])


def test_check_mode_runs_no_command() -> None:
    system = FakeSystem(programs=("tool",), check=True)

    def plan(options: Any, system: System) -> Any:
        ran = yield Command(["tool"])
        return {"out": ran.stdout}

    result = system.run(module(plan))
    assert system.ran == []
    assert result["changed"] and result["assumed"] and "out" not in result


def test_time_passes_only_by_sleeping() -> None:
    system = FakeSystem()
    before = system.now()
    system.sleep(30)
    assert system.now() - before == 30

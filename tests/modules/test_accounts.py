"""user and group: command lines, what is compared, and what check mode foretells."""

from collections.abc import Mapping
from typing import Any

import pytest

from orchestra.library.locate import load_file, packaged_folder
from orchestra.runner.sdk import Group, User
from orchestra.testing.fakesystem import FakeSystem
from tests.modules.driving import module

user = load_file(str(packaged_folder() / "user.py"))
group = load_file(str(packaged_folder() / "group.py"))

SHADOW = "root:*:1::::::\nann:$6$a$b:19000:0:99999:7:::\nlocked:!$6$a$b:19000:0:99999:7::20000:\nnone:!:19000::::::\n"
PROGRAMS = ("useradd", "usermod", "userdel", "groupadd", "groupmod", "groupdel", "chage", "chpasswd")


def fake(check: bool = False, files: Mapping[str, str] | None = None, **answers: Any) -> FakeSystem:
    people = [("ann", 1000), ("locked", 1001), ("none", 1002)]
    users = [User(name, number, number, "", f"/home/{name}", "/bin/sh") for name, number in people]
    groups = [Group(name, number, []) for name, number in people]
    groups += [Group("sudo", 27, ["ann"]), Group("adm", 4, ["ann"]), Group("dev", 2000, [])]
    return FakeSystem(
        files={"/etc/shadow": SHADOW, "/etc/skel/.profile": "hello\n", **(files or {})},
        folders=("/home/ann", "/home/locked", "/home/none"),
        users=users,
        groups=groups,
        programs=PROGRAMS,
        answers={**dict.fromkeys(PROGRAMS, (0, "", "")), **answers},
        check=check,
    )


def lines(system: FakeSystem) -> list[str]:
    return [" ".join(line) for line in system.commands]


@pytest.mark.parametrize(
    ("options", "commands"),
    [
        ({"name": "new"}, ["useradd -m new"]),
        ({"name": "new", "create_home": False, "system": True}, ["useradd -M -r new"]),
        ({"name": "new", "uid_min": 1500, "uid_max": 1999}, ["useradd -m -K UID_MIN=1500 -K UID_MAX=1999 new"]),
        ({"name": "dev"}, ["useradd -N -m dev"]),
        (
            {"name": "new", "uid": 1500, "group": "dev", "groups": "sudo,adm", "shell": "/bin/zsh", "comment": "N N"},
            ["useradd -u 1500 -g dev -G sudo,adm -c N N -s /bin/zsh -m new"],
        ),
        (
            {"name": "new", "expires": 0, "skeleton": "/x", "umask": "077"},
            ["useradd -e 1970-01-01 -m -k /x -K UMASK=077 new"],
        ),
        ({"name": "new", "password": "$6$x$y"}, ["useradd -m new", "chpasswd -e"]),
        ({"name": "new", "uid": 1000, "non_unique": True}, ["useradd -u 1000 -o -m new"]),
        ({"name": "ann"}, []),
        ({"name": "ann", "groups": ["sudo", "adm"]}, []),
        ({"name": "ann", "groups": "sudo", "append": True}, []),
        ({"name": "ann", "groups": "dev", "append": True}, ["usermod -a -G dev ann"]),
        ({"name": "ann", "groups": "dev"}, ["usermod -G dev ann"]),
        ({"name": "ann", "groups": ""}, ["usermod -G  ann"]),
        ({"name": "ann", "shell": "/bin/zsh", "group": "dev"}, ["usermod -g 2000 -s /bin/zsh ann"]),
        ({"name": "ann", "home": "/srv/ann", "move_home": True, "create_home": False}, ["usermod -d /srv/ann -m ann"]),
        ({"name": "ann", "password": "$6$a$b"}, []),
        ({"name": "ann", "password": "$6$a$c"}, ["chpasswd -e"]),
        ({"name": "ann", "password": "$6$a$c", "update_password": "on_create"}, []),
        ({"name": "ann", "password_lock": True}, ["usermod -L ann"]),
        ({"name": "locked", "password_lock": True}, []),
        ({"name": "locked", "password_lock": False}, ["usermod -U locked"]),
        ({"name": "none", "password_lock": False}, []),
        ({"name": "locked", "expires": 20000 * 86400 + 5}, []),
        ({"name": "locked", "expires": -1}, ["usermod -e  locked"]),
        ({"name": "ann", "expires": -1}, []),
        ({"name": "ann", "password_expire_max": 90, "password_expire_warn": 7}, ["chage -M 90 ann"]),
        ({"name": "ann", "state": "absent", "remove": True, "force": True}, ["userdel -f -r ann"]),
        ({"name": "nobody-here", "state": "absent"}, []),
    ],
)
def test_command_lines(options: dict[str, Any], commands: list[str]) -> None:
    system = fake()
    result = system.run(user, **options)
    assert not result.get("failed"), result
    assert lines(system) == commands
    assert result["changed"] == bool(commands)


def test_a_password_is_never_on_a_command_line_or_in_the_result() -> None:
    system = fake()
    result = system.run(user, name="new", password="$6$very$secret")
    assert "secret" not in str(system.ran) + str(result)
    assert result["password"] == "NOT_LOGGING_PASSWORD"


def test_a_missing_home_is_made_from_the_skeleton() -> None:
    system = fake()
    del system.overlay.entries["path", "/home/ann"]
    assert system.run(user, name="ann")["changed"]
    assert system.text("/home/ann/.profile") == "hello\n"
    assert not system.run(user, name="ann")["changed"]


def test_refusals() -> None:
    assert fake().run(user, name="new", groups="sudo,none-such")["msg"] == "Group none-such does not exist"
    assert fake().run(user, name="new", group="none-such")["msg"] == "Group none-such does not exist"
    system = fake(useradd=(4, "", "useradd: UID 5 is not unique\n"))
    assert system.run(user, name="new", uid=5)["msg"] == "useradd: UID 5 is not unique"
    assert "executable" in FakeSystem().run(user, name="new")["msg"]


def test_check_mode_foretells_the_account_its_group_and_its_home() -> None:
    system = fake(check=True)
    assert system.run(user, name="new", groups="dev")["changed"]
    assert not system.run(user, name="new", groups="dev", append=True)["changed"]
    assert system.is_dir("/home/new")
    found = system.user("new")
    assert found is not None
    assert system.group(found.gid) is not None
    assert system.run(user, name="new", state="absent")["changed"]
    assert system.user("new") is None
    assert system.commands == []


def test_a_key_is_foretold_with_its_owner() -> None:
    system = fake(check=True)
    result = system.run(user, name="ann", generate_ssh_key=True, ssh_key_type="ed25519")
    assert result["ssh_key_file"] == "/home/ann/.ssh/id_ed25519"
    key = system.stat("/home/ann/.ssh/id_ed25519")
    assert key is not None
    assert (key.mode, key.uid) == (0o600, 1000)


def test_a_public_key_that_is_there_is_not_replaced_unasked() -> None:
    system = fake(files={"/home/ann/.ssh/id_rsa.pub": "ssh-rsa AAAA ann\n"})
    refused = system.run(user, name="ann", generate_ssh_key=True)
    assert refused["failed"] and "id_rsa.pub is there already" in refused["msg"]
    assert system.text("/home/ann/.ssh/id_rsa.pub") == "ssh-rsa AAAA ann\n"


@pytest.mark.parametrize(
    ("options", "commands"),
    [
        ({"name": "new"}, ["groupadd new"]),
        ({"name": "new", "gid": 3000, "system": True}, ["groupadd -g 3000 -r new"]),
        ({"name": "dev"}, []),
        ({"name": "dev", "gid": 2000}, []),
        ({"name": "dev", "gid": 2001}, ["groupmod -g 2001 dev"]),
        ({"name": "dev", "gid": 27, "non_unique": True}, ["groupmod -g 27 -o dev"]),
        ({"name": "dev", "state": "absent"}, ["groupdel dev"]),
        ({"name": "dev", "state": "absent", "force": True}, ["groupdel -f dev"]),
        ({"name": "none-such", "state": "absent"}, []),
    ],
)
def test_groups(options: dict[str, Any], commands: list[str]) -> None:
    system = fake()
    result = system.run(group, **options)
    assert lines(system) == commands
    assert result["changed"] == bool(commands)


def test_a_group_is_taken_back_with_its_members() -> None:
    system = fake()
    effect = next(group.plan(group_options("adm", "absent"), system))
    assert [one.argv for one in effect.undo(system)] == [
        ["groupadd", "-g", "4", "adm"],
        ["gpasswd", "-a", "ann", "adm"],
    ]


def group_options(name: str, state: str) -> Any:
    from orchestra.runner.sdk import bind

    return bind(group.Options, {"name": name, "state": state})[0]


@pytest.mark.parametrize(
    ("password", "warned"),
    [
        ("plain", True),
        ("$6$rounds=5000$salt$" + "a" * 86, False),
        ("$6$rounds=5000$salt$" + "a" * 85, True),
        ("$6$salt$" + "a" * 85 + "+", True),
        ("$5$salt$" + "a" * 43, False),
        ("$y$jCT$salt$" + "." * 43, False),
        ("$2b$12$whatever", False),
        ("$6$salt$" + "a" * 85 + ":", True),
        ("$6", True),
        ("!", False),
        ("*", False),
        ("*" * 13, False),
    ],
)
def test_a_password_that_is_no_hash_is_warned_of(password: str, warned: bool) -> None:
    system = FakeSystem(answers={"useradd": (0, "", ""), "chpasswd": (0, "", "")})
    result = system.run(module("user"), name="new", password=password)
    assert bool(result.get("warnings")) is warned
    assert password not in str(result.get("warnings", ""))


def test_a_groups_number_is_kept_between_limits() -> None:
    system = FakeSystem(answers={"groupadd": (0, "", "")})
    system.run(module("group"), name="a", gid_min=1500, gid_max=1501)
    system.run(module("group"), name="s", system=True, gid_max=500)
    assert lines(system) == ["groupadd -K GID_MIN=1500 -K GID_MAX=1501 a", "groupadd -r -K SYS_GID_MAX=500 s"]
    check = FakeSystem(check=True)
    assert [check.run(module("group"), name=name, gid_min=1500, gid_max=1501)["gid"] for name in "ab"] == [1500, 1501]
    assert "no number from 1500 to 1501" in check.run(module("group"), name="c", gid_min=1500, gid_max=1501)["msg"]
    assert "can not be used with 'local'" in system.run(module("group"), name="d", gid_min=1500, local=True)["msg"]


def test_libusers_tools_are_told_less_and_usermod_the_rest() -> None:
    system = fake()
    system.write("/usr/sbin/luseradd", b"", 0o755)
    system.answers["luseradd"] = (0, "", "")
    options = {"name": "new", "local": True, "groups": "sudo", "expires": 0, "comment": "N"}
    assert system.run(module("user"), **options)["changed"]
    system.run(module("user"), name="dev", local=True, create_home=False)
    assert lines(system) == [
        "luseradd -c N new", "usermod -a -G sudo -e 1970-01-01 new", "luseradd -n -M dev",
    ]  # fmt: skip


def test_groups_may_be_named_by_their_numbers() -> None:
    assert not fake().run(user, name="ann", groups=["27", "4"])["changed"]
    system = fake()
    assert system.run(user, name="ann", groups="2000", append=True)["changed"]
    assert lines(system) == ["usermod -a -G dev ann"]


def test_append_without_groups_is_warned_of() -> None:
    assert "no 'groups' are specified" in fake().run(user, name="ann", append=True)["warnings"][0]
    assert "warnings" not in fake().run(user, name="ann", append=True, groups="dev")


def test_what_libusers_tools_do_not_know() -> None:
    for name, value in (("umask", "077"), ("uid_min", 1000), ("uid_max", 1999)):
        result = fake().run(user, name="new", local=True, **{name: value})
        assert f"'{name}' can not be used with 'local'" in result["msg"]

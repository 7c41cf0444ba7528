"""zypper_repository against a machine in memory."""

from typing import Any

import pytest

from orchestra.testing.fakesystem import FakeSystem
from tests.modules.driving import fake

OSS = "# mine\n[oss]\nname=Main\nenabled=1\nautorefresh=1\nbaseurl=http://a/oss/\ntype=rpm-md\n"
PATH = "/etc/zypp/repos.d/"


def machine(**files: str) -> FakeSystem:
    answers = {"/usr/bin/zypper": (0, "", "")}
    written = {PATH + name + ".repo": text for name, text in files.items()}
    return FakeSystem(files=written, folders=(PATH.rstrip("/"),), programs=("/usr/bin/zypper",), answers=answers)


def refreshes(system: FakeSystem) -> list[str]:
    return [" ".join(line[1:]) for line in system.commands]


def test_a_new_one_is_a_file() -> None:
    system, asked = machine(), {"name": "v", "repo": "http://v/", "auto_import_keys": True, "priority": 90}
    assert fake("zypper_repository", system, **asked)["changed"]
    assert system.text(PATH + "v.repo") == "[v]\nname=v\nenabled=1\nautorefresh=1\nbaseurl=http://v/\npriority=90\n"
    assert refreshes(system) == ["--quiet --non-interactive --gpg-auto-import-keys refresh v"]
    assert not fake("zypper_repository", system, **dict(asked, repo="http://v"))["changed"]
    assert len(system.commands) == 1
    changed = fake("zypper_repository", system, **dict(asked, enabled=False, disable_gpg_check=True))
    assert changed["changed"]
    assert "enabled=0" in system.text(PATH + "v.repo")
    assert "gpgcheck=0" in system.text(PATH + "v.repo")


def test_what_is_there_keeps_what_nobody_speaks_of() -> None:
    system = machine(all=OSS + "[other]\nbaseurl=http://b\n")
    assert not fake("zypper_repository", system, name="oss", repo="http://a/oss")["changed"]
    assert fake("zypper_repository", system, name="oss", repo="http://c", description="New")["changed"]
    text = OSS.replace("Main", "New").replace("http://a/oss/", "http://c")
    assert system.text(PATH + "all.repo") == text + "[other]\nbaseurl=http://b\n"


def test_another_alias_of_the_same_address_gives_way() -> None:
    system = machine(all=OSS)
    assert fake("zypper_repository", system, name="new", repo="http://a/oss")["changed"]
    assert not system.exists(PATH + "all.repo")
    assert system.exists(PATH + "new.repo")
    several = machine(all=OSS, more="[new]\nbaseurl=http://x\n")
    asked = {"name": "new", "repo": "http://a/oss"}
    assert "More than one repo matched" in fake("zypper_repository", several, **asked)["msg"]
    assert fake("zypper_repository", several, **asked, overwrite_multiple=True)["changed"]
    assert "baseurl=http://a/oss" in several.text(PATH + "more.repo")


@pytest.mark.parametrize("which", [{"name": "oss"}, {"repo": "http://a/oss"}])
def test_removed(which: dict[str, Any]) -> None:
    system = machine(all=OSS + "[other]\nbaseurl=http://b\n", one=OSS.replace("[oss]", "[two]").replace("/oss", "/two"))
    assert fake("zypper_repository", system, **which, state="absent")["changed"]
    assert system.text(PATH + "all.repo") == "# mine\n[other]\nbaseurl=http://b\n"
    assert not fake("zypper_repository", system, **which, state="absent")["changed"]
    assert fake("zypper_repository", system, name="two", state="absent")["changed"]
    assert not system.exists(PATH + "one.repo")


def test_a_vendors_own_file_and_all_at_once() -> None:
    system = machine()
    system.write("/tmp/vendor.repo", OSS)
    assert fake("zypper_repository", system, repo="/tmp/vendor.repo", runrefresh=True)["changed"]
    assert system.text(PATH + "vendor.repo") == OSS
    assert not fake("zypper_repository", system, repo="/tmp/vendor.repo")["changed"]
    system.write("/tmp/bad.repo", "<html>")
    assert "could not be parsed" in fake("zypper_repository", system, repo="/tmp/bad.repo")["msg"]
    assert fake("zypper_repository", system, repo="*", runrefresh=True)["changed"]
    assert refreshes(system) == ["--quiet --non-interactive refresh"] * 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"repo": "*"}, "runrefresh"),
        ({"name": "x"}, "needed for state=present"),
        ({"repo": "http://x"}, "is needed"),
        ({"state": "absent"}, "which repository"),
    ],
)
def test_refusals(options: dict[str, Any], message: str) -> None:
    assert message in fake("zypper_repository", machine(), **options)["msg"]

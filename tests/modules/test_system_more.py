"""Kernel modules, selections, alternatives, time zones, locales, booleans and repositories against fake machines."""

from typing import Any

import pytest

from orchestra.library.locate import load_file, packaged_folder
from orchestra.runner.parts.openpgp import keys_of, normalized
from orchestra.testing.fakesystem import FakeSystem

KEY = """-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEawR/qxYJKwYBBAHaRw8BAQdA5kLx54pPwzyjfY+zHFMDwBJYTMpChOrCYJ8A
mzmnAo60CW9yYyA8b0B4PoiWBBMWCAA+FiEEimt7wPGs7ljbBGJvn76ktmPqBxQF
AmsEf6sCGwMFCQPCZwAFCwkIBwIGFQoJCAsCBBYCAwECHgECF4AACgkQn76ktmPq
BxRNnwD/YoJhr8eLNeVabdwYv7/5UH+uvhoVPq0uzbJfs+W7kq8BAMORbNnzPPRh
l8u0P2NanBN5DQJpjc+wWV4lwkL4up4E
=c0hs
-----END PGP PUBLIC KEY BLOCK-----
"""
PRINT = "8A6B7BC0F1ACEE58DB04626F9FBEA4B663EA0714"


def module(name: str) -> Any:
    return load_file(str(packaged_folder() / f"{name}.py"))


def lines(system: FakeSystem) -> list[str]:
    return [" ".join(line) for line in system.commands]


def test_a_key_is_known_by_its_fingerprint() -> None:
    (key,) = keys_of(KEY.encode())
    assert key.fingerprint == PRINT
    assert key.answers_to(PRINT[-8:])
    assert keys_of(key.data)[0].fingerprint == PRINT
    assert [one.fingerprint for one in keys_of((KEY + KEY).encode())] == [PRINT, PRINT]
    assert normalized(" 0x63ea 0714") == "63EA0714"
    for wrong in ("xyz", "123", ""):
        with pytest.raises(ValueError, match="hexadecimal"):
            normalized(wrong)
    with pytest.raises(ValueError, match="not OpenPGP"):
        keys_of(b"hello")


def test_apt_key_adds_and_removes() -> None:
    system = FakeSystem(folders=("/etc/apt/trusted.gpg.d",))
    added = system.run(module("apt_key"), data=KEY)
    assert (added["changed"], added["short_id"]) == (True, PRINT[-8:])
    assert not system.run(module("apt_key"), id=PRINT[-16:])["changed"]
    assert "not " + "0" * 8 in system.run(module("apt_key"), data=KEY, id="0" * 8)["msg"]
    assert system.run(module("apt_key"), id=PRINT, state="absent")["after"] == []
    assert not system.exists(f"/etc/apt/trusted.gpg.d/{PRINT[-16:]}.gpg")
    assert "is needed to add a key" in system.run(module("apt_key"), id=PRINT)["msg"]


def test_rpm_key() -> None:
    answers = {"rpm -q gpg-pubkey": (0, "fd431d51\n63ea0715\n", ""), "rpm --erase": (0, "", "")}
    system = FakeSystem(files={"/tmp/key": KEY, "/tmp/bad": "x"}, answers=answers)
    rpm_key = module("rpm_key")
    assert system.run(rpm_key, key="/tmp/key")["changed"]
    assert not system.run(rpm_key, key="/tmp/key")["changed"]
    assert not system.run(rpm_key, key="FD431D51")["changed"]
    assert system.run(rpm_key, key="0xfd431d51", state="absent")["changed"]
    assert lines(system) == ["rpm --erase --allmatches gpg-pubkey-fd431d51"]
    assert "does not match" in system.run(rpm_key, key="/tmp/key", fingerprint="AB" * 20)["msg"]
    assert "Not a public key" in system.run(rpm_key, key="/tmp/bad")["msg"]
    assert "Not a valid key" in system.run(rpm_key, key="/tmp/none")["msg"]


def test_modprobe() -> None:
    system = FakeSystem(
        files={"/proc/modules": "br_netfilter 1 0\n"}, folders=("/etc",), answers={"modprobe": (0, "", "")}
    )
    modprobe = module("modprobe")
    assert not system.run(modprobe, name="br-netfilter")["changed"]
    assert system.run(modprobe, name="dummy", params="numdummies=2 x=1", persistent="present")["changed"]
    assert system.text("/etc/modules-load.d/dummy.conf") == "dummy\n"
    assert system.text("/etc/modprobe.d/dummy.conf") == "options dummy numdummies=2\noptions dummy x=1\n"
    assert system.run(modprobe, name="br_netfilter", state="absent")["changed"]
    assert lines(system) == ["modprobe dummy numdummies=2 x=1", "modprobe -r br_netfilter"]
    system.write("/etc/modules-load.d/all.conf", "dummy # mine\nother\n")
    assert system.run(modprobe, name="dummy", state="absent", persistent="absent")["changed"]
    assert system.text("/etc/modules-load.d/all.conf") == "#dummy # mine\nother\n"
    refused = FakeSystem(answers={"modprobe": (1, "", "modprobe: FATAL: Module nope not found\n")})
    assert "Module nope not found" in refused.run(modprobe, name="nope")["msg"]


def test_dpkg_selections() -> None:
    status = "Package: kubelet\nStatus: install ok installed\nVersion: 1\n\nPackage: held\nStatus: hold ok installed\n"
    system = FakeSystem(files={"/var/lib/dpkg/status": status}, answers={"dpkg --set-selections": (0, "", "")})
    selections = module("dpkg_selections")
    assert not system.run(selections, name="held", selection="hold")["changed"]
    result = system.run(selections, name="kubelet", selection="hold")
    assert (result["changed"], result["before"], result["after"]) == (True, "install", "hold")
    assert "Failed to find package 'none'" in system.run(selections, name="none", selection="hold")["msg"]


DISPLAY = """editor - auto mode
  link best version is /usr/bin/vim.basic
  link currently points to /bin/nano
  link editor is /usr/bin/editor
  slave editor.1.gz is /usr/share/man/man1/editor.1.gz
/bin/nano - priority 40
/usr/bin/vim.basic - priority 30
"""
RED_HAT = """java - status is manual.
 link currently points to /usr/lib/jvm/17/bin/java
/usr/lib/jvm/11/bin/java - family java-11 priority 1
/usr/lib/jvm/17/bin/java - priority 2
"""


@pytest.mark.parametrize(
    ("display", "options", "commands"),
    [
        (DISPLAY, {"name": "editor", "path": "/bin/nano"}, []),
        (DISPLAY, {"name": "editor", "path": "/usr/bin/vim.basic"}, ["--set editor /usr/bin/vim.basic"]),
        (
            DISPLAY,
            {"name": "editor", "path": "/usr/bin/emacs", "priority": 90, "state": "present"},
            ["--install /usr/bin/editor editor /usr/bin/emacs 90"],
        ),
        (
            "",
            {
                "name": "new",
                "path": "/opt/x",
                "link": "/usr/bin/new",
                "slaves": [{"name": "m", "path": "/p", "link": "/l"}],
            },
            ["--install /usr/bin/new new /opt/x 50 --slave /l m /p", "--set new /opt/x"],
        ),
        (DISPLAY, {"name": "editor", "path": "/bin/nano", "state": "auto"}, []),
        (DISPLAY, {"name": "editor", "path": "/bin/nano", "state": "absent"}, ["--remove editor /bin/nano"]),
        (DISPLAY, {"name": "editor", "path": "/bin/none", "state": "absent"}, []),
        (RED_HAT, {"name": "java", "path": "/usr/lib/jvm/17/bin/java"}, []),
        (RED_HAT, {"name": "java", "path": "/usr/lib/jvm/11/bin/java", "state": "auto"}, ["--auto java"]),
    ],
)
def test_alternatives(display: str, options: dict[str, Any], commands: list[str]) -> None:
    answers = {"update-alternatives": (0, "", ""), "update-alternatives --display": (0 if display else 2, display, "")}
    system = FakeSystem(programs=("update-alternatives",), answers=answers)
    result = system.run(module("alternatives"), **options)
    assert not result.get("failed"), result
    assert [line.partition(" ")[2] for line in lines(system)] == commands
    assert result["changed"] == bool(commands)


def test_alternatives_refusals() -> None:
    answers = {"update-alternatives --display": (2, "", "")}
    system = FakeSystem(programs=("update-alternatives",), answers=answers)
    assert "missing the link" in system.run(module("alternatives"), name="x", path="/y")["msg"]
    assert "not on this host" in FakeSystem().run(module("alternatives"), name="x", path="/y")["msg"]


def test_timezone() -> None:
    system = FakeSystem(files={"/usr/share/zoneinfo/Europe/Berlin": "TZ", "/etc/timezone": "Etc/UTC\n"})
    zone = module("timezone")
    assert system.run(zone, name="Europe/Berlin")["changed"]
    found = system.stat("/etc/localtime")
    assert found is not None
    assert found.target == "../usr/share/zoneinfo/Europe/Berlin"
    assert system.text("/etc/timezone") == "Europe/Berlin\n"
    assert not system.run(zone, name="Europe/Berlin")["changed"]
    assert "not available" in system.run(zone, name="Europe/Berln")["msg"]
    assert system.run(zone, hwclock="local")["changed"]
    assert system.text("/etc/adjtime").endswith("LOCAL\n")


CLOCK = """               Local time: Fri 2026-11-27 22:27:45 UTC
                Time zone: Etc/UTC (UTC, +0000)
          RTC in local TZ: no
"""


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"name": "Europe/Berlin"}, ["set-timezone Europe/Berlin"]),
        ({"name": "Etc/UTC", "hwclock": "UTC"}, []),
        ({"hwclock": "local"}, ["set-local-rtc yes"]),
    ],
)
def test_timezone_is_told_to_timedated_where_it_answers(options: dict[str, Any], told: list[str]) -> None:
    """Files that only others keep, as Debian's /etc/timezone, are left as timedated leaves them."""
    files = dict.fromkeys(("/usr/share/zoneinfo/Europe/Berlin", "/usr/share/zoneinfo/Etc/UTC", "/etc/timezone"), "TZ")
    answers = {"timedatectl status": (0, CLOCK, ""), "timedatectl": (0, "", "")}
    system = FakeSystem(files=files, programs=("timedatectl",), answers=answers)
    result = system.run(module("timezone"), **options)
    assert not result.get("failed"), result
    assert [" ".join(line[1:]) for line in system.commands] == told
    assert result["changed"] == bool(told)
    assert system.text("/etc/timezone") == "TZ"


def test_locale_gen() -> None:
    answers = {"locale -a": (0, "C\nen_US.utf8\n", ""), "locale-gen": (0, "", "")}
    files = {"/etc/locale.gen": "# de_DE.UTF-8 UTF-8\nen_US.UTF-8 UTF-8\n"}
    system = FakeSystem(files=files, programs=("locale-gen",), answers=answers)
    locale = module("locale_gen")
    assert not system.run(locale, name="en_US.UTF-8")["changed"]
    assert system.run(locale, name="de_DE.UTF-8")["changed"]
    assert system.text("/etc/locale.gen") == "de_DE.UTF-8 UTF-8\nen_US.UTF-8 UTF-8\n"
    assert system.run(locale, name="en_US.UTF-8", state="absent")["changed"]
    assert "# en_US.UTF-8 UTF-8" in system.text("/etc/locale.gen")
    assert "not available" in system.run(locale, name="xx_XX.UTF-8")["msg"]


def test_seboolean() -> None:
    files = {"/sys/fs/selinux/booleans/a": "0 0\0", "/var/lib/selinux/targeted/active/booleans.local": "# x\nb=1\n"}
    files["/sys/fs/selinux/booleans/b"] = "1 1"
    system = FakeSystem(files=files, answers={"setsebool": (0, "", "")})
    seboolean = module("seboolean")
    assert not system.run(seboolean, name="b", state=True, persistent=True)["changed"]
    assert system.run(seboolean, name="a", state=True, persistent=True)["changed"]
    assert system.run(seboolean, name="b", state=False)["changed"]
    assert lines(system) == ["setsebool -P a on", "setsebool b off"]
    assert "does not exist" in system.run(seboolean, name="c", state=True)["msg"]
    assert "SELinux is disabled" in FakeSystem().run(seboolean, name="a", state=True)["msg"]


def test_deb822_repository() -> None:
    system = FakeSystem(folders=("/etc/apt/sources.list.d",))
    options = {
        "name": "My Repo",
        "uris": "https://x/",
        "suites": "stable",
        "components": "main,extra",
        "enabled": False,
    }
    deb822 = module("deb822_repository")
    result = system.run(deb822, **options, signed_by=KEY)
    assert result["dest"] == "/etc/apt/sources.list.d/my-repo.sources"
    text = system.text(result["dest"])
    assert text.startswith(
        "Components: main extra\nEnabled: no\nX-Repolib-Name: My Repo\n"
        "Signed-By: \n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n m"
    )
    assert text.endswith("Suites: stable\nTypes: deb\nURIs: https://x/\n")
    assert not system.run(deb822, **options, signed_by=KEY)["changed"]
    assert "Signed-By: /k.asc\n" in system.run(deb822, **options, signed_by="/k.asc")["repo"]
    assert system.run(deb822, name="My Repo", state="absent")["changed"]
    assert not system.exists(result["dest"])
    assert "uris and suites" in system.run(deb822, name="x")["msg"]
    assert "neither a file" in system.run(deb822, **options, signed_by="what")["msg"]


def test_apt_repository_suggests_names_and_switches_comments_on() -> None:
    system = FakeSystem(
        files={"/etc/apt/sources.list": "deb http://a/ b main\n# deb http://c/  d   e # why\n"},
        folders=("/etc/apt/sources.list.d",),
    )
    repository = module("apt_repository")
    assert not system.run(repository, repo="deb   http://a/ b main", update_cache=False)["changed"]
    assert system.run(repository, repo="deb http://c/ d e", update_cache=False)["changed"]
    assert system.text("/etc/apt/sources.list").endswith("deb http://c/ d e\n")
    line = "deb [arch=amd64 signed-by=/k.asc] https://me:pw@download.docker.com/linux/debian bookworm stable"
    added = system.run(repository, repo=line, update_cache=False)["sources_added"]
    assert added == ["/etc/apt/sources.list.d/download_docker_com_linux_debian.list"]
    assert system.run(repository, repo=line, state="absent", update_cache=False)["sources_removed"] == added
    named = system.run(repository, repo=line, filename="docker", mode="0600", update_cache=False)
    assert named["sources_added"] == ["/etc/apt/sources.list.d/docker.list"]
    assert "Invalid repository" in system.run(repository, repo="http://x y")["msg"]


@pytest.mark.parametrize("manager", ["apk", "pacman", "zypper"])
def test_managers_as_modules(manager: str) -> None:
    answers = {manager: (0, "", ""), f"{manager} info -e": (1, "", ""), "pacman -Q": (1, "", ""), "rpm": (1, "", "")}
    system = FakeSystem(programs=(manager, "rpm"), answers=answers)
    assert system.run(module(manager), name="vim,git", update_cache=True)["changed"]
    assert lines(system)[-1].endswith("vim git")
    assert not system.run(module(manager), update_cache=True)["changed"]

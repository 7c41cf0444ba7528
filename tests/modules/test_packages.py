"""dnf, yum, apk, pacman and zypper against recorded answers; package finds which of them it is."""

from typing import Any

import pytest

from orchestra.library.locate import load_file, packaged_folder
from orchestra.testing.fakesystem import FakeSystem

dnf = load_file(str(packaged_folder() / "dnf.py"))
package = load_file(str(packaged_folder() / "package.py"))
package_facts = load_file(str(packaged_folder() / "package_facts.py"))

THERE = {"bash": "bash-5.1-6.el9.x86_64", "nginx": "nginx-1.20-1.el9.x86_64"}


def rpm(argv: list[str]) -> tuple[int, str, str]:
    """rpm -q, with and without --whatprovides."""
    if "--eval" in argv:
        one, other = argv[-1].split("'")[1::2]
        return 0, "1\n" if one > other else "-1\n", ""
    names = [word for word in argv[2:] if not word.startswith(("-", "%"))]
    if "--qf" in argv:
        return (0, "1.20\n", "") if names[-1] == "nginx" else (1, "package x is not installed\n", "")
    out, provides = "", "--whatprovides" in argv
    for name in names:
        if provides and name == "webserver":
            out += THERE["nginx"] + "\n"
        elif not provides and name in (*THERE, "nginx-1.20"):
            out += THERE[name.split("-")[0]] + "\n"
        else:
            out += f"no package provides {name}\n" if provides else f"package {name} is not installed\n"
    return 0, out, ""


def fake(check: bool = False, program: str = "dnf", **answers: Any) -> FakeSystem:
    recorded = {"rpm": rpm, program: (0, "Complete!\n", ""), f"{program} -y -q check-update": (0, "", "")}
    return FakeSystem(programs=(program, "rpm"), answers={**recorded, **answers}, check=check)


@pytest.mark.parametrize(
    ("options", "commands"),
    [
        ({"name": ["bash", "nginx"]}, []),
        ({"name": "webserver"}, []),
        ({"name": "nginx-1.20"}, []),
        ({"name": "bash,vim"}, ["dnf -y install vim"]),
        (
            {"name": "vim", "state": "installed", "enablerepo": "epel,extra"},
            ["dnf -y --enablerepo=epel --enablerepo=extra install vim"],
        ),
        ({"name": "nginx-1.18"}, []),
        ({"name": "nginx-1.18", "allow_downgrade": True}, ["dnf -y downgrade nginx-1.18"]),
        ({"name": "nginx-1.22"}, ["dnf -y install nginx-1.22"]),
        ({"name": "@Development tools"}, ["dnf -y install @Development tools"]),
        ({"name": "https://x/y.rpm", "disable_gpg_check": True}, ["dnf -y --nogpgcheck install https://x/y.rpm"]),
        ({"name": "nginx", "state": "latest"}, []),
        ({"name": "vim", "state": "latest", "update_only": True}, []),
        ({"name": ["vim"], "state": "latest"}, ["dnf -y install vim"]),
        ({"name": "nginx", "state": "removed"}, ["dnf -y remove nginx"]),
        ({"name": "vim", "state": "absent"}, []),
        ({"name": "nginx", "state": "absent", "autoremove": True}, ["dnf -y autoremove nginx"]),
        ({"autoremove": True}, ["dnf -y autoremove"]),
        ({"update_cache": True}, ["dnf -y --refresh makecache"]),
        ({"name": "vim", "update_cache": True, "nobest": True}, ["dnf -y --refresh --nobest install vim"]),
    ],
)
def test_dnf(options: dict[str, Any], commands: list[str]) -> None:
    system = fake()
    result = system.run(dnf, **options)
    assert not result.get("failed"), result
    assert [" ".join(line) for line in system.commands] == commands
    assert result["changed"] == any("makecache" not in line for line in commands)
    assert result["rc"] == 0


def test_dnf_latest_upgrades_what_has_news() -> None:
    system = fake(**{"dnf -y -q check-update": (100, "nginx.x86_64 1.22 base\n", "")})
    assert system.run(dnf, name=["nginx", "vim"], state="latest")["changed"]
    assert [line[2:] for line in system.commands] == [["install", "vim"], ["upgrade", "nginx"]]
    assert system.run(dnf, name="*", state="latest")["changed"]
    assert system.commands[-1] == ["dnf", "-y", "upgrade"]


def test_dnf_failures_have_ansibles_names() -> None:
    system = fake(dnf=(1, "", "No match for argument: vimm\nError: Unable to find a match: vimm\n"))
    result = system.run(dnf, name="vimm")
    assert result["msg"] == "Failed to install some of the specified packages: No package vimm available."
    assert (result["failures"], result["rc"]) == (["No package vimm available."], 1)
    system = fake(dnf=(1, "", "Error: \n Problem: conflicting requests\n  - nothing provides libx needed by vim\n"))
    assert "nothing provides libx" in system.run(dnf, name="vim")["msg"]
    assert "neither dnf nor yum" in FakeSystem().run(dnf, name="vim")["msg"]


def test_dnf_check_mode_asks_and_declines() -> None:
    system = fake(check=True, **{"dnf --assumeno": (1, "Install 1 Package\n", "Operation aborted.\n")})
    assert system.run(dnf, name="vim")["changed"]
    assert system.ran[-1] == ["dnf", "--assumeno", "install", "vim"]
    assert not system.run(dnf, name="vim")["changed"]
    assert system.commands == []


def test_yum_has_no_refresh() -> None:
    system = fake(program="yum")
    system.run(dnf, name="vim", update_cache=True)
    assert system.commands == [["yum", "-y", "install", "vim"]]


MANAGERS = {
    "apk": {
        "apk info -e vim": (1, "", ""),
        "apk info -e bash": (0, "bash", ""),
        "apk version": (0, "bash-5.1\nbash\n", ""),
    },
    "pacman": {"pacman -Q vim": (1, "", ""), "pacman -Q bash": (0, "bash 5", ""), "pacman -Quq": (0, "bash\n", "")},
    "zypper": {
        "rpm -q --whatprovides vim": (1, "", ""),
        "rpm -q --whatprovides bash": (0, "bash-5", ""),
        "zypper --quiet --non-interactive list-updates": (
            0,
            "S | Repo | Name\n--+--+--\nv | main | bash | 5 | 6\n",
            "",
        ),
    },
}


@pytest.mark.parametrize(
    ("manager", "options", "commands"),
    [
        ("apk", {"name": "vim,bash", "state": "present"}, ["apk add vim"]),
        ("apk", {"name": "bash", "state": "latest", "update_cache": True}, ["apk update", "apk add --upgrade bash"]),
        ("apk", {"name": "bash", "state": "absent", "purge": True}, ["apk del --purge bash"]),
        ("pacman", {"name": ["vim"], "state": "present"}, ["pacman -S --noconfirm --needed vim"]),
        ("pacman", {"name": ["vim"], "state": "absent"}, []),
        ("pacman", {"name": "*", "state": "latest"}, ["pacman -Su --noconfirm"]),
        (
            "zypper",
            {"name": "bash", "state": "latest"},
            ["zypper --quiet --non-interactive update --auto-agree-with-licenses bash"],
        ),
        ("zypper", {"name": "bash", "state": "removed"}, ["zypper --quiet --non-interactive remove bash"]),
    ],
)
def test_other_managers(manager: str, options: dict[str, Any], commands: list[str]) -> None:
    answers = {manager: (0, "", ""), **MANAGERS[manager]}
    system = FakeSystem(programs=(manager, "rpm"), answers=answers)
    result = system.run(package, use=manager, **options)
    assert not result.get("failed"), result
    assert [" ".join(line) for line in system.commands] == commands
    assert result["changed"] == any("apk update" not in line for line in commands)


def test_package_gives_the_managers_options_and_their_mistakes() -> None:
    system = fake()
    assert system.run(package, name="vim", state="present", use="ansible.builtin.dnf", disablerepo="x")["changed"]
    assert system.commands == [["dnf", "-y", "--disablerepo=x", "install", "vim"]]
    assert (
        "disablerep: is not an option"
        in fake().run(package, name="vim", state="present", use="dnf", disablerep="x")["msg"]
    )
    assert "emerge is not handled" in fake().run(package, name="vim", state="present", use="emerge")["msg"]


def test_package_facts_of_each_kind() -> None:
    status = "Package: a\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\nSection: admin\n\n"
    status += "Package: dpkg\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2\n\n"
    status += "Package: a\nStatus: install ok installed\nArchitecture: i386\nVersion: 3\n\n"
    status += "Package: gone\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 2\n"
    debian = FakeSystem(files={"/var/lib/dpkg/status": status}).run(package_facts)["ansible_facts"]["packages"]
    assert sorted(debian) == ["a", "a:i386", "dpkg"]
    assert debian["a"] == [
        {"name": "a", "version": "1", "arch": "amd64", "category": "admin", "origin": "", "source": "apt"}
    ]
    answers = {"rpm -qa": (0, "kernel\t5\t1\t(none)\tx86_64\nkernel\t6\t1\t2\tx86_64\n", "")}
    red = FakeSystem(programs=("rpm",), answers=answers).run(package_facts)["ansible_facts"]["packages"]
    assert [(one["version"], one["epoch"]) for one in red["kernel"]] == [("5", None), ("6", 2)]
    alpine = FakeSystem(files={"/lib/apk/db/installed": "P:musl\nV:1.2.4-r2\nA:x86_64\n\n"})
    found = alpine.run(package_facts)["ansible_facts"]["packages"]
    assert found["musl"][0] == {"name": "musl", "version": "1.2.4", "release": "r2", "arch": "x86_64", "source": "apk"}
    arch = FakeSystem(files={"/var/lib/pacman/local/vim-9/desc": "%NAME%\nvim\n\n%VERSION%\n9-1\n\n%ARCH%\nx86_64\n"})
    assert arch.run(package_facts)["ansible_facts"]["packages"]["vim"][0]["version"] == "9-1"
    assert "Could not detect" in FakeSystem().run(package_facts)["msg"]
    assert "there are: auto, apt" in FakeSystem().run(package_facts, manager="brew")["msg"]

"""apt against a recorded dpkg database and recorded answers of apt's programs."""

from typing import Any

import pytest

from orchestra.library.locate import load_file, packaged_folder
from orchestra.runner.plan import carry_out
from orchestra.testing.fakesystem import FakePerformer, FakeSystem

apt = load_file(str(packaged_folder() / "apt.py"))

STATUS = """Package: nginx
Status: install ok installed
Architecture: amd64
Version: 1.22.1-9
Provides: httpd, httpd-cgi

Package: libc6
Status: install ok installed
Architecture: amd64
Version: 2.36-9

Package: libc6
Status: install ok installed
Architecture: i386
Version: 2.36-8

Package: oldconf
Status: deinstall ok config-files
Architecture: all
Version: 1.0

Package: half
Status: install ok half-configured
Architecture: all
Version: 1.0
"""
POLICY = """nginx:
  Installed: 1.22.1-9
  Candidate: 1.24.0-1
  Version table:
vim:
  Installed: (none)
  Candidate: 9.0
"""
INSTALLED = "0 upgraded, 1 newly installed, 0 to remove and 0 not upgraded.\n"


def fake(check: bool = False, diff: bool = False, **answers: Any) -> FakeSystem:
    recorded = {
        "apt-get": (0, INSTALLED, ""),
        "apt-cache": (0, POLICY, ""),
        "dpkg --compare-versions": lambda argv: (0 if compare(*argv[2:]) else 1, "", ""),
        "apt-mark": (0, "", ""),
    }
    return FakeSystem(
        files={"/var/lib/dpkg/status": STATUS, "/var/lib/apt/lists/x": ""},
        programs=("apt-get", "apt-cache", "apt-mark", "dpkg"),
        answers={**recorded, **{name.replace("__", " ").replace("_", "-"): one for name, one in answers.items()}},
        check=check,
        diff=diff,
    )


def compare(one: str, relation: str, other: str) -> bool:
    return {"gt": one > other, "ge": one >= other}[relation]


def test_what_is_installed_costs_no_process() -> None:
    system = fake()
    assert not system.run(apt, name=["nginx", "libc6:i386", "nginx=1.22*"][:2])["changed"]
    assert system.ran == []


def test_only_what_is_missing_is_installed() -> None:
    system = fake()
    result = system.run(apt, name="nginx,vim,tree", default_release="stable", install_recommends=False)
    assert result["changed"]
    line = system.commands[0]
    assert line[-3:] == ["install", "vim", "tree"]
    assert line[:4] == ["apt-get", "-q", "-y", "-o"]
    assert "Dpkg::Options::=--force-confold" in line
    assert line[line.index("-t") + 1] == "stable"
    assert "APT::Install-Recommends=no" in line


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"name": "nginx=1.18"}, ["install", "nginx=1.18"]),
        ({"name": "nginx=1.2*"}, ["install", "nginx=1.2*"]),  # a wildcard looks for a newer version, too
        ({"name": "nginx>=1.20"}, None),
        ({"name": "nginx>=1.23"}, ["install", "nginx=1.24.0-1"]),
        ({"name": "nginx", "state": "latest"}, ["install", "nginx"]),
        ({"name": "vim", "state": "latest", "only_upgrade": True}, None),
        ({"name": "httpd-cgi"}, None),
        ({"name": "oldconf"}, ["install", "oldconf"]),
        ({"name": "half"}, ["install", "half"]),
        ({"name": "oldconf", "state": "absent"}, None),
        ({"name": "oldconf", "state": "absent", "purge": True}, ["--purge", "remove", "oldconf"]),
        ({"name": "half", "state": "absent"}, ["remove", "half"]),
        ({"name": "ng*", "state": "absent"}, ["remove", "nginx"]),
        ({"name": "nginx=9.9", "state": "absent"}, None),
        ({"name": "x", "state": "build-dep"}, ["build-dep", "x"]),
        ({"state": "fixed"}, ["--fix-broken", "install"]),
        ({"upgrade": "dist", "force": True}, ["--allow-remove-essential", "dist-upgrade"]),
        ({"upgrade": "yes", "autoremove": True}, ["--auto-remove", "upgrade", "--with-new-pkgs"]),
        ({"name": "*", "state": "latest"}, ["upgrade", "--with-new-pkgs"]),
        ({"name": ""}, None),
    ],
)
def test_states_and_versions(options: dict[str, Any], words: list[str] | None) -> None:
    system = fake()
    result = system.run(apt, **options)
    assert not result.get("failed"), result
    assert [line[-len(words or []) :] for line in system.commands] == ([words] if words else [])


def test_nothing_is_changed_where_apt_says_so() -> None:
    system = fake(apt_get=(0, "x\n0 upgraded, 0 newly installed, 0 to remove and 3 not upgraded.\n", ""))
    assert not system.run(apt, upgrade="dist")["changed"]
    assert not system.run(apt, name="vim")["changed"]


def test_a_package_asked_for_is_kept_from_autoremove() -> None:
    system = fake()
    system.write("/var/lib/apt/extended_states", "\nPackage: nginx\nArchitecture: amd64\nAuto-Installed: 1\n\n")
    assert not system.run(apt, name="nginx")["changed"]
    assert system.commands == [["apt-mark", "manual", "nginx"]]


def test_lists_are_fetched_when_they_are_old() -> None:
    system = fake()
    result = system.run(apt, cache_valid_time=3600)
    assert [line[-1] for line in system.commands] == [] or result["cache_update_time"] >= 0
    assert system.ran[0] == ["apt-get", "-q", "update"]


def test_fetching_is_tried_again_and_then_fails_with_the_reason() -> None:
    system = fake(apt_get=(0, "", "W: Failed to fetch http://x/InRelease  Could not resolve 'x'\n"))
    started = system.clock
    result = system.run(apt, update_cache=True, update_cache_retries=3)
    assert result["msg"].startswith("Failed to update apt cache after 3 retries: Failed to fetch http://x/InRelease")
    assert system.clock - started == 3
    assert len(system.ran) == 3


def test_waiting_for_the_lock_ends_with_its_holder() -> None:
    err = "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 123 (unattended-upgr)\n"
    system = fake(apt_get=(100, "", err))
    result = system.run(apt, name="vim", lock_timeout=20)
    assert result["msg"] == (
        "another package manager holds the lock and did not release it within lock_timeout=20 s: "
        "process 123 (unattended-upgr)"
    )


def test_the_lock_is_waited_for() -> None:
    answers = iter([(100, "", "E: Unable to acquire the dpkg frontend lock\n")] * 2 + [(0, INSTALLED, "")])
    system = fake(apt_get=lambda argv: next(answers))
    assert system.run(apt, name="vim")["changed"]


UNMET = "The following packages have unmet dependencies:\n vim : Depends: libx (>= 2) but 1 is to be installed\n"


@pytest.mark.parametrize(
    ("out", "err", "message"),
    [
        ("", "E: Unable to locate package vimm\n", "No package matching 'vimm' is available, did you mean vim?"),
        (
            "",
            "E: Version '3' for 'vim' was not found\n",
            "no available installation candidate for vim=3; available: 9.0, 8.2",
        ),
        (
            UNMET,
            "E: Unable to correct problems, you have held broken packages.\n",
            "Unable to correct problems, you have held broken packages. "
            "(vim : Depends: libx (>= 2) but 1 is to be installed)",
        ),
        (
            "Setting up vim\n",
            "dpkg: error processing package vim (--configure):\n subprocess returned error exit status 1\n"
            "E: Sub-process /usr/bin/dpkg returned an error code (1)\n",
            "package vim (--configure): subprocess returned error exit status 1",
        ),
        ("", "E: Held packages were changed and -y was used\n", "Held packages were changed and -y was used"),
        ("", "", "apt-get ended with 100"),
        (
            "",
            "E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?\n",
            "Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?",
        ),
    ],
)
def test_failures_begin_with_their_cause(out: str, err: str, message: str) -> None:
    system = fake(
        apt_get=(100, out, err),
        apt_cache__pkgnames=(0, "vim\nvim-tiny-extra-long\n", ""),
        apt_cache__madison=(0, " vim | 9.0 | x\n vim | 8.2 | x\n", ""),
    )
    result = system.run(apt, name="vim=3" if "Version" in err else "vimm" if "vimm" in err else "vim")
    assert result["failed"]
    assert result["msg"] == message
    assert result["rc"] == 100


def test_check_mode_foretells_packages_and_shows_the_plan() -> None:
    out = (
        "The following NEW packages will be installed:\n  vim vim-common\n0 upgraded, 2 newly installed, 0 to remove\n"
        "Inst vim-common (9.0 Debian:12 [all])\nInst vim (9.0 Debian:12 [amd64])\nRemv nano [7.2]\n"
    )
    system = fake(check=True, diff=True, apt_get=(0, out, ""))
    result = carry_out(apt, {"name": "vim"}, CheckPerformer(system))
    assert result["changed"]
    assert system.ran[0][:2] == ["apt-get", "--simulate"]
    assert result["diff"]["prepared"].startswith("The following NEW packages will be installed:")
    assert system.foreseen("package", "vim-common") == {"version": "9.0"}
    assert system.foreseen("package", "nano") is None
    again = carry_out(apt, {"name": ["vim", "vim-common"]}, CheckPerformer(system))
    assert not again["changed"]


def test_check_mode_trusts_a_repository_that_is_not_there_yet() -> None:
    system = fake(check=True, apt_get=(100, "", "E: Unable to locate package docker-ce\n"))
    refused = carry_out(apt, {"name": "docker-ce"}, CheckPerformer(system))
    assert refused["failed"]
    system.write("/etc/apt/sources.list.d/docker.list", "deb x y z\n")
    assert carry_out(apt, {"name": "docker-ce"}, CheckPerformer(system))["changed"]


class CheckPerformer(FakePerformer):
    """Foretells, as the runner does in check mode."""


def test_files_need_a_present_state_and_a_package() -> None:
    system = fake(dpkg_deb=(0, "Package: nginx\nVersion: 1.22.1-9\nArchitecture: amd64\n", ""))
    system.write("/tmp/a.deb", b"")
    system.write("/usr/bin/dpkg-deb", b"", 0o755)
    assert system.run(apt, deb="/tmp/a.deb", state="latest")["msg"] == "deb only supports state=present"
    system.answers["dpkg-deb"] = (0, "Package: nginx\nVersion: 1.22.1-9\nArchitecture: amd64\n", "")
    assert not system.run(apt, deb="/tmp/a.deb")["changed"]
    system.answers["dpkg-deb"] = (0, "Package: nginx\nVersion: 1.23\nArchitecture: amd64\n", "")
    assert system.run(apt, deb="/tmp/a.deb")["changed"]
    assert system.commands[-1][-2:] == ["install", "/tmp/a.deb"]
    system.answers["dpkg-deb"] = (2, "", "dpkg-deb: error: not a Debian format archive\n")
    assert "is not a Debian package" in system.run(apt, deb="/tmp/a.deb")["msg"]


def test_a_machine_without_dpkg_is_told() -> None:
    assert "not a machine with dpkg" in FakeSystem().run(apt, name="x")["msg"]


def test_tidying_counts_only_what_went() -> None:
    system = fake(apt_get__autoclean=(0, "", ""), apt_get=(0, "Reading...\n", ""))
    assert not system.run(apt, autoremove=True)["changed"]
    system = fake(apt_get=(0, "The following packages will be REMOVED:\n  x\n", ""))
    assert system.run(apt, autoremove=True, purge=True)["changed"]
    assert system.commands[0][-2:] == ["autoremove", "--purge"]

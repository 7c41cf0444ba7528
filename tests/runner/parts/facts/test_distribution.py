"""Distributions by their files in /etc; the expected facts are what ansible-core 2.19 gives for the same files."""

import json
from pathlib import Path

import pytest

from orchestra.runner.parts.facts.distribution import distribution, family_of
from orchestra.runner.parts.facts.software import lsb, pkg_mgr, service_mgr
from orchestra.runner.parts.facts.source import Source

RECORDED = sorted((Path(__file__).parent / "distributions").glob("*.json"))


def tree(root: Path, files: dict[str, str]) -> Source:
    """A source over a folder with these files."""
    for name, text in files.items():
        path = root / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Source(str(root))


@pytest.mark.parametrize("path", RECORDED, ids=[path.stem for path in RECORDED])
def test_recorded_distribution(path: Path, tmp_path: Path) -> None:
    recorded = json.loads(path.read_text(encoding="utf-8"))
    files = dict(recorded["files"])
    files["/usr/lib/os-release"] = files["/etc/os-release"]
    source = tree(tmp_path, files)
    found = distribution(source, {})
    expected = dict(recorded["facts"])
    expected_lsb = expected.pop("lsb", None)
    assert found == expected
    if expected_lsb:
        assert lsb(source, found)["lsb"] == expected_lsb


def test_debian_family_has_lsb_without_the_program(tmp_path: Path) -> None:
    source = tree(tmp_path, json.loads((RECORDED[0].parent / "debian-12.json").read_text())["files"])
    assert lsb(source, distribution(source, {}))["lsb"] == {
        "id": "Debian",
        "release": "12",
        "major_release": "12",
        "codename": "bookworm",
        "description": "Debian GNU/Linux 12 (bookworm)",
    }


def test_sles_for_sap_is_known_by_its_product(tmp_path: Path) -> None:
    text = 'NAME="SLES"\nVERSION="15-SP4"\nVERSION_ID="15.4"\nID="sles"\nID_LIKE="suse"\nX="SUSE Linux Enterprise"\n'
    source = tree(tmp_path, {"/etc/os-release": text})
    (tmp_path / "etc/products.d").mkdir()
    (tmp_path / "etc/products.d/baseproduct").symlink_to("SLES_SAP.prod")
    assert distribution(source, {})["distribution"] == "SLES_SAP"


def test_an_unknown_distribution_keeps_its_own_name(tmp_path: Path) -> None:
    source = tree(tmp_path, {"/etc/os-release": 'NAME="My Linux"\nVERSION="7 final"\nID=mine\n'})
    found = distribution(source, {})
    assert (found["distribution"], found["distribution_version"], found["os_family"]) == (
        "My Linux",
        "7 final",
        "My Linux",
    )


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("Rocky", "RedHat"),
        ("Linux Mint", "Debian"),
        ("openSUSE Leap", "Suse"),
        ("Kylin Linux Advanced Server", "RedHat"),
        ("Alpine", "Alpine"),
    ],
)
def test_family(name: str, family: str) -> None:
    assert family_of(name) == family


@pytest.mark.parametrize(
    ("family", "files", "manager"),
    [
        ("Debian", ["/usr/bin/apt-get", "/usr/bin/zypper"], "apt"),
        ("RedHat", ["/usr/bin/dnf"], "dnf"),
        ("RedHat", ["/usr/bin/dnf5"], "unknown"),
        ("RedHat", ["/usr/bin/yum"], "yum"),
        ("RedHat", ["/usr/bin/dnf", "/run/ostree-booted"], "atomic_container"),
        ("Suse", ["/usr/bin/zypper"], "zypper"),
        ("Alpine", ["/sbin/apk"], "apk"),
        ("Archlinux", ["/usr/bin/pacman"], "pacman"),
        ("Altlinux", ["/usr/bin/apt-get"], "apt_rpm"),
        ("Other", [], "unknown"),
    ],
)
def test_package_manager(family: str, files: list[str], manager: str, tmp_path: Path) -> None:
    source = tree(tmp_path, dict.fromkeys(files, ""))
    assert pkg_mgr(source, {"os_family": family}) == {"pkg_mgr": manager}


def test_dnf5_is_known_by_what_dnf_leads_to(tmp_path: Path) -> None:
    source = tree(tmp_path, {"/usr/bin/dnf5": ""})
    (tmp_path / "usr/bin/dnf").symlink_to("dnf5")
    assert pkg_mgr(source, {"os_family": "RedHat"}) == {"pkg_mgr": "dnf5"}


@pytest.mark.parametrize(
    ("files", "manager"),
    [
        ({"/proc/1/comm": "systemd\n"}, "systemd"),
        ({"/proc/1/comm": "runit-init\n"}, "runit"),
        ({"/proc/1/comm": "init\n", "/sbin/openrc": ""}, "openrc"),
        ({"/proc/1/comm": "bash\n", "/etc/init.d/ssh": ""}, "sysvinit"),
        ({"/proc/1/comm": "init\n", "/run/systemd/system/x": "", "/bin/systemctl": ""}, "systemd"),
        ({}, "service"),
    ],
)
def test_service_manager(files: dict[str, str], manager: str, tmp_path: Path) -> None:
    assert service_mgr(tree(tmp_path, files), {}) == {"service_mgr": manager}

"""Modules that need a package first, on real hosts: what they keep has its effect."""

from pathlib import Path

import pytest

from tests.fleet import debian
from tests.fleet.fleet import Fleet
from tests.fleet.image import FleetError
from tests.fleet.machine import Machine
from tests.fleet.modulehost import ModuleHost


@pytest.fixture(scope="module")
def debs(fleet: Fleet) -> Path:
    try:
        return debian.download(fleet.image, fleet.folder, ("ufw", "acl"))
    except FleetError as problem:
        pytest.skip(f"Debian's packages can not be downloaded: {problem}")


@pytest.fixture
def host(machine: Machine, debs: Path) -> ModuleHost:
    debian.add(machine, debs)
    machine.run("apt-get", "install", "--yes", "ufw", "acl")
    return ModuleHost(machine)


def tuples(machine: Machine) -> list[str]:
    lines = machine.run("cat", "/etc/ufw/user.rules").stdout.splitlines()
    return [line.removeprefix("### tuple ### ") for line in lines if line.startswith("### tuple")]


def test_a_firewalls_rules(host: ModuleHost) -> None:
    host.settle("ufw", rule="allow", port="22", proto="tcp")
    host.settle("ufw", rule="limit", port="22", proto="tcp", comment="not too often")
    host.settle("ufw", rule="deny", src="10.0.0.0/8", port="80", insert=1, log=True)
    host.settle("ufw", rule="allow", name="OpenSSH")
    host.settle("ufw", rule="allow", name="OpenSSH", delete=True)
    host.settle("ufw", rule="allow", route=True, interface_in="host0", interface_out="lo")
    first, second, third = tuples(host.machine)
    assert first == "deny_log any 80 0.0.0.0/0 any 10.0.0.0/8 in"
    assert second.startswith("limit tcp 22 0.0.0.0/0 any 0.0.0.0/0 in comment=")
    assert third.startswith("route:allow any any")
    host.settle("ufw", policy="reject", direction="incoming")
    host.settle("ufw", logging="high")
    assert 'DEFAULT_INPUT_POLICY="REJECT"' in host.machine.run("cat", "/etc/default/ufw").stdout
    assert host.run("ufw", state="reset")["changed"]
    assert tuples(host.machine) == []


def test_a_firewall_works_and_is_switched_off(host: ModuleHost) -> None:
    if host.machine.run("iptables", "-L", check=False).returncode:
        pytest.skip("the kernel has no nf_tables for its guests")
    host.settle("ufw", rule="allow", port="22")
    result = host.settle("ufw", state="enabled", policy="deny")
    assert result["msg"].startswith("Status: active")
    assert host.run("ufw", state="reloaded")["changed"]
    host.settle("ufw", state="disabled")


def test_a_limit_holds_at_the_next_login(host: ModuleHost) -> None:
    host.settle("pam_limits", domain="daemon", limit_type="-", limit_item="nofile", value="123")
    assert host.machine.run("su", "-s", "/bin/sh", "daemon", "-c", "ulimit -n").stdout.strip() == "123"


def test_a_list_lets_one_more_read(host: ModuleHost) -> None:
    secret = host.machine.root / "srv/secret"
    secret.write_text("known")
    secret.chmod(0o600)
    host.settle("acl", path="/srv/secret", state="present", entity="daemon", etype="user", permissions="r")
    assert host.machine.run("cat", "/srv/secret", user="daemon").stdout == "known"
    host.settle("acl", path="/srv/secret", state="absent", entity="daemon", etype="user")
    assert host.machine.run("cat", "/srv/secret", user="daemon", check=False).returncode


def test_an_archive_unpacks_again(host: ModuleHost) -> None:
    host.settle("archive", path=["/etc/default"], dest="/srv/default.tar.xz", format="xz")
    assert host.run("unarchive", src="/srv/default.tar.xz", dest="/srv", remote_src=True)["changed"]
    host.machine.run("diff", "-r", "/etc/default", "/srv/default")

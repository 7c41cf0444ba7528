"""The playbooks that come with the product, on real hosts: a check run foretells, a second run changes nothing."""

import json
import os
import re
import select
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.fleet import debian
from tests.fleet.accounts import DEPLOY
from tests.fleet.fleet import Fleet
from tests.fleet.image import FleetError
from tests.fleet.machine import Machine

PROJECT = Path(__file__).parent.parent.parent
PACKAGES = ("nginx", "unattended-upgrades", "nftables", "tzdata")
PEOPLE = [
    {"name": "ada", "comment": "Ada Lovelace", "ssh_keys": ["{key}"], "admin": True},
    {"name": "grace", "groups": ["adm", "readers"]},
]


@dataclass(frozen=True, slots=True)
class Run:
    """How one run of orchestra ended: status, what it printed, and each host's recap."""

    status: int
    text: str

    def counts(self, host: str) -> dict[str, int]:
        found = re.search(rf"^{host} : (.*)$", self.text, re.MULTILINE)
        assert found, self.text
        return {name: int(number) for name, number in (word.split("=") for word in found[1].split())}


def finish(process: "subprocess.Popen[str]") -> Run:
    """Wait for a run's end."""
    with process:
        text, _ = process.communicate(timeout=300)
    return Run(process.returncode, text)


class Hosts:
    """Three clean hosts with Debian's packages within reach, and orchestra to configure them."""

    def __init__(self, fleet: Fleet, machines: Sequence[Machine], extra: Path) -> None:
        self._fleet = fleet
        self.machines = machines
        self._extra = extra

    def start(self, playbook: str, *options: str) -> "subprocess.Popen[str]":
        """Begin a run on the hosts."""
        command = [sys.executable, "-m", "orchestra", "play", "--output", "lines"]
        command += ["-i", str(self._fleet.inventory), "-i", str(self._extra)]
        command += ["--limit", ",".join(machine.name for machine in self.machines), *options, f"playbooks/{playbook}"]
        return subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def play(self, playbook: str, *options: str) -> Run:
        """A whole run on the hosts."""
        return finish(self.start(playbook, *options))

    def boot_again(self, machine: Machine) -> None:
        """What a reboot comes to here: when the host's init has ended it is started anew."""
        ended = os.pidfd_open(machine.leader)
        try:
            assert select.select([ended], [], [], 120)[0], "the host did not go down"
        finally:
            os.close(ended)
        self._fleet.reset([machine])

    def settle(self, playbook: str, *options: str) -> None:
        """A check run foretells changes and makes none; a run makes them; one more finds nothing to do."""
        check = self.play(playbook, "--check", *options)
        assert check.status == 0, check.text
        first = self.play(playbook, *options)
        assert first.status == 0, first.text
        second = self.play(playbook, *options)
        assert second.status == 0, second.text
        for machine in self.machines:
            assert check.counts(machine.name)["changed"], check.text
            assert first.counts(machine.name)["changed"], first.text
            assert second.counts(machine.name)["changed"] == 0, second.text


@pytest.fixture(scope="module")
def debs(fleet: Fleet) -> Path:
    try:
        return debian.download(fleet.image, fleet.folder, PACKAGES)
    except FleetError as problem:
        pytest.skip(f"Debian's packages can not be downloaded: {problem}")


@pytest.fixture
def hosts(fleet: Fleet, machines: tuple[Machine, ...], debs: Path, tmp_path: Path) -> Iterator[Hosts]:
    for machine in machines:
        debian.add(machine, debs)
    key = " ".join(fleet.client_key.with_suffix(".pub").read_text().split()[:2])
    people = json.loads(json.dumps(PEOPLE).replace("{key}", key))
    extra = tmp_path / "hosts.yml"
    extra.write_text(json.dumps(_inventory(machines, people)), encoding="utf-8")
    yield Hosts(fleet, machines, extra)


def _inventory(machines: Sequence[Machine], people: list[dict[str, Any]]) -> dict[str, Any]:
    variables = {
        "ansible_user": DEPLOY.name,
        "people": people,
        "people_gone": ["fishuser"],
        "clock_zone": "Europe/Berlin",
        "housekeeping_hostname": "{{ inventory_hostname }}",
    }
    return {"all": {"vars": variables}, "web": {"hosts": {machine.name: {} for machine in machines}}}


def test_baseline_settles_and_lets_people_in(hosts: Hosts) -> None:
    machine = hosts.machines[0]
    firewall = machine.run("iptables", "-L", check=False).returncode == 0  # the kernel has nf_tables for its guests
    hosts.settle("baseline.yml", "-e", json.dumps({"firewall_enabled": firewall}))
    assert machine.run("sudo", "-n", "id", "-u", user="ada").stdout == "0\n"
    assert "readers" in machine.run("id", "-nG", "grace").stdout.split()
    assert machine.run("id", "fishuser", check=False).returncode == 1
    assert "passwordauthentication no" in machine.run("sshd", "-T").stdout
    assert machine.run("sysctl", "-n", "net.ipv4.conf.all.accept_redirects").stdout == "0\n"
    assert "CE" in machine.run("date", "+%Z").stdout
    assert machine.run("systemctl", "is-enabled", "apt-daily-upgrade.timer").stdout == "enabled\n"


def test_baseline_refuses_to_lock_everybody_out(hosts: Hosts) -> None:
    run = hosts.play("baseline.yml", "-e", '{"people": [{"name": "ada"}]}')
    assert run.status == 2
    assert "set `people` in group_vars/all" in run.text
    assert hosts.machines[0].run("id", "ada", check=False).returncode == 1


def test_web_settles_host_by_host(hosts: Hosts) -> None:
    hosts.settle("web.yml")
    for machine in hosts.machines:
        page = machine.run("curl", "-s", "-H", "Host: www.example.org", "http://127.0.0.1/").stdout
        assert f"Served by {machine.name}" in page
        message = machine.run("curl", "-s", "-H", "Host: www.example.org", "http://127.0.0.1/api/message").stdout
        assert json.loads(message) == {"message": "Hello from the service"}
    changed = hosts.play("web.yml", "--tags", "site", "-e", "web_title=Changed")
    assert [changed.counts(machine.name)["changed"] for machine in hosts.machines] == [1, 1, 1]


def test_web_stops_at_the_first_host_that_is_ill(hosts: Hosts) -> None:
    first = hosts.machines[0].name
    run = hosts.play("web.yml", "-e", "backend_port=80")  # not for an ordinary user: the backend can not start
    assert run.status == 2, run.text
    assert run.counts(first)["failed"] == 1
    for machine in hosts.machines[1:]:
        assert machine.run("id", "backend", check=False).returncode == 1


def test_patch_updates_once_and_looks_after(hosts: Hosts) -> None:
    for machine in hosts.machines:
        machine.run("apt-get", "install", "--yes", "fleet-hello=1.0")
    hosts.settle("patch.yml")
    for machine in hosts.machines:
        assert machine.run("cat", "/usr/share/fleet-hello/greeting").stdout == "hello 2.0\n"


def test_patch_leaves_the_rest_alone_when_a_host_is_ill(hosts: Hosts) -> None:
    for machine in hosts.machines:
        machine.run("apt-get", "install", "--yes", "fleet-hello=1.0")
    # Well before, ill after the update: the package's new greeting is what makes it so.
    ill = {"patch_health": ["grep 1.0 /usr/share/fleet-hello/greeting"], "patch_health_tries": 1}
    run = hosts.play("patch.yml", "-e", json.dumps(ill))
    first, *rest = hosts.machines
    assert run.status == 2, run.text
    assert run.counts(first.name)["failed"] == 1
    assert "The host is well after failed on" in run.text
    assert first.run("cat", "/usr/share/fleet-hello/greeting").stdout == "hello 2.0\n"
    for machine in rest:
        assert machine.run("cat", "/usr/share/fleet-hello/greeting").stdout == "hello 1.0\n"


def test_patch_reboots_a_host_that_asks_for_it_and_goes_on_with_the_next_boot(hosts: Hosts) -> None:
    machine = hosts.machines[0]
    machine.run("touch", "/run/reboot-required")
    process = hosts.start("patch.yml", "--limit", machine.name)
    hosts.boot_again(machine)
    run = finish(process)
    assert run.status == 0, run.text
    assert f"ok: {machine.name} | patch : It is another boot" in run.text
    assert f"ok: {machine.name} | patch : The host is well after" in run.text

"""The same tasks by us on one host and by ansible-core on its twin: what changed, is returned, and is left behind."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.fleet.fleet import Fleet
from tests.fleet.machine import Machine
from tests.fleet.modulehost import ModuleHost

ANSIBLE = os.environ.get("ORCHESTRA_TEST_ANSIBLE", "ansible")
# Returned under these names by one of the two only, or not comparable between two hosts.
FREE = {
    "msg",
    "stdout",
    "stderr",
    "diff",
    "warnings",
    "deprecations",
    "invocation",
    "status",
    "ansible_facts",
    "failed",
}
FREE |= {"stdout_lines", "stderr_lines", "assumed", "rc", "cmd", "ssh_fingerprint", "ssh_public_key", "exception"}

pytestmark = pytest.mark.compat


class Twins:
    """Two clean hosts: ours and theirs."""

    def __init__(self, fleet: Fleet, ours: Machine, theirs: Machine, folder: Path) -> None:
        self.ours = ModuleHost(ours)
        self.theirs = theirs
        self.inventory = folder / "inventory"
        options = f"-o UserKnownHostsFile={fleet.known_hosts}"
        self.inventory.write_text(
            f"{theirs.name} ansible_host={theirs.address} ansible_user=root "
            "ansible_python_interpreter=/usr/bin/python3 "
            f'ansible_ssh_private_key_file={fleet.client_key} ansible_ssh_common_args="{options}"\n'
        )

    def ansible(self, module: str, options: dict[str, Any], check: bool) -> dict[str, Any]:
        argv = [ANSIBLE, "all", "-i", str(self.inventory), "-m", module]
        argv += ["-a", json.dumps(options)] if options else []
        argv += ["--check"] if check else []
        done = subprocess.run(argv, capture_output=True, text=True, env={**os.environ, "ANSIBLE_PIPELINING": "1"})
        head, mark, text = done.stdout.partition("=> ")
        assert mark, done.stdout + done.stderr
        return {**json.loads(text), "failed": "FAILED" in head.splitlines()[-1]}

    def assert_same(self, module: str, **options: Any) -> None:
        """In check mode and for real: the same outcome, and the same values under the same names."""
        for check in (True, False):
            ours = self.ours.run(module, check=check, **options)
            theirs = self.ansible(module, options, check)
            place = f"{module} {options} check={check}\nours: {ours}\ntheirs: {theirs}"
            assert bool(ours.get("failed")) == theirs["failed"], place
            assert bool(ours["changed"]) == bool(theirs.get("changed")), place
            if not ours.get("failed"):
                assert set(theirs) - set(ours) - FREE == set(), place
            if not check and not ours.get("failed"):
                assert {k: ours[k] for k in set(ours) & set(theirs) - FREE} == {
                    k: theirs[k] for k in set(ours) & set(theirs) - FREE
                }, place

    def assert_left_alike(self, script: str) -> None:
        """Both hosts look the same to a script."""
        texts = []
        for machine in (self.ours.machine, self.theirs):
            text = machine.run("sh", "-c", script, check=False).stdout
            texts.append(text.replace(machine.name, "HOST").replace(machine.address, "ADDRESS"))
        assert texts[0] == texts[1]


@pytest.fixture
def twins(fleet: Fleet, machines: tuple[Machine, ...], tmp_path: Path) -> Twins:
    if shutil.which(ANSIBLE) is None:
        pytest.skip("ansible is not installed; ORCHESTRA_TEST_ANSIBLE names it")
    return Twins(fleet, machines[0], machines[1], tmp_path)


ACCOUNTS = (
    "getent passwd; getent group; sed 's/:2[0-9]*:/:DAY:/' /etc/shadow; ls -lan /home /srv | awk '{print $1,$3,$9}'"
)


def test_accounts(twins: Twins) -> None:
    for options in (
        {"name": "g1", "gid": 4000},
        {"name": "g1", "gid": 4000},
        {"name": "g2", "system": True},
        {"name": "g3"},
        {"name": "g3", "state": "absent"},
    ):
        twins.assert_same("group", **options)
    for options in (
        {"name": "u1"},
        {"name": "u1"},
        {"name": "u1", "comment": "C C", "shell": "/bin/bash"},
        {"name": "u1", "groups": "g1,sudo"},
        {"name": "u1", "groups": "sudo", "append": True},
        {"name": "u1", "groups": []},
        {"name": "u1", "password": "$6$a$b"},
        {"name": "u1", "password": "$6$a$c", "update_password": "on_create"},
        {"name": "u1", "password_lock": True},
        {"name": "u1", "password_lock": True},
        {"name": "u1", "password_lock": False},
        {"name": "u1", "expires": 1893456000},
        {"name": "u1", "expires": -1},
        {"name": "u1", "password_expire_max": 90},
        {"name": "u2", "system": True, "create_home": False, "group": "g1", "uid": 222, "password": "$6$x$y"},
        {"name": "u2", "create_home": True},
        {"name": "g2"},
        {"name": "u1", "state": "absent", "remove": True},
        {"name": "u1", "state": "absent"},
    ):
        twins.assert_same("user", **options)
    twins.assert_left_alike(ACCOUNTS)


def test_crontabs(twins: Twins) -> None:
    for options in (
        {"name": "a b", "job": "/bin/true", "minute": "5"},
        {"name": "a b", "job": "/bin/true", "minute": "5"},
        {"name": "a b", "job": "/bin/x", "special_time": "daily"},
        {"name": "P", "env": True, "job": "x"},
        {"name": "Q", "env": True, "job": "y", "insertafter": "P"},
        {"name": "j", "job": "x", "cron_file": "fleet", "user": "root"},
        {"name": "k", "job": "x\n", "cron_file": "fleet", "user": "root", "disabled": True},
        {"name": "j", "state": "absent", "cron_file": "fleet"},
        {"name": "none", "state": "absent"},
        {"name": "P", "env": True, "state": "absent"},
        {"name": "z", "job": "/bin/true", "user": "daemon"},
    ):
        twins.assert_same("cron", **options)
    twins.assert_left_alike("crontab -l; crontab -l -u daemon; cat /etc/cron.d/fleet")


def test_units(twins: Twins) -> None:
    for machine in (twins.ours.machine, twins.theirs):
        machine.run("apt-get", "install", "--yes", "fleet-service")
    name = "fleet-service"
    for options in (
        {"name": name, "state": "started"},
        {"name": name, "state": "started", "enabled": True},
        {"name": f"{name}.service", "state": "restarted"},
        {"name": name, "state": "stopped", "enabled": False},
        {"name": name, "masked": True},
        {"name": name, "state": "started"},
        {"name": name, "masked": False},
        {"name": "nothere", "state": "started"},
        {"name": "nothere", "masked": False},
        {"name": "getty@tty9", "enabled": True},
        {"name": "systemd-journald", "enabled": True},
        {"name": "dbus.socket", "state": "started"},
        {"daemon_reload": True},
        {"name": name},
    ):
        twins.assert_same("systemd", **options)
    twins.assert_same("service", name="cron", state="restarted")
    twins.assert_same("service", name=name, state="started", enabled=True)
    twins.assert_left_alike("systemctl is-active fleet-service; systemctl is-enabled fleet-service")


def test_names_and_lists(twins: Twins) -> None:
    twins.assert_same("hostname", name="twin.example.org")
    twins.assert_left_alike("hostname; cat /etc/hostname")
    for options in ({"database": "passwd", "key": "root"}, {"database": "group", "key": "zz"}, {"database": "group"}):
        twins.assert_same("getent", **options)
        assert twins.ours.run("getent", **options).get("ansible_facts") == twins.ansible("getent", options, False).get(
            "ansible_facts"
        )
    ours = twins.ours.run("service_facts")["ansible_facts"]["services"]
    theirs = twins.ansible("service_facts", {}, False)["ansible_facts"]["services"]
    steady = ("ssh.service", "cron.service", "cron", "getty@.service", "dbus.service", "systemd-journald.service")
    assert {name: ours[name] for name in steady} == {name: theirs[name] for name in steady}


HOSTLY = {
    "date_time",
    "env",
    "fqdn",
    "hostname",
    "nodename",
    "domain",
    "machine_id",
    "default_ipv4",
    "host0",
    "lsb",
    "mounts",
}
HOSTLY |= {
    "all_ipv4_addresses",
    "locally_reachable_ips",
    "memfree_mb",
    "memory_mb",
    "uptime_seconds",
    "loadavg",
    "devices",
}
HOSTLY |= {"system_capabilities", "processor_nproc", "cmdline", "proc_cmdline", "device_links"}


def test_facts(twins: Twins) -> None:
    ours = twins.ours.run("setup")["ansible_facts"]
    theirs = twins.ansible("setup", {}, False)["ansible_facts"]
    assert set(theirs) == set(ours)
    same = {name for name in theirs if name.removeprefix("ansible_") not in HOSTLY and "ssh_host_key" not in name}
    same -= {"ansible_interfaces"} if len(theirs["ansible_interfaces"]) != len(ours["ansible_interfaces"]) else set()
    for facts in (ours, theirs):
        for name in ("ansible_interfaces", "ansible_virtualization_tech_guest", "ansible_virtualization_tech_host"):
            facts[name].sort()
    assert {name: ours[name] for name in same} == {name: theirs[name] for name in same}
    assert set(ours["ansible_default_ipv4"]) == set(theirs["ansible_default_ipv4"])

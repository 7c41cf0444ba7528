"""The fleet itself: hosts are real, apart from each other, and forget what a test did."""

import subprocess

from tests.fleet.accounts import CSH, DEPLOY, FISH, REQUIRETTY, SECURE
from tests.fleet.fleet import Fleet
from tests.fleet.machine import Machine


def ssh(fleet: Fleet, machine: Machine, user: str, command: str, *options: str, text: str = "") -> str:
    """Run a command by OpenSSH's client and return its output, stripped."""
    argv = ["ssh", "-F", "/dev/null", "-o", "BatchMode=yes", "-o", f"UserKnownHostsFile={fleet.known_hosts}"]
    argv += ["-i", str(fleet.client_key), *options, f"{user}@{machine.address}", command]
    done = subprocess.run(argv, capture_output=True, text=True, input=text, timeout=30)
    return (done.stdout + done.stderr).strip()


def test_hosts_run_systemd_and_are_apart(fleet: Fleet, machines: tuple[Machine, ...]) -> None:
    for machine in machines:
        assert machine.run("systemctl", "is-system-running").stdout == "running\n"
        assert ssh(fleet, machine, "root", "hostname") == machine.name
    assert len({machine.run("cat", "/etc/machine-id").stdout for machine in machines}) == len(machines)


def test_each_account_becomes_root_in_its_own_way(fleet: Fleet, machine: Machine) -> None:
    assert ssh(fleet, machine, DEPLOY.name, "sudo -n id -u") == "0"
    assert "password is required" in ssh(fleet, machine, SECURE.name, "sudo -n id -u")
    assert ssh(fleet, machine, SECURE.name, "sudo -S -p '' id -u", text=f"{SECURE.password}\n") == "0"
    assert "tty" in ssh(fleet, machine, REQUIRETTY.name, "sudo -n id -u")
    assert ssh(fleet, machine, REQUIRETTY.name, "sudo -n id -u", "-tt").splitlines()[0] == "0"
    assert ssh(fleet, machine, DEPLOY.name, "doas -n id -u") == "0"
    assert ssh(fleet, machine, CSH.name, "echo $shell") == CSH.shell
    assert ssh(fleet, machine, FISH.name, "echo $FISH_VERSION")[:1].isdigit()


def test_local_repository_installs_with_dependencies(machine: Machine) -> None:
    machine.run("apt-get", "install", "--yes", "fleet-needs-hello", "fleet-service")
    assert machine.run("cat", "/usr/share/fleet-hello/greeting").stdout == "hello 2.0\n"
    machine.run("systemctl", "start", "fleet-service")
    refused = machine.run("apt-get", "install", "--yes", "fleet-unmet", check=False)
    assert "fleet-nobody-has-this" in refused.stdout + refused.stderr


def test_reset_forgets_and_comes_back(fleet: Fleet, machine: Machine) -> None:
    before = machine.leader
    machine.run("sh", "-c", "echo mine > /etc/mine && useradd mine")
    fleet.reset([machine])
    assert machine.leader != before
    assert not (machine.root / "etc/mine").exists()
    assert machine.run("id", "mine", check=False).returncode == 1

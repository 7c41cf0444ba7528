"""A fleet of real systemd hosts for the tests: ``python3 -m tests.fleet.fleet up|down|reset|status [-n N]`` as root.

State lives in $ORCHESTRA_FLEET_DIR (default /var/tmp/orchestra-fleet): the image is kept, hosts are thrown away. What a
test did to a host is undone by dropping its overlay and booting again, which takes well under a second.
"""

import argparse
import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.fleet.image import FleetError, Image, ensure_image
from tests.fleet.machine import BRIDGE, NETWORK, Machine, describe

PROGRAMS = ("debootstrap", "systemd-nspawn", "ip", "nsenter", "mount", "ssh-keygen", "dpkg-deb")


def default_folder() -> Path:
    """Where the fleet lives: $ORCHESTRA_FLEET_DIR, else /var/tmp/orchestra-fleet."""
    return Path(os.environ.get("ORCHESTRA_FLEET_DIR", "/var/tmp/orchestra-fleet"))


def obstacle() -> str | None:
    """Why no fleet can run here, in words for a skip; None when one can."""
    if os.geteuid() != 0:
        return "the fleet needs root"
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    return f"the fleet needs {', '.join(missing)}" if missing else None


@dataclass(frozen=True, slots=True)
class Fleet:
    """The hosts under one folder and what a client needs to enter them."""

    folder: Path
    image: Image
    machines: tuple[Machine, ...]

    @property
    def inventory(self) -> Path:
        return self.folder / "inventory.yml"

    @property
    def known_hosts(self) -> Path:
        return self.folder / "known_hosts"

    @property
    def client_key(self) -> Path:
        return self.image.client_key

    def reset(self, machines: Sequence[Machine]) -> None:
        """Throw away what these hosts wrote and boot them again, all at once."""
        names = {machine.name: machine.address for machine in self.machines}

        def renew(machine: Machine) -> None:
            machine.stop()
            machine.start(self.image, names)

        with ThreadPoolExecutor(max_workers=8) as pool:
            list(pool.map(renew, machines))

    def write_inventory(self) -> None:
        """Write inventory.yml (group ``fleet``) and known_hosts for the hosts as they are numbered."""
        key = " ".join(self.image.host_public_key.split()[:2])
        self.known_hosts.write_text("".join(f"{machine.address} {key}\n" for machine in self.machines))
        variables = {
            "ansible_ssh_private_key_file": str(self.client_key),
            "ansible_ssh_common_args": f"-F /dev/null -o UserKnownHostsFile={self.known_hosts}",
        }
        hosts = {machine.name: {"ansible_host": machine.address} for machine in self.machines}
        inventory = {"fleet": {"hosts": hosts, "vars": variables}}
        self.inventory.write_text(json.dumps(inventory, indent=2) + "\n")


@contextmanager
def locked(folder: Path, name: str = "lock") -> Iterator[None]:
    """Hold the fleet's lock of this name; a second holder waits."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / name, "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def machines_of(folder: Path) -> list[Machine]:
    """The machines that have a folder, running or not, by number."""
    found = (folder / "hosts").glob("*")
    return sorted((Machine(int(path.name), path) for path in found), key=lambda machine: machine.number)


def up(folder: Path, count: int) -> Fleet:
    """Bring up hosts 1 to ``count`` (those already up are left as they are); more than that are left alone."""
    if reason := obstacle():
        raise FleetError(reason)
    with locked(folder):
        image = ensure_image(folder)
        _ensure_bridge()
        wanted = {number: Machine(number, folder / "hosts" / str(number)) for number in range(1, count + 1)}
        wanted.update((machine.number, machine) for machine in machines_of(folder))
        fleet = Fleet(folder, image, tuple(wanted[number] for number in sorted(wanted)))
        fleet.reset([machine for machine in fleet.machines if not machine.leader])
        fleet.write_inventory()
        return fleet


def down(folder: Path) -> None:
    """Stop every host of this folder; the image stays for the next time."""
    with locked(folder):
        for machine in machines_of(folder):
            machine.stop()
        for leftover in ("inventory.yml", "known_hosts"):
            (folder / leftover).unlink(missing_ok=True)
        _forget_shared()


def _forget_shared() -> None:
    """Remove the bridge and the control groups unless hosts of another fleet's folder still use them."""
    ports = Path(f"/sys/class/net/{BRIDGE}/brif")
    if ports.exists() and not any(ports.iterdir()):
        _ip("link", "delete", BRIDGE)
    for cgroup in Path("/sys/fs/cgroup").glob("*/orchestra-fleet"):
        with suppress(OSError):  # not empty
            cgroup.rmdir()


def _ensure_bridge() -> None:
    if not Path(f"/sys/class/net/{BRIDGE}").exists():
        _ip("link", "add", BRIDGE, "type", "bridge")
        _ip("address", "add", f"{NETWORK}.1/24", "dev", BRIDGE)
    _ip("link", "set", BRIDGE, "up")


def _ip(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True)
    if done.returncode:
        raise FleetError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one of up, down, reset and status; 1 with a message when it can not be done."""
    parser = argparse.ArgumentParser(prog="python3 -m tests.fleet.fleet", description=__doc__)
    parser.add_argument("action", choices=("up", "down", "reset", "status"))
    parser.add_argument("-n", "--hosts", type=int, default=4)
    parser.add_argument("--dir", type=Path, default=default_folder())
    options = parser.parse_args(argv)
    try:
        _act(options.action, options.dir, options.hosts)
    except FleetError as problem:
        print(f"fleet: {problem}", file=sys.stderr)
        return 1
    return 0


def _act(action: str, folder: Path, count: int) -> None:
    if action == "down":
        down(folder)
        return
    if action != "status":
        fleet = up(folder, count)
        if action == "reset":
            with locked(folder):
                fleet.reset(fleet.machines)
        print(f"inventory: {fleet.inventory}")
    print(describe(machines_of(folder)) or "no hosts")


if __name__ == "__main__":
    sys.exit(main())

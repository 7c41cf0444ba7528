"""One fleet host: an overlay over the image, booted by systemd-nspawn with its own network, thrown away at a stop.

A start returns when the host's init says that it is ready (sd_notify), so nothing here polls. A stop kills init, which
takes every process of the host with it.
"""

import hashlib
import os
import select
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.fleet.image import FleetError, Image, mount_overlay

BRIDGE = "orcfleet0"
NETWORK = "10.213.7"
BOOT_SECONDS = 60
_CGROUP_ROOTS = (Path("/sys/fs/cgroup/systemd"), Path("/sys/fs/cgroup/unified"))


@dataclass(frozen=True, slots=True)
class Machine:
    """A place for one host. ``number`` (1 to 200) gives its name and address; ``folder`` holds all that it writes."""

    number: int
    folder: Path

    @property
    def name(self) -> str:
        return f"fleet{self.number}"

    @property
    def address(self) -> str:
        return f"{NETWORK}.{10 + self.number}"

    @property
    def root(self) -> Path:
        """The host's root folder as seen from here."""
        return self.folder / "root"

    @property
    def leader(self) -> int:
        """The process id, here, of the host's init; 0 when it does not run."""
        try:
            pid = int((self.folder / "leader").read_text())
        except FileNotFoundError:
            return 0
        return pid if Path(f"/proc/{pid}").exists() else 0

    def run(self, *argv: str, user: str = "root", check: bool = True) -> "subprocess.CompletedProcess[str]":
        """Run a program on the host without SSH (nsenter), for looking at what a test has done."""
        enter = ["nsenter", "--target", str(self.leader), "--all", "--", "/usr/sbin/runuser", "-u", user, "--", *argv]
        return subprocess.run(enter, capture_output=True, text=True, check=check, stdin=subprocess.DEVNULL)

    def start(self, image: Image, names: dict[str, str]) -> None:
        """Boot the host from ``image``; ``names`` (name -> address) becomes its /etc/hosts. Raises FleetError."""
        upper, work = self.folder / "upper", self.folder / "work"
        shutil.rmtree(self.folder, ignore_errors=True)
        mount_overlay(image.layers, upper, work, self.root)
        self._personalise(names)
        notifications = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        with notifications:
            notifications.bind(str(self.folder / "notify"))
            process = self._boot()
            self._await_ready(notifications, process)

    def stop(self) -> None:
        """Kill the host and forget all that it wrote. A host that does not run is only cleaned up."""
        if leader := self.leader:
            supervisor = _parent(leader)
            os.kill(leader, signal.SIGKILL)
            _await_exit(supervisor)
        if os.path.ismount(self.root):
            subprocess.run(["umount", self.root], check=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        for cgroup in self._cgroups():
            _remove_cgroup(cgroup)

    def _personalise(self, names: dict[str, str]) -> None:
        etc = self.root / "etc"
        hosts = [("127.0.0.1", "localhost"), (f"{NETWORK}.1", "controller")]
        hosts += [(address, name) for name, address in names.items()]
        (etc / "hosts").write_text("".join(f"{address} {name}\n" for address, name in hosts))
        (etc / "hostname").write_text(f"{self.name}\n")
        (etc / "machine-id").write_text(f"{hashlib.sha256(self.name.encode()).hexdigest()[:32]}\n")
        network = (
            f"[Match]\nName=host0\n[Network]\nAddress={self.address}/24\nGateway={NETWORK}.1\nLinkLocalAddressing=no\n"
        )
        (etc / "systemd/network").mkdir(parents=True, exist_ok=True)
        (etc / "systemd/network/10-host0.network").write_text(network)

    def _boot(self) -> "subprocess.Popen[bytes]":
        argv = ["systemd-nspawn", "--quiet", "-D", str(self.root), f"--machine={self.name}", f"--hostname={self.name}"]
        argv += ["--boot", "--register=no", f"--network-bridge={BRIDGE}", "--notify-ready=yes", "--console=pipe"]
        argv += ["--resolv-conf=off", "--timezone=off", "--link-journal=no"]
        if not _under_systemd():
            argv.append("--keep-unit")
        with open(self.folder / "console.log", "wb") as log:
            return subprocess.Popen(
                [*_in_cgroups(self._cgroups()), *argv],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={**os.environ, "NOTIFY_SOCKET": str(self.folder / "notify")},
            )

    def _await_ready(self, notifications: socket.socket, process: "subprocess.Popen[bytes]") -> None:
        deadline = time.monotonic() + BOOT_SECONDS
        exited = os.pidfd_open(process.pid)
        try:
            while (left := deadline - time.monotonic()) > 0:
                readable, _, _ = select.select([notifications, exited], [], [], left)
                if notifications in readable:
                    message = notifications.recv(4096).decode()
                    self._note_leader(message)
                    if "READY=1" in message.splitlines():
                        process.returncode = 0  # it outlives us on purpose: no warning when Popen is collected
                        return
                elif readable:
                    break
        finally:
            os.close(exited)
        log = (self.folder / "console.log").read_text(errors="replace")[-2000:]
        self.stop()
        raise FleetError(f"{self.name} did not boot within {BOOT_SECONDS} s; its console said:\n{log}")

    def _note_leader(self, message: str) -> None:
        for line in message.splitlines():
            if line.startswith("X_NSPAWN_LEADER_PID="):
                (self.folder / "leader").write_text(line.partition("=")[2])

    def _cgroups(self) -> list[Path]:
        """Control groups of the host's own; without a systemd below, nspawn stays in the one that it is started in."""
        if _under_systemd():
            return []
        return [root / "orchestra-fleet" / self.name for root in _CGROUP_ROOTS if root.exists()]


def _in_cgroups(cgroups: Sequence[Path]) -> list[str]:
    """The beginning of a command line that enters these control groups and then becomes the rest."""
    for cgroup in cgroups:
        cgroup.mkdir(parents=True, exist_ok=True)
    enter = 'while [ "$1" != -- ]; do echo $$ > "$1"; shift; done; shift; exec "$@"'
    return ["sh", "-ec", enter, "sh", *(str(cgroup / "cgroup.procs") for cgroup in cgroups), "--"]


def _under_systemd() -> bool:
    return Path("/run/systemd/system").is_dir()


def _parent(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("PPid:")).split()[1])


def _await_exit(pid: int) -> None:
    """Wait for a process that need not be our child, and reap it if it is."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        select.select([descriptor], [], [], BOOT_SECONDS)
    finally:
        os.close(descriptor)
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return


def _remove_cgroup(cgroup: Path) -> None:
    for folder, _, _ in os.walk(cgroup, topdown=False):
        os.rmdir(folder)


def describe(machines: Sequence[Machine]) -> str:
    """A line for each machine: name, address, whether it runs."""
    return "\n".join(f"{m.name}  {m.address}  {'up' if m.leader else 'down'}" for m in machines)

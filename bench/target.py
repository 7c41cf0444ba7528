"""The machine under control: one sshd of our own that answers on every address of 127.0.0.0/16 as another host."""

from __future__ import annotations

import json
import os
import random
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from meters import Group, end

PYTHON = "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable


def addresses(count: int) -> list[str]:
    """127.0.0.1 ... 127.0.3.250: up to a thousand."""
    if count > 1000:
        raise SystemExit("bench: at most 1000 hosts")
    return [f"127.0.{number // 250}.{number % 250 + 1}" for number in range(count)]


@dataclass(frozen=True, slots=True)
class Target:
    """A running sshd and the files that a client needs to reach it."""

    folder: Path
    port: int
    user: str
    group: Group
    process: subprocess.Popen[bytes]

    @property
    def key(self) -> Path:
        return self.folder / "client_key"

    @property
    def known_hosts(self) -> Path:
        return self.folder / "known_hosts"

    @property
    def tree(self) -> Path:
        """Where the workloads write, a folder for each host."""
        return self.folder / "hosts"

    def cpu_when_quiet(self) -> float:
        """CPU seconds so far, once every session has ended."""
        deadline = time.monotonic() + 15
        while len(self.group.pids()) > 1 and time.monotonic() < deadline:
            time.sleep(0.02)
        return self.group.cpu()

    def write_inventories(self, count: int, own: int = 0) -> None:
        """Write inventory.json (a YAML inventory), inventory.py for pyinfra, and known_hosts, for so many hosts.

        ``own`` is the number of variables that each host has for itself, in inventory.json.
        """
        hosts = addresses(count)
        host_key = " ".join((self.folder / "host_key.pub").read_text().split()[:2])
        self.known_hosts.write_text("".join(f"[{host}]:{self.port} {host_key}\n" for host in hosts))
        variables = {
            "ansible_port": self.port,
            "ansible_user": self.user,
            "ansible_ssh_private_key_file": str(self.key),
            "ansible_ssh_common_args": f"-F /dev/null -o UserKnownHostsFile={self.known_hosts} -o IdentitiesOnly=yes",
            "ansible_python_interpreter": PYTHON,
            "bench_root": str(self.tree),
        }
        each = {host: _own_variables(number, own) for number, host in enumerate(hosts)}
        inventory = {"all": {"hosts": each, "vars": variables}}
        (self.folder / "inventory.json").write_text(json.dumps(inventory, indent=1))
        data = {
            "ssh_port": self.port,
            "ssh_user": self.user,
            "ssh_key": str(self.key),
            "ssh_known_hosts_file": str(self.known_hosts),
            # its templates end otherwise: in the others' tree each would undo what the other did
            "bench_root": str(self.tree / "pyinfra"),
        }
        lines = [f"    ({host!r}, {data!r})," for host in hosts]
        (self.folder / "inventory.py").write_text("\n".join(["hosts = [", *lines, "]", ""]))

    def stop(self) -> None:
        end(self.group)


def _own_variables(host: int, count: int) -> dict[str, object]:
    """``value_000`` ...: texts, and where there are any, the number of the next host."""
    values: dict[str, object] = {f"value_{number:03}": f"text {number} of host {host}" for number in range(count)}
    return {"neighbour": host + 1, **values} if count else {}


def start_target(folder: Path, group: Group) -> Target:
    """Start sshd in ``group``; ``folder`` is made anew."""
    sshd = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if sshd is None:
        raise SystemExit("bench: OpenSSH's server is needed: apt install openssh-server")
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "hosts").mkdir(parents=True, mode=0o700)
    (folder / "home").mkdir()
    folder.chmod(0o700)
    for name in ("client_key", "host_key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    port = _free_port()
    (folder / "sshd_config").write_text(_configuration(folder, port))
    with open(folder / "sshd.log", "wb") as log:
        process = group.start(
            [sshd, "-D", "-e", "-f", str(folder / "sshd_config")], stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    target = Target(folder, port, _user(), group, process)
    _await_answer(target)
    return target


def _user() -> str:
    import getpass

    return getpass.getuser()


def _free_port() -> int:
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port


def _configuration(folder: Path, port: int) -> str:
    settings = {
        "Port": port,
        "ListenAddress": "0.0.0.0",  # all of 127.0.0.0/8; AllowUsers keeps everybody else out
        "AllowUsers": f"{_user()}@127.*",
        "HostKey": folder / "host_key",
        "AuthorizedKeysFile": folder / "client_key.pub",
        "PidFile": "none",
        "StrictModes": "no",
        "UsePAM": "no",
        "UseDNS": "no",
        "PasswordAuthentication": "no",
        "KbdInteractiveAuthentication": "no",
        "PermitRootLogin": "prohibit-password",
        "MaxStartups": 2000,
        "MaxSessions": 100,
        "LogLevel": "ERROR",
        "SetEnv": f"HOME={folder / 'home'}",  # the caller's own .bashrc is no part of what is measured
        "PrintMotd": "no",
        "Subsystem": "sftp internal-sftp",
    }
    return "".join(f"{name} {value}\n" for name, value in settings.items())


def _await_answer(target: Target) -> None:
    deadline = time.monotonic() + 10
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", target.port)) == 0:
                return
        if time.monotonic() > deadline:
            raise SystemExit(f"bench: sshd does not answer: {(target.folder / 'sshd.log').read_text()}")
        time.sleep(0.02)

"""A throw-away lab of SSH hosts on loopback, for the demo, the tests and whoever wants to try a playbook without risk.

``python -m orchestra.testing.lab up|down|status --dir DIR --hosts 3``. Each host is a real ``sshd`` of its own, run by
the calling user on a high port (where OpenSSH's server is not installed: the one of ``sshserver.py``), with its own
host key and its own HOME. DIR holds everything: keys, known_hosts, logs and ``inventory.yml``; ``down`` ends the
hosts together with whatever their sessions left running, and removes DIR. Nothing here knows Orchestra's engine.
"""

from __future__ import annotations

import argparse
import contextlib
import getpass
import json
import os
import random
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from orchestra.model.record import record
from orchestra.testing.processes import MARK, end_process, is_alive, marked_processes

OPENSSH = "openssh"
ASYNCSSH = "asyncssh"
ADDRESS = "127.0.0.1"
PORTS = (20000, 32000)
START_SECONDS = 20.0
_STATE = "lab.json"
#: A host's PATH is a machine's own, not the caller's: a login there would not see it either.
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class LabError(Exception):
    """The lab can not be started or removed; the text says why and what to do."""


@record
class LabHost:
    """One SSH host: where it listens, the folder that is its HOME, and its server's process."""

    name: str
    address: str
    port: int
    root: str
    pid: int

    @property
    def home(self) -> Path:
        """HOME of this host's sessions; also ``lab_root`` in the inventory."""
        return Path(self.root) / "home"


@record
class Lab:
    """A lab that was started: its folder, which kind of server runs (OPENSSH or ASYNCSSH) and its hosts."""

    directory: Path
    kind: str
    hosts: tuple[LabHost, ...]

    @property
    def inventory(self) -> Path:
        return self.directory / "inventory.yml"

    @property
    def known_hosts(self) -> Path:
        return self.directory / "known_hosts"

    @property
    def client_key(self) -> Path:
        return self.directory / "client_key"

    def is_running(self) -> bool:
        """Whether every host's server answers with an SSH banner."""
        return all(_banner(host.address, host.port) for host in self.hosts)


def up(directory: Path, count: int, kind: str | None = None) -> Lab:
    """Start ``count`` hosts in ``directory`` (made, mode 0700) and return when each answers.

    ``kind`` forces OPENSSH or ASYNCSSH; None takes sshd where there is one. A lab that already runs there is returned
    as it is if it has as many hosts, else replaced. Raises LabError.
    """
    directory = directory.absolute()
    found = load(directory)
    if found is not None and len(found.hosts) == count and found.kind == (kind or found.kind) and found.is_running():
        return found
    if found is not None:
        down(directory)
    _claim(directory)
    try:
        return _start(directory, count, kind or (OPENSSH if find_sshd() else ASYNCSSH))
    except BaseException:
        down(directory)
        raise


def down(directory: Path) -> None:
    """End a lab's hosts and all that their sessions started, and remove its folder; without a lab nothing happens."""
    directory = directory.absolute()
    if not directory.exists():
        return
    if not (directory / _STATE).exists():
        raise LabError(f"{directory} holds no lab (no {_STATE} in it), so it is left alone")
    lab = load(directory)
    listeners = [host.pid for host in lab.hosts] if lab else []
    # A server may fork between the look and the signal: repeat until nothing of the lab is left.
    deadline = time.monotonic() + START_SECONDS
    while pids := marked_processes(directory, listeners):
        if time.monotonic() > deadline:
            raise LabError(f"processes of the lab do not end: {', '.join(map(str, sorted(pids)))}")
        for pid in pids:
            end_process(pid)
    shutil.rmtree(directory)


def load(directory: Path) -> Lab | None:
    """The lab that was started in ``directory``, whether or not it still runs; None where there is none."""
    try:
        state = json.loads((directory / _STATE).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return Lab(directory, state["kind"], tuple(LabHost(**host) for host in state["hosts"]))


@contextlib.contextmanager
def running_lab(directory: Path, count: int, kind: str | None = None) -> Iterator[Lab]:
    """A lab for the length of a block."""
    lab = up(directory, count, kind)
    try:
        yield lab
    finally:
        down(directory)


def find_sshd() -> str | None:
    """OpenSSH's server, also where PATH lacks the sbin folders; None if it is not installed."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin", "/sbin"])
    return shutil.which("sshd", path=path)


def _claim(directory: Path) -> None:
    if directory.exists() and any(directory.iterdir()):
        raise LabError(f"{directory} is not empty and holds no lab: choose another folder")
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o700)
    _save(Lab(directory, "", ()))


def _start(directory: Path, count: int, kind: str) -> Lab:
    client = _make_key(directory / "client_key")
    hosts: list[LabHost] = []
    known = []
    for number in range(1, count + 1):
        root = directory / f"lab{number}"
        (root / "home").mkdir(parents=True)
        host_key = _make_key(root / "host_key")
        (root / "authorized_keys").write_text(client, encoding="utf-8")
        port = _free_port()
        argv = _openssh_command(root, port) if kind == OPENSSH else _asyncssh_command(root, port)
        hosts.append(LabHost(root.name, ADDRESS, port, str(root), _launch(argv, directory, root / "server.log")))
        known.append(f"[{ADDRESS}]:{port} {host_key}")
        _save(Lab(directory, kind, tuple(hosts)))  # from here on ``down`` ends it
    lab = Lab(directory, kind, tuple(hosts))
    lab.known_hosts.write_text("".join(known), encoding="utf-8")
    lab.inventory.write_text(_inventory(lab), encoding="utf-8")
    for host in hosts:
        _await_answer(host)
    return lab


def _save(lab: Lab) -> None:
    state = {"kind": lab.kind, "hosts": [asdict(host) for host in lab.hosts]}
    (lab.directory / _STATE).write_text(json.dumps(state, indent=2) + "\n", encoding="utf-8")


def _make_key(path: Path) -> str:
    """Write a new ed25519 key pair, the private half mode 0600, and return the public line."""
    import asyncssh

    key = asyncssh.generate_private_key("ssh-ed25519", comment=f"orchestra lab {path.parent.name}")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as handle:
        handle.write(key.export_private_key())
    public = key.export_public_key().decode()
    path.with_suffix(".pub").write_text(public, encoding="utf-8")
    return public


def _free_port() -> int:
    """A port that nobody listens on, below those that the kernel gives to outgoing connections meanwhile."""
    while True:
        port = random.randrange(*PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((ADDRESS, port))
            return port


def _openssh_command(root: Path, port: int) -> list[str]:
    sshd = find_sshd()
    if sshd is None:
        raise LabError("sshd is not installed: apt install openssh-server")
    if os.geteuid() == 0:
        # sshd run by root wants this empty folder, which Debian's service makes at start.
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    config = root / "sshd_config"
    config.write_text(_sshd_config(root, port), encoding="utf-8")
    return [sshd, "-D", "-e", "-f", str(config)]


def _sshd_config(root: Path, port: int) -> str:
    environment = {"HOME": str(root / "home"), "PATH": _path(), MARK: str(root.parent)}
    settings = {
        "Port": str(port),
        "ListenAddress": ADDRESS,
        "HostKey": _quote(root / "host_key"),
        "AuthorizedKeysFile": _quote(root / "authorized_keys"),
        "PidFile": "none",
        "StrictModes": "no",  # the folder is 0700, but what lies above it (/tmp) need not please sshd
        "UsePAM": "no",
        "PasswordAuthentication": "no",
        "KbdInteractiveAuthentication": "no",
        "PermitRootLogin": "prohibit-password",
        "MaxStartups": "200",
        "MaxSessions": "64",
        "PrintMotd": "no",
        "Subsystem": "sftp internal-sftp",
        "SetEnv": " ".join(_quote(f"{name}={value}") for name, value in environment.items()),
    }
    return "".join(f"{name} {value}\n" for name, value in settings.items())


def _path() -> str:
    """The hosts' PATH, with the folder of the Python that runs us where the system itself has none."""
    if shutil.which("python3", path=SYSTEM_PATH):
        return SYSTEM_PATH
    return f"{SYSTEM_PATH}:{Path(sys.executable).resolve().parent}"


def _quote(value: object) -> str:
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _asyncssh_command(root: Path, port: int) -> list[str]:
    module = "orchestra.testing.sshserver"
    return [sys.executable, "-m", module, "--root", str(root), "--port", str(port), "--address", ADDRESS]


def _launch(argv: Sequence[str], directory: Path, log: Path) -> int:
    with open(log, "wb") as handle:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=handle,
            stderr=handle,
            env={**os.environ, "PATH": _path(), MARK: str(directory)},
            start_new_session=True,
        )
    # The server outlives us on purpose; without this Popen would warn when it is collected.
    process.returncode = 0
    return process.pid


def _await_answer(host: LabHost) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _banner(host.address, host.port):
        if time.monotonic() > deadline or not is_alive(host.pid):
            log = (Path(host.root) / "server.log").read_text(encoding="utf-8", errors="replace").strip()
            raise LabError(f"{host.name} does not answer on port {host.port}; its server says:\n{log or '(nothing)'}")
        time.sleep(0.02)


def _banner(address: str, port: int) -> bool:
    try:
        with socket.create_connection((address, port), timeout=5) as connection:
            return connection.recv(8).startswith(b"SSH-2.0")
    except OSError:
        return False


def _inventory(lab: Lab) -> str:
    """The inventory as YAML (JSON's quoting, which YAML shares, keeps any path whole)."""
    lines = [
        f"# A lab of {len(lab.hosts)} throw-away hosts on loopback; each has its own HOME, also named lab_root.",
        "lab:",
    ]
    lines.append("  hosts:")
    for host in lab.hosts:
        lines += [f"    {host.name}:", f"      ansible_host: {host.address}", f"      ansible_port: {host.port}"]
        lines.append(f"      lab_root: {json.dumps(str(host.home))}")
    options = f"-F /dev/null -o UserKnownHostsFile={shlex.quote(str(lab.known_hosts))} -o StrictHostKeyChecking=yes"
    variables = {
        "ansible_user": getpass.getuser(),
        "ansible_ssh_private_key_file": str(lab.client_key),
        "ansible_ssh_common_args": f"{options} -o IdentitiesOnly=yes",
    }
    lines += ["  vars:", *(f"    {name}: {json.dumps(value)}" for name, value in variables.items())]
    return "\n".join(lines) + "\n"


def _describe(lab: Lab | None, directory: Path) -> tuple[str, int]:
    if lab is None:
        return f"no lab in {directory}", 3
    lines = [f"{lab.kind}: {len(lab.hosts)} hosts, inventory {lab.inventory}"]
    answers = {host.name: _banner(host.address, host.port) for host in lab.hosts}
    for host in lab.hosts:
        lines.append(f"{host.name} {host.address}:{host.port} {'answers' if answers[host.name] else 'DOES NOT ANSWER'}")
    return "\n".join(lines), 0 if all(answers.values()) else 3


def main(argv: Sequence[str] | None = None) -> int:
    """Run up, down or status. Exit status: 0; 1 when it can not be done; 3 from status when the lab does not run."""
    parser = argparse.ArgumentParser(
        prog="python -m orchestra.testing.lab", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("action", choices=("up", "down", "status"))
    parser.add_argument("--dir", type=Path, default=Path(".lab"), help="the lab's folder (default: .lab)")
    parser.add_argument("--hosts", type=int, default=3, help="how many hosts to start (default: 3)")
    parser.add_argument("--kind", choices=(OPENSSH, ASYNCSSH), help="force a kind of server")
    options = parser.parse_args(argv)
    directory: Path = options.dir.absolute()
    try:
        if options.action == "down":
            down(directory)
            return 0
        lab = up(directory, options.hosts, options.kind) if options.action == "up" else load(directory)
    except LabError as problem:
        print(f"lab: {problem}", file=sys.stderr)
        return 1
    text, status = _describe(lab, directory)
    print(text)
    return status


if __name__ == "__main__":
    sys.exit(main())

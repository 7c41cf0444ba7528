"""A real sshd on loopback with a folder of its own, and people: what the transport's tests talk to."""

import contextlib
import grp
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def _terminals_work() -> bool:
    """Whether sshd can give terminals: without root only where they belong to the group tty from the start."""
    master, slave = os.openpty()
    try:
        return os.geteuid() == 0 or os.fstat(slave).st_gid == grp.getgrnam("tty").gr_gid
    finally:
        os.close(master)
        os.close(slave)


needs_terminals = pytest.mark.skipif(not _terminals_work(), reason="an unprivileged sshd has no terminals here")
needs_sudo = pytest.mark.skipif(shutil.which("sudo") is None, reason="sudo is not installed")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="makes users and runs sshd as root")


def keygen(path: Path, *arguments: str, passphrase: str = "", kind: str = "ed25519") -> Path:
    """Make a key pair; ``arguments`` go to ssh-keygen."""
    argv = ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", path.name, "-f", str(path), *arguments]
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL)
    return path


def sign(authority: Path, key: Path, *arguments: str) -> Path:
    """Sign a public key; the certificate stands beside it."""
    subprocess.run(
        ["ssh-keygen", "-q", "-s", str(authority), "-I", "test", *arguments, f"{key}.pub"],
        check=True,
        capture_output=True,
    )
    return Path(f"{key}-cert.pub")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Sshd:
    """One server. ``options`` are lines of its configuration."""

    root: Path
    options: dict[str, str] = field(default_factory=dict)
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def host_key(self) -> Path:
        return self.root / "host_key"

    @property
    def log(self) -> str:
        return (self.root / "log").read_text(errors="replace")

    def start(self) -> None:
        """Start it and wait until it greets."""
        assert SSHD is not None
        if not self.host_key.exists():
            keygen(self.host_key)
        self.port = self.port or free_port()
        settings = {
            "Port": str(self.port),
            "ListenAddress": "127.0.0.1",
            "HostKey": str(self.host_key),
            "AuthorizedKeysFile": str(self.root / "authorized_keys"),
            "PidFile": "none",
            "StrictModes": "no",
            "UsePAM": "no",
            "PasswordAuthentication": "no",
            "KbdInteractiveAuthentication": "no",
            "PermitRootLogin": "yes",
            "MaxStartups": "100",
            "LogLevel": "VERBOSE",
            **self.options,
        }
        (self.root / "config").write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        with (self.root / "log").open("wb") as log:
            self.process = subprocess.Popen([SSHD, "-D", "-e", "-f", str(self.root / "config")], stderr=log)
        self._await_greeting()

    def _await_greeting(self) -> None:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as probe:
                if probe.recv(4) == b"SSH-":
                    return
            time.sleep(0.02)
        raise AssertionError(f"sshd did not start: {self.log}")

    def stop(self) -> None:
        """End it and the sessions that it serves."""
        if self.process is not None:
            self.kill_sessions()
            self.process.terminate()
            self.process.wait()
            self.process = None

    def kill_sessions(self) -> None:
        """Cut every link, as a power failure would."""
        assert self.process is not None
        listing = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        parents = {int(pid): int(parent) for pid, parent in map(str.split, listing.splitlines())}
        generation = {self.process.pid}
        while generation := {pid for pid, parent in parents.items() if parent in generation}:
            for pid in generation:  # sshd's own before their programs, so that nobody can report an end
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, 9)


@dataclass(frozen=True)
class Account:
    """A user made for one test."""

    name: str
    password: str
    home: Path


@contextlib.contextmanager
def account(shell: str = "/bin/sh", *, password: str = "") -> Iterator[Account]:
    """A real user with a throw-away name, gone afterwards with all that it runs."""
    name = f"orc{secrets.token_hex(4)}"
    _retry(["useradd", "-m", "-k", "/var/empty-skeleton", "-s", shell, name])
    try:
        password = password or secrets.token_hex(6)
        subprocess.run(["chpasswd"], input=f"{name}:{password}\n", text=True, check=True)
        yield Account(name, password, Path(f"/home/{name}"))
    finally:
        subprocess.run(["pkill", "-KILL", "-U", name], check=False)
        _retry(["userdel", "-r", "-f", name])


def _retry(argv: list[str]) -> None:
    """The user database has one lock for the machine; tests that run beside us hold it for moments."""
    for _ in range(50):
        done = subprocess.run(argv, capture_output=True, text=True)
        if done.returncode == 0 or "cannot lock" not in done.stderr:
            break
        time.sleep(0.1)
    assert done.returncode == 0, done.stderr


@contextlib.contextmanager
def sudo_rule(user: str, rule: str) -> Iterator[None]:
    """A file in sudoers.d; ``rule`` may have several lines."""
    path = Path(f"/etc/sudoers.d/{user}")
    path.write_text(f"{rule}\n")
    path.chmod(0o440)
    try:
        subprocess.run(["visudo", "-cqf", str(path)], check=True)
        yield
    finally:
        path.unlink()

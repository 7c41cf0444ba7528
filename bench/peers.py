"""Who is measured: how each tool is installed into a virtual environment of its own, and how it is called as its own
documentation says that it is fastest."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORKLOADS = Path(__file__).resolve().parent / "workloads"
FORKS = 50


@dataclass(frozen=True, slots=True)
class Place:
    """Where one run happens: the peer's virtual environment, the target's folder, and an empty folder for the run."""

    venv: Path
    target: Path
    run: Path


@dataclass(frozen=True, slots=True)
class Peer:
    """One tool: its packages, its command for a workload (by name, W1 ... W6), and its environment."""

    name: str
    packages: tuple[str, ...]
    program: str
    command: Callable[[Place, str], list[str]]
    environment: Callable[[Place], dict[str, str]]
    slow: bool = False  #: left out where a workload has more host-tasks than --slow-limit
    reports_changes: bool = True  #: prints changed=N for each host at the end
    suffix: str = "yml"  #: of its workload files

    def plays(self, workload: str) -> bool:
        """Whether there is a file of this workload for it; W0 needs none, and pyinfra has no W5 and W6."""
        return workload == "W0" or (WORKLOADS / f"{workload.lower()}.{self.suffix}").exists()


def _no_environment(place: Place) -> dict[str, str]:
    return {}


def _orchestra(place: Place, workload: str) -> list[str]:
    program = str(place.venv / "bin/orchestra")
    return [program, "play", "-i", str(place.target / "inventory.json"), str(WORKLOADS / f"{workload.lower()}.yml")]


def _ansible(place: Place, workload: str) -> list[str]:
    program = str(place.venv / "bin/ansible-playbook")
    return [program, "-i", str(place.target / "inventory.json"), str(WORKLOADS / f"{workload.lower()}.yml")]


def _ansible_environment(place: Place) -> dict[str, str]:
    return {
        "ANSIBLE_FORKS": str(FORKS),
        "ANSIBLE_PIPELINING": "1",
        "ANSIBLE_SSH_ARGS": "-C -o ControlMaster=auto -o ControlPersist=60s",
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(place.run / "cp"),
        "ANSIBLE_LOCAL_TEMP": str(place.run / "tmp"),
    }


def _mitogen_environment(place: Place) -> dict[str, str]:
    plugins = next(place.venv.glob("lib/python*/site-packages/ansible_mitogen/plugins/strategy"))
    # Mitogen multiplexes by itself; its ssh needs no master, and takes the known hosts from the inventory's arguments.
    return {
        **_ansible_environment(place),
        "ANSIBLE_STRATEGY_PLUGINS": str(plugins),
        "ANSIBLE_STRATEGY": "mitogen_linear",
        "ANSIBLE_SSH_ARGS": "",
    }


def _pyinfra(place: Place, workload: str) -> list[str]:
    program = str(place.venv / "bin/pyinfra")
    script = str(WORKLOADS / f"{workload.lower()}.py")
    return [program, "--yes", "--parallel", str(FORKS), str(place.target / "inventory.py"), script]


PEERS = {
    peer.name: peer
    for peer in (
        Peer("orchestra", (f"{ROOT}[fast]",), "orchestra", _orchestra, _no_environment),
        Peer("ansible", ("ansible-core>=2.19,<2.20",), "ansible", _ansible, _ansible_environment, slow=True),
        Peer(
            "mitogen",
            ("ansible-core>=2.19,<2.20", "mitogen"),
            "ansible",
            _ansible,
            _mitogen_environment,
            slow=True,
        ),
        Peer("pyinfra", ("pyinfra>=3,<4",), "pyinfra", _pyinfra, _no_environment, reports_changes=False, suffix="py"),
    )
}


def install(peer: Peer, cache: Path) -> Path:
    """The peer's virtual environment under ``cache``, made at the first call; our own follows the checkout."""
    venv = cache / peer.name
    ours = peer.name == "orchestra"
    done = venv / "installed"
    if not done.exists() or (ours and done.stat().st_mtime < (ROOT / "setup.cfg").stat().st_mtime):
        subprocess.run([sys.executable, "-m", "venv", "--clear", venv], check=True)
        pip = [venv / "bin/pip", "install", "--quiet", "--disable-pip-version-check"]
        packages = ("-e", *peer.packages) if ours else peer.packages
        subprocess.run([*pip, *packages], check=True)
        done.touch()
    return venv


def version(peer: Peer, venv: Path) -> str:
    """What the tool's --version says in its first line; for Mitogen also its own."""
    shown = subprocess.run([venv / "bin" / peer.program, "--version"], capture_output=True, text=True).stdout
    first = shown.strip().partition("\n")[0]
    if peer.name != "mitogen":
        return first
    listed = subprocess.run([venv / "bin/pip", "list"], capture_output=True, text=True).stdout
    return f"{first}, " + " ".join(next(line for line in listed.splitlines() if line.startswith("mitogen")).split())

"""Debian's own packages for tests that install them: downloaded once with what they depend on, kept beside the image.

A host without a network finds them in its local repository, and installs them as it would from a mirror. Knows nothing
of what the tests do with them.
"""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.fleet.image import FleetError, Image
from tests.fleet.machine import Machine

REPOSITORY = "srv/apt"
STATUS = "var/lib/dpkg/status"


def download(image: Image, folder: Path, names: Sequence[str]) -> Path:
    """The folder with the .debs of ``names`` and of all that they need above ``image``; raises FleetError offline."""
    status = next(layer / STATUS for layer in image.layers if (layer / STATUS).exists())
    digest = hashlib.sha256("\0".join([str(status), *names]).encode()).hexdigest()[:12]
    kept = folder / f"debs-{digest}"
    if not kept.exists():
        partial = kept.with_name(kept.name + ".partial")
        shutil.rmtree(partial, ignore_errors=True)
        _fetch(status, partial, names)
        partial.rename(kept)
    return kept


def _fetch(status: Path, folder: Path, names: Sequence[str]) -> None:
    """This machine's apt, with its sources and lists, asked as if the image's packages were what is installed."""
    (folder / "partial").mkdir(parents=True)
    asked = {
        "Dir::State::status": status,
        "Dir::State::extended_states": folder / "none",
        "Dir::Cache::archives": folder,
        "Debug::NoLocking": "true",
        "APT::Sandbox::User": "root",
    }
    options = [word for name, value in asked.items() for word in ("-o", f"{name}={value}")]
    _run("apt-get", *options, "install", "--download-only", "--yes", "--no-install-recommends", *names)
    if not list(folder.glob("*.deb")):
        raise FleetError(f"apt-get downloaded nothing for {', '.join(names)}")


def add(machine: Machine, debs: Path) -> None:
    """Put these packages into the host's local repository and let its apt read the lists anew."""
    repository = machine.root / REPOSITORY
    with open(repository / "Packages", "a", encoding="utf-8") as index:
        for deb in sorted(debs.glob("*.deb")):
            shutil.copy(deb, repository / deb.name)
            index.write("\n" + _entry(deb))
    machine.run("apt-get", "update")


def _entry(deb: Path) -> str:
    content = deb.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    control = _run("dpkg-deb", "--field", str(deb))
    return f"{control.rstrip()}\nFilename: ./{deb.name}\nSize: {len(content)}\nSHA256: {digest}\n"


def _run(*argv: str) -> str:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(argv, text=True, capture_output=True, env=environment, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise FleetError(
            f"{' '.join(argv)} ended with {done.returncode}:\n{(done.stdout + done.stderr).strip()[-800:]}"
        )
    return done.stdout

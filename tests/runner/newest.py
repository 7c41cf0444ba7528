"""A Python that is newer than this machine's system has: that of Debian's or Ubuntu's next release, in a folder.

Its packages come from the machine's own apt mirror with apt's own checks of signatures, into lists and a cache that are
apart, so nothing is installed and root is not needed. It starts through the loader and the C library that come with it.
``python -m tests.runner.newest`` fetches it (half a minute) unless it is there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.fleet.image import package_source

VERSION = "3.14"
FOLDER = Path(os.environ.get("ORCHESTRA_PYTHON_DIR", "/var/tmp/orchestra-python")) / VERSION
_START = """#!/bin/sh
exec '{loader}' --argv0 "$0" --library-path '{libraries}' '{python}' "$@"
"""


def interpreter() -> Path | None:
    """The Python, if it was fetched."""
    found = FOLDER / "usr/bin/python"
    return found if found.exists() else None


def fetch() -> Path:
    """Fetch and unpack it; a folder that is half made is never used. Raises CalledProcessError."""
    partial = FOLDER.with_name(f"{FOLDER.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    for name in ("apt/lists/partial", "apt/archives/partial"):
        (partial / name).mkdir(parents=True)
    _download(partial / "apt")
    for package in sorted((partial / "apt/archives").glob("*.deb")):
        subprocess.run(["dpkg-deb", "--extract", package, partial], check=True)
    shutil.rmtree(partial / "apt")
    _write_start(partial)
    partial.rename(FOLDER)
    return FOLDER / "usr/bin/python"


def _download(folder: Path) -> None:
    """All that Python needs, as if nothing were installed."""
    (folder / "status").touch()
    site, _ = package_source()
    branch = "devel main universe" if "ubuntu" in site else "sid main"
    (folder / "sources.list").write_text(f"deb {site} {branch}\n")
    settings = {
        "Dir::Etc::SourceList": folder / "sources.list",
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::State::Lists": folder / "lists",
        "Dir::State::status": folder / "status",
        "Dir::Cache": folder,
        "APT::Sandbox::User": "",
        "APT::Install-Recommends": "false",
        "Acquire::Languages": "none",
    }
    options = [f"--option={name}={value}" for name, value in settings.items()]
    subprocess.run(["apt-get", *options, "-q", "update"], check=True)
    subprocess.run(["apt-get", *options, "-q", "-y", "--download-only", "install", f"python{VERSION}"], check=True)


def _write_start(root: Path) -> None:
    """``usr/bin/python``, which programs can be given as any other interpreter."""
    libraries = next(root.glob("usr/lib/*/libc.so.6")).parent.relative_to(root)
    loader = next(root.glob("usr/lib*/**/ld-linux*.so.*")).relative_to(root)
    start = root / "usr/bin/python"
    start.write_text(
        _START.format(loader=FOLDER / loader, libraries=FOLDER / libraries, python=FOLDER / f"usr/bin/python{VERSION}")
    )
    start.chmod(0o755)


if __name__ == "__main__":
    sys.stdout.write(f"{interpreter() or fetch()}\n")

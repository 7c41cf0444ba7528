"""A PostgreSQL server of the tests' own, that listens on a socket in a folder and ends with them."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


@contextmanager
def running_postgresql() -> Iterator[Path]:
    """The folder of a server's socket; its superuser is postgres. Skips where PostgreSQL is not installed."""
    root = os.geteuid() == 0
    if not FOLDERS or (root and not shutil.which("runuser")):
        pytest.skip("needs PostgreSQL's server")
    folder = Path(tempfile.mkdtemp(prefix="orchestra-postgres-", dir="/tmp"))
    folder.chmod(0o755)
    if root:
        shutil.chown(folder, "postgres")
    user = ["runuser", "-u", "postgres", "--"] if root else []
    control = [*user, str(FOLDERS[-1] / "pg_ctl"), "-D", f"{folder}/data", "-s", "-w"]
    settings = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
    try:
        options = "-A trust --no-sync -E UTF8 --locale=C.UTF-8 -U postgres"
        subprocess.run([*control, "init", "-o", options], check=True, cwd="/")
        subprocess.run([*control, "start", "-l", f"{folder}/log", "-o", settings], check=True, cwd="/")
        try:
            yield folder
        finally:
            subprocess.run([*control, "stop", "-m", "immediate"], check=True, cwd="/")
    finally:
        shutil.rmtree(folder)

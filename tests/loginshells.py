"""Which login shells can be tried here: a shell's file may be there without the libraries that it needs to start."""

from __future__ import annotations

import functools
import shutil
import subprocess


@functools.cache
def argv_of(shell: str) -> list[str] | None:
    """What runs a line in a shell (a name or a path), up to ``-c``; None where it does not start."""
    path = shutil.which(shell)
    if path is None:
        return None
    argv = [path, *(["sh"] if shell == "busybox" else []), "-c"]
    try:
        done = subprocess.run([*argv, "exit 0"], capture_output=True, check=False, timeout=60)
    except OSError:  # no program for this machine
        return None
    return argv if done.returncode == 0 else None

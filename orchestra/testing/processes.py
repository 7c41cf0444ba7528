"""Finding and ending processes that were started on the user's behalf: a lab's servers and what their sessions left.

A process belongs to a folder if its environment carries the folder's mark, or if it descends from one that does.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
from collections.abc import Sequence
from pathlib import Path

#: Set in every process of a lab to its folder, so that its end finds also what a session left in the background.
MARK = "ORCHESTRA_LAB"


def marked_processes(directory: Path, listeners: Sequence[int]) -> set[int]:
    """Ids of the folder's servers, of all that descends from them, and of what carries the mark in its environment."""
    parents: dict[int, int] = {}
    marked = set()
    mark = f"{MARK}={directory}".encode()
    for entry in Path("/proc").glob("[0-9]*"):
        pid = int(entry.name)
        try:
            parents[pid] = _parent_of(entry)
            environment = (entry / "environ").read_bytes().split(b"\0")
        except OSError:  # it ended meanwhile, or belongs to somebody else
            continue
        if mark in environment:
            marked.add(pid)
    found = marked | {pid for pid in listeners if pid in parents and _is_server(pid)}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {os.getpid()} - _ancestors(parents)


def _parent_of(entry: Path) -> int:
    """The parent's id; 0 for a zombie, which only its own parent can bury."""
    state, parent = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()[:2]
    if state == "Z":
        raise ProcessLookupError(entry.name)
    return int(parent)


def _is_server(pid: int) -> bool:
    """Whether a remembered process id still belongs to a server of ours and was not given to somebody else."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return b"sshd" in command or b"orchestra.testing.sshserver" in command


def _ancestors(parents: dict[int, int]) -> set[int]:
    """Those above us: a shell with the mark set (one opened inside the lab) must survive ``down``."""
    above, pid = set(), os.getppid()
    while pid > 0 and pid not in above:
        above.add(pid)
        pid = parents.get(pid, 0)
    return above


def end_process(pid: int) -> None:
    """Terminate a process, by force after two seconds, and wait until it is gone."""
    for number, seconds in ((signal.SIGTERM, 2.0), (signal.SIGKILL, 5.0)):
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            return
        try:
            signal.pidfd_send_signal(descriptor, number)
            if select.select([descriptor], [], [], seconds)[0]:
                break
        except ProcessLookupError:
            break
        finally:
            os.close(descriptor)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def is_alive(pid: int) -> bool:
    """Whether the process still runs; a child of ours that has ended is reaped."""
    with contextlib.suppress(ChildProcessError):
        return os.waitpid(pid, os.WNOHANG)[0] == 0
    return Path(f"/proc/{pid}").exists()

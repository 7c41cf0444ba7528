"""What a group of processes costs: CPU of all that ran in it, dead or alive, and the peak of its memory.

A control group counts every process, also those that daemonise (ssh's ControlPersist masters) or that nobody waits for.
Without root there is none; then this process adopts orphans (PR_SET_CHILD_SUBREAPER) and adds up what it reaps.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

_PR_SET_CHILD_SUBREAPER = 36
SAMPLE_SECONDS = 0.3
END_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Cost:
    """One measured command: exit status, wall and CPU seconds, peak memory in bytes (PSS), and what it printed."""

    status: int
    wall: float
    cpu: float
    memory: int
    output: str


class Group(Protocol):
    """A set of processes with one account."""

    def start(self, argv: Sequence[str], **options: object) -> subprocess.Popen[bytes]:
        """Start a program in the group."""

    def cpu(self) -> float:
        """CPU seconds, user and system, of every process that was ever in the group."""

    def pids(self) -> list[int]:
        """Processes in the group now."""

    def bury(self, seconds: float) -> None:
        """Take note of the CPU that a started process had used, with its children, when it was waited for."""

    def reap(self) -> None:
        """Bury what was adopted; called after processes have ended."""


class ControlGroup:
    """A group counted by the kernel: cgroup v2, or v1's cpuacct."""

    def __init__(self, name: str) -> None:
        unified = Path("/sys/fs/cgroup/cgroup.controllers").exists()
        parent = Path("/sys/fs/cgroup") if unified else Path("/sys/fs/cgroup/cpuacct")
        self._folder = parent / "orchestra-bench" / name
        self._unified = unified
        self._folder.mkdir(parents=True, exist_ok=True)

    def start(self, argv: Sequence[str], **options: object) -> subprocess.Popen[bytes]:
        enter = ["sh", "-ec", 'echo $$ > "$0"; exec "$@"', str(self._folder / "cgroup.procs")]
        return subprocess.Popen([*enter, *argv], **options)  # type: ignore[call-overload,no-any-return]

    def cpu(self) -> float:
        if self._unified:
            stat = dict(line.split() for line in (self._folder / "cpu.stat").read_text().splitlines())
            return int(stat["usage_usec"]) / 1e6
        return int((self._folder / "cpuacct.usage").read_text()) / 1e9

    def pids(self) -> list[int]:
        return [int(pid) for pid in (self._folder / "cgroup.procs").read_text().split()]

    def bury(self, seconds: float) -> None:
        """The kernel has counted it."""

    def reap(self) -> None:
        """Nothing is adopted here."""

    def remove(self) -> None:
        """Remove the group, and the folder of both if it was the last; all its processes must have ended."""
        self._folder.rmdir()
        with contextlib.suppress(OSError):
            self._folder.parent.rmdir()


class ProcessTree:
    """A group counted without privileges: the descendants of what was started, with orphans adopted by this process."""

    def __init__(self) -> None:
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self._own: set[int] = set()
        self._buried = 0.0

    def start(self, argv: Sequence[str], **options: object) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(argv, **options)  # type: ignore[call-overload]
        self._own.add(process.pid)
        return process  # type: ignore[no-any-return]

    def cpu(self) -> float:
        return self._buried + sum(_cpu_of(pid) for pid in self.pids())

    def pids(self) -> list[int]:
        parents = _parents()
        found = {pid for pid in parents if pid in self._own or (parents[pid] == os.getpid() and pid not in _FOREIGN)}
        while more := {pid for pid, parent in parents.items() if parent in found} - found:
            found |= more
        return sorted(found)

    def bury(self, seconds: float) -> None:
        self._buried += seconds

    def reap(self) -> None:
        for pid in [pid for pid, parent in _parents().items() if parent == os.getpid() and pid not in _FOREIGN]:
            try:
                done, _, usage = os.wait4(pid, os.WNOHANG)
            except ChildProcessError:
                continue
            if done:
                self.bury(usage.ru_utime + usage.ru_stime)


#: Children of this process that belong to another tree (the target's sshd).
_FOREIGN: set[int] = set()


class Daemon:
    """A group without privileges around one program that waits for its own children, as sshd does."""

    def start(self, argv: Sequence[str], **options: object) -> subprocess.Popen[bytes]:
        self._process = subprocess.Popen(argv, **options)  # type: ignore[call-overload]
        _FOREIGN.add(self._process.pid)
        return self._process

    def cpu(self) -> float:
        return _cpu_of(self._process.pid)

    def pids(self) -> list[int]:
        return [self._process.pid] if self._process.poll() is None else []

    def bury(self, seconds: float) -> None:
        """sshd is not waited for while it is measured."""

    def reap(self) -> None:
        """sshd buries its own."""


def make_groups(trees: bool) -> tuple[Group, Group, str]:
    """(controller's group, target's group, how they are counted); ``trees`` does without control groups."""
    if not trees:
        try:
            return ControlGroup("controller"), ControlGroup("target"), "control groups"
        except OSError as problem:
            sys.stderr.write(f"bench: no control groups here ({problem}): adding up process trees\n")
    return ProcessTree(), Daemon(), "process trees (less exact)"


def measure(group: Group, argv: Sequence[str], environment: Mapping[str, str], folder: Path, limit: float) -> Cost:
    """Run a command in a group until it and all that it left behind have ended."""
    before, begin = group.cpu(), time.monotonic()
    with open(folder / "output", "w+b") as output:
        process = group.start(
            argv, env=dict(environment), cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        watch = MemoryWatch(group)
        status = _wait(group, process, limit)
        wall = time.monotonic() - begin
        memory = watch.stop()
        end(group)
        output.seek(0)
        text = output.read().decode(errors="replace")
    return Cost(status, wall, group.cpu() - before, memory, text)


def _wait(group: Group, process: subprocess.Popen[bytes], limit: float) -> int:
    """The exit status of a started command, its CPU noted; -1 when it takes too long and is left running."""
    descriptor = os.pidfd_open(process.pid)
    try:
        if not select.select([descriptor], [], [], limit)[0]:
            return -1
    finally:
        os.close(descriptor)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    group.bury(usage.ru_utime + usage.ru_stime)
    return process.returncode


def end(group: Group) -> None:
    """Terminate what a command left behind (ssh masters) and wait until the group is empty."""
    deadline = time.monotonic() + END_SECONDS
    while pids := group.pids():
        for pid in pids:
            _signal(pid, signal.SIGTERM if time.monotonic() < deadline - END_SECONDS / 2 else signal.SIGKILL)
        time.sleep(0.02)
        group.reap()
        if time.monotonic() > deadline:
            raise RuntimeError(f"processes do not end: {pids}")


class MemoryWatch:
    """Samples the proportional memory (PSS) of a group from a thread and remembers the peak."""

    def __init__(self, group: Group) -> None:
        self._group = group
        self._peak = 0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._stopped.wait(SAMPLE_SECONDS):
            self._peak = max(self._peak, sum(_memory_of(pid) for pid in self._group.pids()))

    def stop(self) -> int:
        """The peak so far, in bytes; 0 for what ended before the first sample."""
        self._stopped.set()
        self._thread.join()
        return self._peak


def _memory_of(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:"))


def _cpu_of(pid: int) -> float:
    """CPU seconds of a process and of the children that it has waited for."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(ticks) for ticks in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def _parents() -> dict[int, int]:
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            found[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    return found


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return

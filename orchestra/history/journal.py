"""A journal being written: one file for each run, appended to by a thread, so that a run never waits for a disk.

Its writer holds a lock on it for as long as it lives; a journal that is not locked and has no end belongs to a run that
was killed. The form of its lines is in ``entries``.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from orchestra.history.places import JOURNAL

#: Seconds that lines are gathered before they are written.
PACE = 0.25
#: Bytes that may wait for a disk; past them recording ends.
BOUND = 64 << 20
#: Seconds that the end of a run waits for its last lines.
_PATIENCE = 3.0


class Late(Protocol):
    """What the writing thread finds out by itself, so that the run need not: lines that come when they are known."""

    def begin(self) -> Iterable[str]:
        """Lines at the start."""

    def answer(self, question: tuple[str, str]) -> Iterable[str]:
        """Lines for something that the run asked about."""

    def end(self) -> Iterable[str]:
        """Lines at the end."""


class Journal:
    """One run's journal. ``put`` and ``ask`` belong to the run's thread."""

    def __init__(self, folder: Path, name: str, header: str, late: Late) -> None:
        """Open it. Raises OSError."""
        self.path = folder / (name + JOURNAL)
        self._file = _open_locked(folder / f".{name}{JOURNAL}", self.path, header)
        self._late = late
        #: The run appends; the thread copies what is there and cuts it off in front, each in one step.
        self._lines: list[str] = []
        self._questions: deque[tuple[str, str]] = deque()
        self._unwritten = b""
        #: Characters that were put in, and that were taken out; each thread counts its own.
        self._put, self._took = 0, 0
        self._awake = False
        self._wake = threading.Event()
        self._closing = threading.Event()
        #: Why lines cannot be written at the moment.
        self.fault: OSError | None = None
        #: True when lines had to be left out.
        self.broken = False
        self._complete = False
        self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
        self._thread.start()

    def put(self, line: str) -> None:
        """Append a line, soon."""
        if self.broken:
            return
        self._put += len(line)
        if self._put - self._took > BOUND:
            self.broken = True
            return
        self._lines.append(line)
        if not self._awake:
            self._awake = True
            self._wake.set()

    def ask(self, kind: str, what: str) -> None:
        """Let the thread find something out and append it."""
        self._questions.append((kind, what))
        if not self._awake:
            self._awake = True
            self._wake.set()

    def finish(self) -> None:
        """Nothing more comes; the thread writes what is left by itself."""
        self._closing.set()
        self._wake.set()

    def close(self) -> bool:
        """Finish and wait until all is written; False when it is not."""
        self.finish()
        self._thread.join(_PATIENCE)
        return self._complete and not self.broken and self.fault is None

    def _work(self) -> None:
        try:
            self._write(self._late.begin())
            while not self._closing.is_set():
                self._wake.wait()
                self._closing.wait(PACE)
                self._wake.clear()
                self._awake = False
                self._write(self._taken())
            self._write([*self._taken(), *self._late.end()])
            self._complete = True
        finally:
            os.close(self._file)

    def _taken(self) -> list[str]:
        lines = self._lines[:]
        del self._lines[: len(lines)]
        self._took += sum(map(len, lines))
        while self._questions:
            lines += self._late.answer(self._questions.popleft())
        return lines

    def _write(self, lines: Iterable[str]) -> None:
        """Write what is left from before, and ``lines``. What a full disk does not take is kept and tried again."""
        data = self._unwritten + "\n".join([*lines, ""]).encode()
        try:
            while data:
                data = data[os.write(self._file, data) :]
            self.fault = None
        except OSError as error:
            self.fault = error
            self.broken = self.broken or len(data) > BOUND
        self._unwritten = b"" if self.broken else data


def _open_locked(early: Path, path: Path, header: str) -> int:
    """A new file that has its first line, and its lock, before anybody can find it."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    file = os.open(early, flags, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        data = header.encode() + b"\n"
        if os.write(file, data) != len(data):
            raise OSError(28, "No space left on device", str(early))
        os.rename(early, path)
    except OSError:
        os.close(file)
        os.unlink(early)
        raise
    return file


def is_being_written(descriptor: int) -> bool:
    """Say whether the writer of an open journal lives; when not, the caller holds the lock from now on."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    return False

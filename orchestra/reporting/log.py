"""ansible.cfg's ``log_path``: the default output again, in a file, each message with time, process and user."""

from __future__ import annotations

import getpass
import io
import os
import time

from orchestra.errors import OrchestraError
from orchestra.model.origin import Origin


class LogStream(io.TextIOBase):
    """A stream whose every write becomes a log entry. The file is opened at the first one, for appending, 0600 if new.

    Raises:
        OrchestraError: the file cannot be written (at the first entry).
    """

    encoding = "utf-8"

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path
        self._file: io.TextIOBase | None = None
        self._who = f"p={os.getpid()} u={_user()} n=ansible INFO| "

    def write(self, text: str) -> int:
        """Add one entry; blank ones are left out."""
        if text.strip():
            now = time.time()
            stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now)) + f",{int(now % 1 * 1000):03d}"
            self._opened().write(f"{stamp} {self._who}{text.lstrip(chr(10))}")
        return len(text)

    def flush(self) -> None:
        """Hand the entries to the system."""
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        """Close the file; calling it again does nothing."""
        if self._file is not None:
            self._file.close()
            self._file = None
        super().close()

    def _opened(self) -> io.TextIOBase:
        if self._file is None:
            try:
                descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            except OSError as problem:
                raise OrchestraError(
                    f"cannot write the log: {problem.strerror}", origin=Origin(self._path), hint="see log_path"
                ) from problem
            self._file = os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace")
        return self._file


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())

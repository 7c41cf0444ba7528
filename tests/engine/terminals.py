"""Somebody at a terminal of a program's own: waits for a text, then presses keys, Ctrl-C among them."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_PATIENCE = 30.0
CTRL_C = "\x03"


class Sitting:
    """A run of ``orchestra`` whose controlling terminal is ours."""

    def __init__(self, folder: Path, *words: str) -> None:
        self._terminal, slave = os.openpty()
        orchestra = os.path.join(os.path.dirname(sys.executable), "orchestra")
        self._process = subprocess.Popen(
            ["setsid", "--ctty", orchestra, *words], cwd=folder, stdin=slave, stdout=slave, stderr=slave,
            env={**os.environ, "TERM": "xterm", "NO_COLOR": "1"},
        )  # fmt: skip
        os.close(slave)
        self.said = ""
        self._seen = 0

    def sees(self, text: str) -> None:
        """Wait until this is said, after what was waited for before."""
        while text not in self.said[self._seen :]:
            assert self._read(), f"no {text!r} in {self.said[self._seen :]!r}; before it: {self.said[: self._seen]!r}"
        self._seen = self.said.index(text, self._seen) + len(text)

    def types(self, keys: str) -> None:
        """Press keys."""
        os.write(self._terminal, keys.encode())

    def end(self) -> int:
        """Wait for the end; the exit status."""
        while self._read():
            pass
        return self._process.wait(_PATIENCE)

    def close(self) -> None:
        """Leave, whatever goes on."""
        os.close(self._terminal)
        self._process.kill()
        self._process.wait()

    def _read(self) -> bool:
        if not select.select([self._terminal], [], [], _PATIENCE)[0]:
            return False
        try:
            piece = os.read(self._terminal, 65536)
        except OSError:  # Linux says so when nobody has the other end any more
            return False
        self.said += piece.decode(errors="replace").replace("\r\n", "\n")
        return bool(piece)


def sit(folder: Path, words: Sequence[str], steps: Sequence[tuple[str, str]]) -> tuple[int, str]:
    """Exit status and everything said of a run in which one sees a text, then types, again and again."""
    sitting = Sitting(folder, *words)
    try:
        for text, keys in steps:
            sitting.sees(text)
            sitting.types(keys)
        return sitting.end(), sitting.said
    finally:
        sitting.close()

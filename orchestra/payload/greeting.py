"""Finds where the runner begins to speak, behind banners and profile noise, and keeps what the host said before."""

from __future__ import annotations

_NOISE_LIMIT = 1024 * 1024
_ERROR_LIMIT = 8192


class Greeting:
    """Waits for the line ``<nonce>:up`` or ``<nonce>:none``."""

    __slots__ = ("_errors", "_marker", "_noise", "found")

    def __init__(self, nonce: str) -> None:
        self._marker = nonce.encode() + b":"
        self._noise = bytearray()
        self._errors = bytearray()
        #: What the marker said: "up", "none", or empty as long as it has not come.
        self.found = ""

    def feed(self, data: bytes) -> bytes:
        """Take output; what follows the marker's line is returned."""
        self._noise += data
        before, marker, after = self._noise.partition(self._marker)
        line, end, rest = after.partition(b"\n")
        if not (marker and end):
            return b""
        self._noise = before
        self.found = line.strip().decode("ascii", "replace")
        return bytes(rest)

    def error(self, data: bytes) -> None:
        """Take error output: as much as is worth showing."""
        if len(self._errors) < _ERROR_LIMIT:
            self._errors += data

    @property
    def hopeless(self) -> bool:
        """Whether so much came without a marker that none will."""
        return not self.found and len(self._noise) > _NOISE_LIMIT

    def said(self) -> str:
        """The end of what the host said, for an error text; empty when it said nothing."""
        text = bytes(self._errors or self._noise).decode("utf-8", "replace").strip()
        return f"; the host said: {text[-500:]}" if text else ""

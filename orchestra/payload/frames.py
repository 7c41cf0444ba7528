"""The controller's half of the frame format that orchestra/runner/wire.py describes."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

CHUNK = 65536
CODE, RUN, DATA, CANCEL, OVERLAY, QUIT = b"CRDXOQ"
HELLO, REPLY, LAST_REPLY, UNDO, NOTE, BEAT, FAULT, WANT = b"HPpUNBFW"
_PREFIX = struct.Struct(">BIII")
_SIZE = _PREFIX.size

try:
    import orjson

    def dumps(value: Any) -> bytes:
        """JSON as the runner reads it."""
        try:
            return orjson.dumps(value)
        except TypeError:  # an integer of more than 64 bits, a surrogate, a key that is no text
            return _dumps(value)

    def loads(data: bytes) -> Any:
        """What the runner wrote; lone surrogates stand for bytes that are not UTF-8."""
        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError:
            return json.loads(data)

except ImportError:

    def dumps(value: Any) -> bytes:
        """JSON as the runner reads it."""
        return _dumps(value)

    def loads(data: bytes) -> Any:
        """What the runner wrote; lone surrogates stand for bytes that are not UTF-8."""
        return json.loads(data)


def _dumps(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), default=_plain).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, dict) or hasattr(value, "items"):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    return list(value) if isinstance(value, tuple) else str(value)


class Frame(NamedTuple):
    """One frame from a host; `header` is JSON text, undecoded."""

    kind: int
    number: int
    header: bytes
    body: bytes


class FrameError(Exception):
    """The stream is not made of frames: something else writes into it."""


def encode(kind: int, number: int, header: bytes = b"", body: bytes = b"") -> bytes:
    """One frame as bytes."""
    return _PREFIX.pack(kind, number, len(header), len(body)) + header + body


class Decoder:
    """Cuts what arrives into frames; refuses a header or body of more than `limit` bytes."""

    __slots__ = ("_buffer", "_limit")

    def __init__(self, limit: int) -> None:
        self._buffer = bytearray()
        self._limit = limit

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that `data` completes. Raises FrameError."""
        if not self._buffer and len(data) >= _SIZE:
            kind, number, head, body = _PREFIX.unpack_from(data)
            if len(data) == _SIZE + head + body:  # what nearly always arrives: one whole frame
                yield Frame(kind, number, data[_SIZE : _SIZE + head], data[_SIZE + head :])
                return
        self._buffer += data
        yield from self._cut()

    def _cut(self) -> Iterator[Frame]:
        buffer = self._buffer
        start = 0
        while len(buffer) - start >= _SIZE:
            kind, number, head, body = _PREFIX.unpack_from(buffer, start)
            if head + body > self._limit:
                raise FrameError(f"a frame of {head + body} bytes was announced; the limit is {self._limit}")
            middle, end = start + _SIZE + head, start + _SIZE + head + body
            if len(buffer) < end:
                break
            yield Frame(kind, number, bytes(buffer[start + _SIZE : middle]), bytes(buffer[middle:end]))
            start = end
        if start:
            del buffer[:start]

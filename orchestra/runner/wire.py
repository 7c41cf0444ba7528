"""Frames between controller, runner and worker, and JSON without the `json` package (which costs 10 ms at start).

A frame is: type (1 byte), request id (4), length of the header (4), length of the body (4), big-endian; then the
header, JSON in UTF-8, and the body, bytes. The types are below; orchestra/payload/frames.py is the controller's half.
"""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PREFIX = 13
CHUNK = 65536
CODE, RUN, DATA, CANCEL, OVERLAY, QUIT = b"CRDXOQ"  # to the host; DATA and OVERLAY go both ways
HELLO, REPLY, LAST_REPLY, UNDO, NOTE, BEAT, FAULT, WANT = b"HPpUNBFW"  # LAST_REPLY: and this worker ends now


def _plain(value: "Any") -> "Any":
    """What JSON has no word for."""
    if isinstance(value, (bytes, bytearray)):
        return value.decode("utf-8", "surrogateescape")
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return str(value)


try:
    from _json import encode_basestring_ascii, make_encoder, make_scanner

    class _Context:
        strict = False
        object_hook = object_pairs_hook = None
        parse_float = float
        parse_int = int
        memo = {}  # type: dict[str, str]
        parse_constant = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": -float("inf")}.get

    _scan = make_scanner(_Context())  # type: ignore[arg-type]
    _encode = make_encoder(None, _plain, encode_basestring_ascii, None, ":", ",", False, True, True)

    def loads(text: "str") -> "Any":
        """A value from JSON without white space around it."""
        return _scan(text, 0)[0]

    def dumps(value: "Any") -> "str":
        """A value as ASCII JSON."""
        return "".join(_encode(value, 0))

    if loads(dumps({"a": [1, 2.5, None, True, "\u20ac"]})) != {"a": [1, 2.5, None, True, "\u20ac"]}:
        raise ImportError("this Python's JSON parts are of another kind")
except (ImportError, TypeError, AttributeError):
    import json

    def loads(text: "str") -> "Any":
        """A value from JSON."""
        return json.loads(text)

    def dumps(value: "Any") -> "str":
        """A value as ASCII JSON."""
        return json.dumps(value, default=_plain, skipkeys=True)


def frame(kind: "int", number: "int", header: "bytes" = b"", body: "bytes" = b"") -> "bytes":
    """One frame."""
    sizes = len(header).to_bytes(4, "big") + len(body).to_bytes(4, "big")
    return bytes((kind,)) + number.to_bytes(4, "big") + sizes + header + body


def send(fd: "int", kind: "int", number: "int", header: "Any" = None, body: "bytes" = b"") -> "None":
    """Write one frame; BrokenPipeError where nobody listens any more."""
    write_all(fd, frame(kind, number, b"" if header is None else dumps(header).encode(), body))


def write_all(fd: "int", data: "bytes") -> "None":
    """All of it, however little the pipe takes at once."""
    sent = os.write(fd, data)
    while sent < len(data):
        data = data[sent:]
        sent = os.write(fd, data)


class Reader:
    """Cuts a stream of bytes into frames."""

    def __init__(self) -> "None":
        self.buffer = bytearray()

    def feed(self, data: "bytes") -> "list[tuple[int, int, bytes, bytes]]":
        """The frames that are complete now: (type, id, raw frame, body)."""
        buffer = self.buffer
        buffer += data
        done, start = [], 0
        while len(buffer) - start >= PREFIX:
            head = start + PREFIX + int.from_bytes(buffer[start + 5 : start + 9], "big")
            end = head + int.from_bytes(buffer[start + 9 : start + 13], "big")
            if len(buffer) < end:
                break
            number = int.from_bytes(buffer[start + 1 : start + 5], "big")
            done.append((buffer[start], number, bytes(buffer[start:end]), bytes(buffer[head:end])))
            start = end
        if start:
            del buffer[:start]
        return done


def header_of(raw: "bytes") -> "Any":
    """The JSON header of a raw frame."""
    size = int.from_bytes(raw[5:9], "big")
    return loads(raw[PREFIX : PREFIX + size].decode()) if size else {}

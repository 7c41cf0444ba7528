"""Bytes that travel beside a request or a reply: attachments in and out, long and binary texts, in frames of 64 KB."""

import os

from orchestra.runner import wire
from orchestra.runner.system import Attachment
from orchestra.runner.worker import Stopped, _failure, _is_long

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from orchestra.runner.system import System

SPOOL = 1024 * 1024  # larger attachments wait in a file


def receive(following: "Callable[[], Any]", number: "int", announced: "dict[str, int]", system: "System") -> "None":
    """Collect a request's attachments, {name: size}, from the frames that follow it."""
    for name, size in announced.items():
        spool = os.path.join(system.scratch(), "attachment%d" % len(system.incoming)) if size > SPOOL else None
        parts = []  # type: list[bytes]
        left = size
        while left > 0:
            found = following()
            if found is None:
                raise Stopped
            if found[0] == wire.DATA and found[1] == number:
                left -= len(found[3])
                _keep(found[3], parts, spool)
        system.incoming[name] = Attachment(None if spool else b"".join(parts), spool, size)


def _keep(data: "bytes", parts: "list[bytes]", spool: "str | None") -> "None":
    if spool is None:
        parts.append(data)
        return
    fd = os.open(spool, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        wire.write_all(fd, data)
    finally:
        os.close(fd)


def carry_out_of(outlet: "int", number: "int", result: "dict[str, Any]", system: "System") -> "dict[str, Any]":
    """Send what does not fit JSON ahead of the reply, and return the rest of the result."""
    long = {name: _bytes(value) for name, value in result.items() if _is_long(value)}
    size = sum(map(len, long.values()))
    if size > system.reply_limit:
        text = "the reply has {} bytes, more than the {} that the setting orchestra.max_reply_mb allows"
        return wire.loads(_failure(result, text.format(size, system.reply_limit)).decode())  # type: ignore[no-any-return]
    for name, content in long.items():
        _send_all(outlet, number, {"n": name, "t": 1}, _pieces(content))
    for name, content in system.outgoing.items():
        _send_all(outlet, number, {"n": name}, _pieces(content))
    return {name: value for name, value in result.items() if name not in long}


def _bytes(value: "str | bytes") -> "bytes":
    return value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value


def _pieces(content: "Any") -> "Iterator[bytes]":
    """Blocks of bytes, of text, or of the file that ("path", path) names."""
    if isinstance(content, tuple):
        with open(content[1], "rb") as file:
            for block in iter(lambda: file.read(wire.CHUNK), b""):
                yield block
        return
    data = _bytes(content)
    for start in range(0, len(data), wire.CHUNK):
        yield data[start : start + wire.CHUNK]


def _send_all(outlet: "int", number: "int", header: "dict[str, Any]", pieces: "Iterator[bytes]") -> "None":
    sent = False
    for block in pieces:
        wire.send(outlet, wire.DATA, number, header, block)
        sent = True
    if not sent:
        wire.send(outlet, wire.DATA, number, header)

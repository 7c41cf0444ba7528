"""The client's channel where a host takes one input and gives one output: what is written is kept until it is sent.

The runner is told that its input ends with the request, and gets at once all that it might ask for.
"""

from __future__ import annotations

from collections.abc import Callable

from orchestra.payload import frames
from orchestra.payload.code import Payloads
from orchestra.payload.uploads import code_frame

#: A runner that nobody listens to needs no heartbeat.
_NEVER = 86400


class OnceChannel:
    """Implements Channel. ``hear`` is the client's ``data_received``: it is greeted before anything was sent."""

    def __init__(self, nonce: str, hear: Callable[[bytes], None], payloads: Payloads) -> None:
        self._written: list[bytes] = []
        self._nonce = nonce
        self._hear = hear
        self._payloads = payloads

    def write(self, data: bytes) -> None:
        """Keep bytes. The first are the bundle, which is answered with a greeting."""
        self._written.append(data)
        if len(self._written) == 1:
            about = frames.dumps({"every": _NEVER, "once": 1})
            self._written.append(frames.encode(frames.BEAT, 0, about))
            self._written += [code_frame(one.name, one.file, one.packed) for one in self._payloads.all_files()]
            self._hear(f"{self._nonce}:up\n".encode() + frames.encode(frames.HELLO, 0, b"{}"))

    async def drain(self) -> None:
        """There is nothing to wait for."""

    def terminate(self) -> None:
        """There is nothing to give up."""

    def content(self) -> bytes:
        """All that was written so far."""
        return b"".join(self._written)


def answer_of(output: bytes, nonce: str) -> bytes | None:
    """The frames in a runner's output; None where it did not start."""
    _, marker, rest = output.partition(f"{nonce}:up\n".encode())
    return rest if marker else None

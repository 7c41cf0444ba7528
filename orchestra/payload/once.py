"""A runner where a host takes one input and gives one output: it gets all that it might ask for, and its request.

What is sent is the usual bundle, whose runner is exchanged for one that answers although its input has ended.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import cached_property

from orchestra.payload import frames
from orchestra.payload.build import PREFIX
from orchestra.payload.code import ForeignModule, ModuleCode, PayloadError, Payloads, Source
from orchestra.payload.uploads import code_frame

_MAIN, _ONCE = PREFIX + "main", PREFIX + "once"


class OncePayloads:
    """Code for such hosts: that of ``payloads``, in another bundle."""

    def __init__(self, payloads: Payloads) -> None:
        self._payloads = payloads
        self.module = payloads.module
        self.foreign: Callable[[ForeignModule], ModuleCode] = payloads.foreign
        self.runner_file = payloads.runner_file
        self.find = payloads.find

    def bundle(self) -> bytes:
        """The runner's core with the other runner in it."""
        return self._bundle

    @cached_property
    def _bundle(self) -> bytes:
        once = self._payloads.find(_ONCE)
        if once is None:
            raise PayloadError(f"the installation is incomplete: {_ONCE} is missing")
        head, start, glue = zlib.decompress(self._payloads.bundle()).decode().rpartition("\nM=")
        exchange = f"\nfrom {_ONCE} import Once as Runner\n"
        change = (
            f"\nS[{once.name!r}]=({once.file!r},{once.packed!r})"
            f"\nS[{_MAIN!r}]=(S[{_MAIN!r}][0],S[{_MAIN!r}][1]+{exchange!r})"
        )
        return zlib.compress((head + change + start + glue).encode(), 9)

    def all_files(self) -> tuple[Source, ...]:
        """Every file of the runner proper."""
        return self._payloads.all_files()


class OnceChannel:
    """Implements Channel: what is written is kept. ``hear`` is the client's ``data_received``, which is greeted
    before anything was sent."""

    def __init__(self, nonce: str, hear: Callable[[bytes], None], payloads: OncePayloads) -> None:
        self._written: list[bytes] = []
        self._nonce = nonce
        self._hear = hear
        self._payloads = payloads

    def write(self, data: bytes) -> None:
        """Keep bytes. The first are the bundle, which is answered with a greeting."""
        self._written.append(data)
        if len(self._written) == 1:
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

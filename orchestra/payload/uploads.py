"""Remembers which code a host has, and gives the frames for what it lacks. One for each runner."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from orchestra.payload import frames
from orchestra.payload.channel import Channel
from orchestra.payload.code import Payloads, Source
from orchestra.payload.requests import Request


class Uploads:
    """What went to one runner, by digest."""

    __slots__ = ("_builder", "_sent")

    def __init__(self, builder: Payloads) -> None:
        self._builder = builder
        self._sent: set[str] = set()

    def before(self, request: Request) -> bytes:
        """The frames that must go before a request; empty when the host has all that it needs."""
        missing = {source.digest: source for source in self._needed(request) if source.digest not in self._sent}
        self._sent.update(missing)
        return b"".join(code_frame(source.name, source.file, source.packed) for source in missing.values())

    def _needed(self, request: Request) -> list[Source]:
        needed: list[Source] = []
        if request.check:
            needed += self._builder.runner_file("foresight")
        if request.job is not None:
            needed += self._builder.all_files()
        if request.attachments:
            needed += self._builder.runner_file("carry")
        if request.undo:
            needed += self._builder.runner_file("undo")
        if request.code.sources[-1].digest not in self._sent:
            needed += request.code.sources
        return needed

    def asked(self, frame: frames.Frame) -> bytes:
        """The frame that answers a worker which asked for one of the runner's files; without a body: there is none."""
        name = frames.loads(frame.header)["name"]
        source = self._builder.find(name)
        if source is None:
            return code_frame(name, "", b"", frame.number)
        self._sent.add(source.digest)
        return code_frame(name, source.file, source.packed, frame.number)


def code_frame(name: str, file: str, packed: bytes, number: int = 0) -> bytes:
    """The frame that makes a file of code importable on a host."""
    return frames.encode(frames.CODE, number, frames.dumps({"name": name, "file": file}), packed)


async def stream(channel: Channel, number: int, attachments: Mapping[str, bytes | Path]) -> None:
    """Send attachments in frames, in the announced order, as fast as the channel takes them."""
    for content in attachments.values():
        for block in _blocks(content):
            channel.write(frames.encode(frames.DATA, number, b"", block))
            if len(block) == frames.CHUNK:
                await channel.drain()


def _blocks(content: bytes | Path) -> Iterator[bytes]:
    if isinstance(content, Path):
        with content.open("rb") as file:
            while block := file.read(frames.CHUNK):
                yield block
        return
    for start in range(0, len(content), frames.CHUNK):
        yield content[start : start + frames.CHUNK]

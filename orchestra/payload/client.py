"""The controller's end of one resident runner: requests out, replies in, over any byte channel.

It knows frames, ids and silence; it does not know tasks, hosts or how the channel was made. It receives what the
channel prints (`data_received`, `error_received`, `process_exited`) and writes to a `Channel`.
"""

from __future__ import annotations

import asyncio
from typing import Any

from orchestra.errors import HostError, Lost, Unreachable
from orchestra.payload import frames
from orchestra.payload.channel import Channel
from orchestra.payload.code import Payloads
from orchestra.payload.greeting import Greeting
from orchestra.payload.pending import Pending
from orchestra.payload.requests import RawReply, Request
from orchestra.payload.uploads import Uploads, stream

__all__ = ["Channel", "NoInterpreter", "OverlayShare", "RawReply", "Request", "RunnerClient"]

SILENCE_SECONDS = 60.0
REPLY_LIMIT = 100 * 1024 * 1024


class NoInterpreter(HostError):
    """The host has no Python that the runner could use: the raw tier is what is left."""


class OverlayShare:
    """What check mode predicts on one host, shared by its runners (one for each user that tasks become)."""

    def __init__(self) -> None:
        self.known: list[bytes] = []
        self.members: list[RunnerClient] = []

    def join(self, client: RunnerClient) -> None:
        """A runner joins and is told what is known."""
        self.members.append(client)
        for header in self.known:
            client.add_overlay(header)

    def publish(self, sender: RunnerClient, header: bytes) -> None:
        """A runner predicted something: the others learn it."""
        self.known.append(header)
        for member in self.members:
            if member is not sender:
                member.add_overlay(header)


class RunnerClient:
    """Speaks with one runner. Give it to the channel as its sink, then `await start(channel)`."""

    def __init__(
        self,
        builder: Payloads,
        nonce: str,
        *,
        silence: float = SILENCE_SECONDS,
        reply_limit: int = REPLY_LIMIT,
        overlay: OverlayShare | None = None,
    ) -> None:
        self.hello: dict[str, Any] = {}
        self._builder = builder
        self._greeting = Greeting(nonce)
        self._silence = silence
        self._reply_limit = reply_limit
        self._overlay = overlay
        self._decoder = frames.Decoder(reply_limit + frames.CHUNK)
        self._up = False
        self._channel: Channel | None = None
        self._pending: dict[int, Pending] = {}
        self._uploads = Uploads(builder)
        self._number = 0
        self._ending: set[int] = set()
        self._ended = asyncio.Event()
        self._gone = asyncio.Event()
        self._cancelled = False
        self._failure: HostError | None = None
        self._loop = asyncio.get_running_loop()
        self._started: asyncio.Future[None] = self._loop.create_future()
        self._heard = 0.0
        self._timer: asyncio.TimerHandle | None = None

    # --- the life of the channel ---

    async def start(self, channel: Channel) -> dict[str, Any]:
        """Send the bundle and wait for the greeting: python, executable, pid, euid, platform.

        Raises:
            NoInterpreter: no usable Python on the host.
            Unreachable: the channel ended before the runner was there.
        """
        self._channel = channel
        channel.write(self._builder.bundle())
        await self._started
        if self._silence < SILENCE_SECONDS:
            self._write(frames.encode(frames.BEAT, 0, frames.dumps({"every": self._silence / 3})))
        if self._overlay is not None:
            self._overlay.join(self)
        return self.hello

    def data_received(self, data: bytes) -> None:
        """Bytes of the channel's output."""
        self._heard = self._loop.time()
        if not self._up:
            data = self._greeting.feed(data)
            self._up = self._greeting.found == "up"
            if self._greeting.found not in ("", "up"):
                self._fail(NoInterpreter(f"no usable Python (3.6 or later) was found{self._greeting.said()}"))
            elif self._greeting.hopeless:
                self._give_up(Unreachable(f"the host says something else than a runner would{self._greeting.said()}"))
            if not data:
                return
        try:
            for frame in self._decoder.feed(data):
                self._take(frame)
        except (frames.FrameError, ValueError, KeyError) as error:
            self._give_up(Lost(f"the runner's stream is damaged: {error}"))

    def error_received(self, data: bytes) -> None:
        """Bytes of the channel's errors; kept for a failing start."""
        self._greeting.error(data)

    def process_exited(self, status: int | None, reason: str) -> None:
        """The channel is at its end."""
        self._gone.set()
        how = reason or f"it ended with status {status}"
        if self._up:
            self._fail(Lost(f"the link to the runner is gone: {how}"))
        else:
            self._fail(Unreachable(f"the runner did not start: {how}{self._greeting.said()}"))

    def close(self) -> None:
        """End the runner; what still waits is lost.

        An idle runner is only asked: giving its channel up would cost another session to stop what stops by itself.
        """
        self._write(frames.encode(frames.QUIT, 0))
        closed = Lost("the connection was closed")
        if self._pending or self._cancelled:
            self._give_up(closed)
        else:
            self._fail(closed)

    @property
    def idle(self) -> bool:
        """Whether nothing that was asked is still under way."""
        return not self._pending and not self._ending

    async def gone(self) -> None:
        """Wait until the runner has ended, with all its processes; the caller bounds the wait."""
        await self._gone.wait()

    @property
    def alive(self) -> bool:
        """Whether requests can be sent."""
        return self._up and self._failure is None

    # --- requests ---

    async def request(self, request: Request) -> RawReply:
        """Send a request and wait for its reply. Cancelling the caller cancels the task on the host.

        Raises:
            Lost: the link died; what the task did is unknown.
        """
        if self._failure is not None:
            raise self._failure
        assert self._channel is not None, "start() comes first"
        self._number += 1
        number = self._number
        pending = self._pending[number] = Pending(request, self._loop.create_future(), self._reply_limit)
        self._channel.write(self._encode(number, request))
        self._supervise()
        try:
            if request.attachments:
                await stream(self._channel, number, request.attachments)
            return await pending.future
        except asyncio.CancelledError:
            self.cancel(number)
            raise
        finally:
            del self._pending[number]

    def cancel(self, number: int, *, gently: bool = False) -> None:
        """End a request on the host: at once with all it started, or gently after its current effect."""
        self._cancelled = True
        if not gently:
            self._ending.add(number)
        self._write(frames.encode(frames.CANCEL, number, b'{"gently":1}' if gently else b""))

    async def settled(self) -> None:
        """Wait until what was cancelled has ended on the host: a link closed before that may swallow the wish.

        A host that hangs never says so: the caller bounds the wait.
        """
        while self._ending and self._failure is None:
            self._ended.clear()
            await self._ended.wait()

    def stop_gently(self) -> None:
        """Ask every task under way to end after its current effect."""
        for number in self._pending:
            self.cancel(number, gently=True)

    def _write(self, data: bytes) -> None:
        if self._channel is not None and self._failure is None:
            self._channel.write(data)

    def add_overlay(self, header: bytes) -> None:
        """Tell the runner what another one predicted."""
        self._write(frames.encode(frames.OVERLAY, 0, header))

    def _encode(self, number: int, request: Request) -> bytes:
        """The request's frame, behind the code that this host does not have yet."""
        limit = self._reply_limit if self._reply_limit != REPLY_LIMIT else 0
        run = frames.encode(frames.RUN, number, request.header(limit))
        code = self._uploads.before(request)
        return code + run if code else run

    # --- what arrives ---

    def _take(self, frame: frames.Frame) -> None:
        kind = frame.kind
        if self._ending and kind in (frames.REPLY, frames.LAST_REPLY, frames.FAULT):
            self._ending.discard(frame.number)
            self._ended.set()
        if kind == frames.HELLO:
            self.hello = frames.loads(frame.header)
            if not self._started.done():
                self._started.set_result(None)
        elif kind == frames.OVERLAY and self._overlay is not None:
            self._overlay.publish(self, frame.header)
        elif (pending := self._pending.get(frame.number)) is not None:
            self._take_for(pending, frame)

    def _take_for(self, pending: Pending, frame: frames.Frame) -> None:
        kind = frame.kind
        if kind in (frames.REPLY, frames.LAST_REPLY):
            pending.finish(frame)
        elif kind == frames.DATA:
            if not pending.collect(frame):
                self.cancel(frame.number)
        elif kind == frames.FAULT:
            pending.fault(frame)
        elif kind == frames.WANT:
            self._write(self._uploads.asked(frame))
        else:
            pending.rare(frame)

    # --- silence and the end ---

    def _supervise(self) -> None:
        if self._timer is None:
            self._heard = self._loop.time()
            self._timer = self._loop.call_later(self._silence / 2, self._listen)

    def _listen(self) -> None:
        """Runs twice in the time that a runner may be silent, while requests wait."""
        self._timer = None
        if not self._pending or self._failure is not None:
            return
        if self._loop.time() - self._heard >= self._silence:
            self._give_up(Lost(f"the runner has been silent for {self._silence:.0f} s"))
            return
        self._timer = self._loop.call_later(self._silence / 2, self._listen)

    def _give_up(self, failure: HostError) -> None:
        self._fail(failure)
        if self._channel is not None:
            self._channel.terminate()

    def _fail(self, failure: HostError) -> None:
        if self._failure is not None:
            return
        self._failure = failure
        self._ended.set()
        if self._timer is not None:
            self._timer.cancel()
        if not self._started.done():
            self._started.set_exception(failure)
            self._started.exception()  # seen: nobody may be waiting yet
        for pending in self._pending.values():
            if not pending.future.done():
                pending.future.set_exception(failure)

"""A request that waits for its reply, and the reply as it comes in piece by piece."""

from __future__ import annotations

import asyncio

from orchestra.payload import frames
from orchestra.payload.requests import RawReply, Request


class Pending:
    """What has arrived for one request; its future gets the whole."""

    __slots__ = ("_limit", "_parts", "_size", "future", "reply", "request")

    def __init__(self, request: Request, future: asyncio.Future[RawReply], limit: int) -> None:
        """``limit`` is how many bytes a reply may have."""
        self.request = request
        self.future = future
        self.reply = RawReply()
        self._limit = limit
        self._parts: dict[tuple[str, bool], list[bytes]] = {}
        self._size = 0

    def finish(self, frame: frames.Frame) -> None:
        """The reply itself: with it, everything is here."""
        if self.future.done():
            return
        reply = self.reply
        reply.result = frames.loads(frame.header)
        for (name, is_text), parts in self._parts.items():
            content = b"".join(parts)
            reply.attachments[name] = content
            if is_text:
                reply.result[name] = content.decode("utf-8", "replace")
        self.future.set_result(reply)

    def collect(self, frame: frames.Frame) -> bool:
        """A piece of a long text (it becomes part of the result) or of an attachment. False: the limit is passed."""
        header = frames.loads(frame.header)
        is_text = bool(header.get("t"))
        if not is_text and self.request.receive is not None:
            self.request.receive(header["n"], frame.body)
            return True
        self._size += len(frame.body)
        if self._size <= self._limit:
            self._parts.setdefault((header["n"], is_text), []).append(frame.body)
            return True
        if not self.future.done():
            text = f"the reply is larger than the {self._limit} bytes that the setting orchestra.max_reply_mb allows"
            self.future.set_result(RawReply({"failed": True, "changed": False, "msg": text}))
        return False

    def fault(self, frame: frames.Frame) -> None:
        """The task did not come to a reply: its worker died, its time was over, it was cancelled."""
        if self.future.done():
            return
        header = frames.loads(frame.header)
        self.reply.fault = header["kind"]
        self.reply.result = {"failed": True, "changed": False, "msg": header["msg"]}
        self.future.set_result(self.reply)

    def rare(self, frame: frames.Frame) -> None:
        """An undo record, or a word on how far the task is."""
        if frame.kind == frames.UNDO:
            self.reply.undo.append(frames.loads(frame.header))
        elif frame.kind == frames.NOTE and self.request.note is not None:
            self.request.note(frames.loads(frame.header)["text"])

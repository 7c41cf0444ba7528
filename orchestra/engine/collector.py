"""Collects what a program prints, up to a bound, and waits for its end."""

from __future__ import annotations

import asyncio

from orchestra.errors import Lost
from orchestra.model.invocation import Completed


class Collector:
    """A ProcessSink that keeps everything."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._output = bytearray()
        self._errors = bytearray()
        self._ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        """Bytes of standard output."""
        self._keep(self._output, data)

    def error_received(self, data: bytes) -> None:
        """Bytes of standard error."""
        self._keep(self._errors, data)

    def _keep(self, buffer: bytearray, data: bytes) -> None:
        buffer += data
        if len(buffer) > self._limit and not self._ended.done():
            self._ended.set_exception(
                Lost(f"the command printed more than the {self._limit} bytes that max_reply_mb allows")
            )

    def process_exited(self, status: int | None, reason: str) -> None:
        """The end of the program, or of the link to it."""
        if self._ended.done():
            return
        if status is None:
            self._ended.set_exception(Lost(f"the link died while the command ran: {reason}"))
        else:
            self._ended.set_result(status)

    async def completed(self) -> Completed:
        """Wait for the end. Raises Lost."""
        status = await self._ended
        return Completed(status, bytes(self._output), bytes(self._errors))

"""The one interface below the client: where its bytes go. It must not know what they mean."""

from __future__ import annotations

from typing import Protocol


class Channel(Protocol):
    """Where the client's bytes go; `orchestra.model.ports.Process` is one."""

    def write(self, data: bytes) -> None:
        """Send bytes; never blocks."""

    async def drain(self) -> None:
        """Wait until what was written is under way."""

    def terminate(self) -> None:
        """Give the channel up."""

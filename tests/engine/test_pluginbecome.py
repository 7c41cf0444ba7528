"""What a become program says before the command begins: a mark, a refusal, or too much."""

from __future__ import annotations

from typing import Any

import pytest

from orchestra.ansible_api.becoming import BecomeBase
from orchestra.engine import pluginbecome
from orchestra.errors import BecomeFailed
from orchestra.model.invocation import Become


class Plugins:
    """Knows one way to become another user."""

    def become(self, become: Become) -> BecomeBase:
        class Builder(BecomeBase):
            missing = ("no password",)

            def build_become_command(self, cmd: str, shell: Any) -> str:
                super().build_become_command(cmd, shell)
                return self._build_success_command(cmd, shell)

        return Builder()

    def shell(self) -> None:
        return None


class Connection:
    """Starts nothing: what it was asked to start says what the test has it say, with the mark for {mark}."""

    def __init__(self, *said: str) -> None:
        self.said = said
        self.ended = False

    async def start(self, line: str, sink: Any, *, pty: bool = False) -> Any:
        mark = line.partition("echo ")[2].partition(";")[0]
        for text in self.said:
            sink.data_received(text.replace("{mark}", mark).encode())
        return self

    def terminate(self) -> None:
        self.ended = True


class Sink:
    """Keeps what comes through."""

    def __init__(self) -> None:
        self.data = b""

    def data_received(self, data: bytes) -> None:
        self.data += data


async def escalated(connection: Connection) -> bytes:
    sink = Sink()
    plugins, become = Plugins(), Become("web", method="mine")
    await pluginbecome.escalate(plugins, connection, become, "id", sink)  # type: ignore[arg-type]
    return sink.data


async def test_output_comes_through_once_the_command_has_begun() -> None:
    assert await escalated(Connection("Last login\n", "{mark}\nout", "put\n")) == b"output\n"


async def test_a_refusal_ends_it() -> None:
    connection = Connection("no password\n")
    with pytest.raises(BecomeFailed, match="mine: a password is needed"):
        await escalated(connection)
    assert connection.ended


async def test_a_program_that_never_stops_talking_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pluginbecome, "_MOST", 1000)
    connection = Connection("x" * 600, "x" * 600)
    with pytest.raises(BecomeFailed, match="it said more than 1000 bytes before the command began"):
        await escalated(connection)
    assert connection.ended

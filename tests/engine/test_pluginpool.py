"""Connections of plugins and the run's folder are given up together."""

import threading
from pathlib import Path
from typing import Any

import pytest

from orchestra.engine.pluginconnection import PluginPool
from orchestra.errors import TimedOut
from orchestra.model.ports import Connection
from orchestra.transport.endpoint import Endpoint


class _Plugin:
    """A connection plugin that is connected, and whose end may go wrong."""

    def __init__(self, fault: str) -> None:
        self.connected = True
        self._fault = fault
        self._shell = self._display = self
        self.told: list[str] = []
        self.woken = threading.Event()

    def get_option(self, name: str) -> str:
        return "~/.ansible/tmp"

    def _connect(self) -> None:
        pass

    def exec_command(self, command: str, in_data: bytes | None, sudoable: bool) -> tuple[int, bytes, bytes]:
        if command == "sleep":
            self.woken.wait()
        return 0, f"{id(self)}".encode(), b""

    def vvv(self, text: str, host: str) -> None:
        self.told.append(f"{host}: {text}")

    def close(self) -> None:
        if self._fault:
            raise RuntimeError(self._fault)
        self.connected = False


class _Plugins:
    """Hands out such plugins."""

    def __init__(self, *plugins: _Plugin) -> None:
        self._plugins = list(plugins)

    def find(self, name: str) -> str:
        return name

    def connection(self, *_: Any) -> _Plugin:
        return self._plugins.pop(0)


class _Pool:
    closed = False

    async def connect(self, endpoint: Endpoint) -> Connection:
        raise AssertionError("the endpoint names a plugin")

    async def close(self) -> None:
        self.closed = True


async def test_a_plugin_that_fails_at_its_end_leaves_nothing_else_open(tmp_path: Path) -> None:
    sound, odd, behind = _Plugin(""), _Plugin("no route back"), _Pool()
    pool = PluginPool(behind, _Plugins(sound, odd), str(tmp_path))  # type: ignore[arg-type]
    for name in ("web01", "web02"):
        await pool.connect(Endpoint(name=name, plugin="acme.net.jump"))
    assert Path(pool._folder.path()).is_dir()
    await pool.close()
    assert odd.told == ["web02: the connection plugin 'acme.net.jump' could not be closed: no route back"]
    assert not sound.connected
    assert behind.closed
    assert not list(tmp_path.iterdir())


async def test_what_follows_a_line_that_ran_out_of_time_has_a_plugin_of_its_own(tmp_path: Path) -> None:
    first, second = _Plugin("it is still busy"), _Plugin("")
    pool = PluginPool(_Pool(), _Plugins(first, second), str(tmp_path))  # type: ignore[arg-type]
    connection = await pool.connect(Endpoint(name="web01", plugin="acme.net.jump"))
    assert (await connection.run("true")).stdout == f"{id(first)}".encode()
    try:
        with pytest.raises(TimedOut):
            await connection.run("sleep", timeout=0.01)
        for _ in range(2):
            assert (await connection.run("true")).stdout == f"{id(second)}".encode()
        await pool.close()
    finally:
        first.woken.set()
    assert not second.connected

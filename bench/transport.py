"""What the transport itself costs the controller: connections and round trips over real SSH on loopback.

    python bench/transport.py [--hosts 50] [--rounds 200] [--size 300] [--loop asyncio]

It prints CPU of this process only (sshd's side is not in it): milliseconds for a connection with one command, and
microseconds for one echo of SIZE bytes on an open channel, all hosts at once.
"""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from orchestra.testing.lab import Lab, running_lab
from orchestra.transport.endpoint import Endpoint, TransportSettings
from orchestra.transport.eventloop import run
from orchestra.transport.pool import TransportPool


class Echo:
    """Counts the bytes that come back, and wakes the sender when a round is complete."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._have = 0
        self._complete: asyncio.Future[None] | None = None

    def data_received(self, data: bytes) -> None:
        self._have += len(data)
        if self._have >= self._size and self._complete is not None:
            self._complete.set_result(None)

    def error_received(self, data: bytes) -> None:
        raise AssertionError(data)

    def process_exited(self, status: int | None, reason: str) -> None:
        if self._complete is not None and not self._complete.done():
            self._complete.set_exception(ConnectionError(reason))

    def expect(self) -> asyncio.Future[None]:
        """A round begins."""
        self._have, self._complete = 0, asyncio.get_running_loop().create_future()
        return self._complete


async def measure(lab: Lab, hosts: int, rounds: int, size: int) -> None:
    home = lab.directory / "home"
    settings = TransportSettings(home=home, system_config=home / "none")
    pool = TransportPool(settings, known_hosts=lab.known_hosts)
    host = lab.hosts[0]
    endpoints = [
        Endpoint(host.name, host.address, host.port, getpass.getuser(), private_key_file=str(lab.client_key))
        for _ in range(hosts)
    ]
    warm = await pool.connect(endpoints[0])
    await warm.run("true")
    cpu, wall = time.process_time(), time.perf_counter()

    async def begin(endpoint: Endpoint) -> tuple[object, Echo]:
        connection = await pool.connect(endpoint)
        echo = Echo(size)
        return await connection.start("exec cat", echo), echo

    opened = await asyncio.gather(*(begin(endpoint) for endpoint in endpoints))
    report("connection and start", time.process_time() - cpu, time.perf_counter() - wall, hosts, 1e3, "ms")
    payload = bytes(size)

    async def talk(process: object, echo: Echo) -> None:
        for _ in range(rounds):
            complete = echo.expect()
            process.write(payload)  # type: ignore[attr-defined]
            await complete

    cpu, wall = time.process_time(), time.perf_counter()
    await asyncio.gather(*(talk(process, echo) for process, echo in opened))
    report("round trip", time.process_time() - cpu, time.perf_counter() - wall, hosts * rounds, 1e6, "us")
    await pool.close()


def report(what: str, cpu: float, wall: float, count: int, unit: float, name: str) -> None:
    print(f"{what}: {cpu / count * unit:.1f} {name} of controller CPU each ({count} in {wall:.2f} s)")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--size", type=int, default=300)
    parser.add_argument("--loop", choices=("best", "asyncio"), default="best")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, running_lab(Path(folder) / "lab", 1) as lab:
        work = measure(lab, options.hosts, options.rounds, options.size)
        run(work) if options.loop == "best" else asyncio.run(work)


if __name__ == "__main__":
    main()

"""Ad hoc commands one after the other over connections that stay: what an interactive shell needs of the engine.

The event loop runs in a thread of its own, so that connections are attended while the user thinks.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

from orchestra.engine.adhoc import adhoc_play
from orchestra.engine.assemble import Assembly
from orchestra.engine.connections import Routes
from orchestra.engine.interrupts import INTERRUPTED
from orchestra.engine.run import Playbook, Run
from orchestra.engine.services import Services
from orchestra.engine.variables import Variables
from orchestra.inventory.patterns import HostSelector
from orchestra.language.yamltext import wrap
from orchestra.library.catalogue import Library
from orchestra.model.host import Inventory
from orchestra.model.options import RunOptions
from orchestra.model.origin import Origin
from orchestra.transport import eventloop


class Standing:
    """Opened once, used for many commands, closed at the end. Not for several threads at once."""

    def __init__(self, assembly: Assembly) -> None:
        self._assembly = assembly
        self._ready = threading.Event()
        self._services: Services | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over: asyncio.Event | None = None
        self._fault: BaseException | None = None
        self.inventory: Inventory = assembly.inventory()
        self._thread = threading.Thread(target=self._live, name="engine", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._fault is not None:
            raise self._fault

    @property
    def library(self) -> Library:
        """The modules that there are."""
        return self._assembly.library

    def rendered(self, pattern: str) -> str:
        """A pattern of the command line, which may be a template."""
        value = wrap(pattern, Origin("the command line"))
        return str(self._assembly.render_static(value, self._assembly.options.extra_vars))

    def hosts(self, pattern: str, warn: Callable[[str], None] = lambda text: None) -> list[str]:
        """The names of the hosts that a pattern selects. Raises OrchestraError for a pattern that is none."""
        selector = HostSelector(self.inventory, warn)
        return [host.name for host in selector.select(pattern, self._assembly.options.limit)]

    def run(self, pattern: str, module: str, arguments: str, options: RunOptions, forks: int) -> int:
        """Run one module; returns the exit status of the command. Ctrl-C ends the command and not more.

        Raises:
            OrchestraError: the module does not exist, or its arguments make no sense.
        """
        assert self._loop is not None
        play = adhoc_play(self._assembly, pattern, module, arguments, background=0, poll=0)
        future = asyncio.run_coroutine_threadsafe(self._run(Playbook("", (play,)), options, forks), self._loop)
        try:
            return future.result()
        except KeyboardInterrupt:
            future.cancel()
            self._settle()
            return INTERRUPTED

    def close(self) -> None:
        """Close all connections."""
        assert self._loop is not None
        assert self._over is not None
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    def _live(self) -> None:
        try:
            eventloop.run(self._serve())
        except BaseException as error:  # handed to the thread that waits for it
            self._fault = error
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._over = asyncio.Event()
        self._services = self._assembly.services(self.inventory, [self._assembly.settings.playbook_dir or os.getcwd()])
        self._ready.set()
        try:
            await self._over.wait()
        finally:
            await self._services.sessions.close()

    async def _run(self, playbook: Playbook, options: RunOptions, forks: int) -> int:
        services = self._services
        assert services is not None
        self._prepare(services, options, forks)
        return await Run(services, "adhoc", [playbook], keeps_sessions=True).execute()

    def _prepare(self, services: Services, options: RunOptions, forks: int) -> None:
        """A fresh start for every host, with what the user has switched on by now; facts and connections stay."""
        for state in services.states.values():
            state.failed = state.unreachable = state.ended = False
            state.counts.clear()
            state.failures.clear()
        if (services.options, services.forks) != (options, forks):
            services.options, services.forks = options, forks
            services.slots = asyncio.Semaphore(forks)
            services.settings = replace(services.settings, forks=forks)
            services.variables = Variables(services, merge=services.settings.hash_behaviour == "merge")
            services.routes = Routes(services)

    def _settle(self) -> None:
        """Wait until the loop has ended what was cancelled."""
        assert self._loop is not None

        async def idle() -> None:
            others: Sequence[asyncio.Task[object]] = [
                task for task in asyncio.all_tasks() if getattr(task.get_coro(), "__name__", "") == "_run"
            ]
            if others:
                await asyncio.wait(others, timeout=10)

        asyncio.run_coroutine_threadsafe(idle(), self._loop).result()

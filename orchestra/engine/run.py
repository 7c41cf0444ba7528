"""A whole run: playbooks one after the other, the recap, the exit status, and a clean end when it is interrupted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from orchestra.engine import handlers
from orchestra.engine.hoststate import HostState
from orchestra.engine.interrupts import INTERRUPTED
from orchestra.engine.playrun import PlayRunner
from orchestra.errors import OrchestraError, ParseErrors
from orchestra.model.event import Interrupted, PlaybookStarted, RunFailed, RunFinished, RunStarted
from orchestra.model.play import Play
from orchestra.model.record import record

if TYPE_CHECKING:
    from orchestra.engine.services import Services

#: Exit statuses, those of ansible-playbook; the last two are a shell's.
OK, ERROR, HOSTS_FAILED, UNREACHABLE = 0, 1, 2, 4


@record
class Playbook:
    """A playbook that was read: its path and its plays."""

    path: str
    plays: tuple[Play, ...]


class Run:
    """One run over one inventory."""

    def __init__(
        self, services: Services, kind: str, playbooks: Sequence[Playbook], *, keeps_sessions: bool = False
    ) -> None:
        self._services = services
        self._kind = kind
        self._playbooks = playbooks
        self._keeps_sessions = keeps_sessions
        self._started = time.monotonic()

    async def execute(self) -> int:
        """Run everything; returns the exit status. Connections are closed whatever happens, unless they are kept."""
        services = self._services
        paths = tuple(playbook.path for playbook in self._playbooks)
        services.emit(RunStarted(self._kind, paths, services.options.check, time.time(), services.options.verbosity))
        code: int | None = None
        try:
            await self._plays()
        except asyncio.CancelledError:
            services.emit(Interrupted(tuple(sorted(services.in_flight.items()))))
            code = INTERRUPTED
        except (OrchestraError, BaseExceptionGroup) as error:
            code = self._fault(error)
        finally:
            if not self._keeps_sessions:
                await services.sessions.close()
        return self._finish(code)

    def _fault(self, error: BaseException) -> int:
        """A fault that belongs to no host. Anything that nobody foresaw goes on up: it is a bug."""
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        if not isinstance(error, OrchestraError):
            raise error
        for fault in error.problems if isinstance(error, ParseErrors) else [error]:
            self._services.emit(RunFailed(fault.message, fault.origin, fault.hint))
        return error.exit_code

    async def _plays(self) -> None:
        number = 0
        for playbook in self._playbooks:
            self._services.emit(PlaybookStarted(playbook.path, len(playbook.plays)))
            for play in playbook.plays:
                number += 1
                if not await PlayRunner(self._services, play, number).run():
                    return

    def _finish(self, code: int | None) -> int:
        services = self._services
        states = services.states.values()
        totals = {state.name: state.totals() for state in states if state.counts}
        failures = tuple(outcome for state in states for outcome in state.failures)
        if code is None:
            code = exit_code(states)
        if services.gate.closed:
            text = f'No matching task "{services.gate.closed}" found.'
            services.warn(f"{text} Note: --start-at-task can only follow static includes.")
        services.emit(
            RunFinished(
                code,
                totals,
                failures,
                time.monotonic() - self._started,
                handlers.pending(list(states)),
                services.custom_stats,
            )
        )
        return code


def exit_code(states: Iterable[HostState]) -> int:
    """2 when a host failed and was not forgiven, 4 when one was not reached, their sum for both."""
    failed = any(state.failed for state in states)
    unreachable = any(state.unreachable for state in states)
    return (HOSTS_FAILED if failed else OK) | (UNREACHABLE if unreachable else OK)

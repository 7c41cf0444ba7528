"""Runs one play: prompts, batches, fact gathering, sections with their handlers, and when to give up."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from orchestra.engine import batches, gathering, meta
from orchestra.engine.handlers import each
from orchestra.engine.hoststate import HostState
from orchestra.engine.playstate import PlayState
from orchestra.engine.playvars import ask_prompts, read_vars_files
from orchestra.engine.stepinfo import foretells
from orchestra.engine.walk import Walker
from orchestra.engine.words import holds, value_of
from orchestra.errors import LanguageError, nearest
from orchestra.inventory.patterns import HostSelector
from orchestra.language.scope import Scope as Inherited
from orchestra.model.event import BatchStarted, NoHosts, PlayStarted
from orchestra.model.play import Play

if TYPE_CHECKING:
    from orchestra.engine.services import Services
    from orchestra.templating.scope import Scope

STRATEGIES = ("linear", "free", "host_pinned", "debug")


class PlayRunner:
    """One play of a run."""

    def __init__(self, services: Services, play: Play, number: int) -> None:
        self._services = services
        self._play = play
        self._number = number

    async def run(self) -> bool:
        """Run the play. False: nobody is left, the run is to stop."""
        services, play = self._services, self._play
        if play.basedir:
            services.stand_beside(play.basedir)
        prompted = ask_prompts(services, play)  # before anything else: keywords of the play may name the answers
        scope = self._scope().child(prompted)
        pattern = _pattern(scope.render(play.hosts))
        selected = self._hosts(pattern, scope)
        hosts = [state for state in selected if not state.unreachable and not state.failed]
        state = PlayState(
            play=play,
            name=str(scope.render(play.name)) if play.name else pattern,
            key=str(self._number),
            hosts=hosts,
            batch=hosts,
            all_names=tuple(state.name for state in selected),
            handlers=list(play.handlers),
            force_handlers=services.options.force_handlers or services.settings.force_handlers
            if play.force_handlers is None
            else holds(scope, play.force_handlers),
            private_roles=services.settings.private_role_vars,
            merging=services.settings.hash_behaviour == "merge",
            max_fail_percentage=batches.percentage(value_of(scope, play.max_fail_percentage), play.origin),
            prompted=prompted,
        )  # fmt: skip
        state.handler_places = {handler.origin for handler in each(state.handlers)}
        strategy = self._strategy(scope)
        state.hosts_apart = strategy not in ("linear", "debug")
        state.debugging = strategy == "debug"
        names = tuple(host.name for host in hosts)
        inherited = play.scope.single if isinstance(play.scope, Inherited) else {}
        check = foretells(inherited.get("check_mode"), scope, services.options.check)
        services.emit(PlayStarted(state.name, play.origin, names, check, strategy))
        if not hosts:
            services.emit(NoHosts(pattern))
            return True
        read_vars_files(services, state)
        return await self._run_batches(state, scope, strategy)

    def _scope(self) -> Scope:
        """Variables that a play's own keywords may name: its vars and the extra ones."""
        from orchestra.engine.lookups import TaskLookups

        services = self._services
        variables = services.variables.of_play(self._play)
        return services.templar.scope(variables, TaskLookups(services, None, self._play.basedir))

    def _hosts(self, pattern: str, scope: Scope) -> list[HostState]:
        services = self._services
        found = HostSelector(services.inventory, services.warn).select(pattern, services.options.limit)
        names = batches.sort([host.name for host in found], value_of(scope, self._play.order), self._play.origin)
        states = [services.state(name) for name in names]
        return [state for state in states if state is not None]

    def _strategy(self, scope: Scope) -> str:
        given = str(value_of(scope, self._play.strategy) or self._services.settings.strategy)
        name = given.rpartition(".")[2].removeprefix("mitogen_")
        if name not in STRATEGIES:
            name = self._services.plugins.strategies.native(given) or name
        if name not in STRATEGIES:
            close = nearest(name, STRATEGIES)
            raise LanguageError(
                f"strategy {name!r} is not known",
                origin=self._play.key_origins.get("strategy", self._play.origin),
                hint=f"did you mean {close[0]}?" if close else f"it may be {', '.join(STRATEGIES)}",
            )
        return name

    async def _run_batches(self, state: PlayState, scope: Scope, strategy: str) -> bool:
        play, services = self._play, self._services
        for batch in batches.cut(state.hosts, value_of(scope, play.serial), play.origin):
            state.batch = batch
            for host in batch:
                host.ended, host.ended_role = False, ""
                host.completed_roles.clear()
                host.notified.clear()
            services.emit(BatchStarted(tuple(host.name for host in batch)))
            await self._run_batch(state, strategy)
            if state.ended:
                break
            if self._gives_up(state, scope):
                return False
        return True

    def _gives_up(self, state: PlayState, scope: Scope) -> bool:
        """Nobody of the batch is left, or more failed than may."""
        gone = [host for host in state.batch if host.failed or host.unreachable]
        if len(gone) == len(state.batch) or state.fatal:
            return bool(gone)
        return batches.too_many(len(gone), len(state.batch), state.max_fail_percentage)

    async def _run_batch(self, state: PlayState, strategy: str) -> None:
        if strategy in ("linear", "debug"):
            await self._run_sections(state, state.batch)
            return
        pinned = asyncio.Semaphore(self._services.forks if strategy == "host_pinned" else max(len(state.batch), 1))

        async def alone(host: HostState) -> None:
            async with pinned:
                await self._run_sections(state, [host])

        async with asyncio.TaskGroup() as group:
            for host in state.batch:
                group.create_task(alone(host))

    async def _run_sections(self, state: PlayState, hosts: Sequence[HostState]) -> None:
        walker = Walker(self._services, state)
        gather = gathering.task_for(self._services, self._play, hosts)
        steps = [step for section in self._play.sections for step in section]
        if gather is not None and self._services.gate.leads_to(each(steps)):
            await walker.walk([gather], [host for host in hosts if gathering.needed(self._services, self._play, host)])
        for section in self._play.sections:
            await walker.walk(section, hosts)
            meta.announce_flush(self._services, state, hosts)
            await walker.flush_handlers(hosts)


def _pattern(hosts: Any) -> str:
    if isinstance(hosts, (list, tuple)):
        return ",".join(_pattern(item) for item in hosts)
    return str(hosts)

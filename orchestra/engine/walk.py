"""Walks a list of tasks and blocks with a set of hosts: what a block, its rescue and its always part mean.

A block is a call, not a state: hosts go in, those that failed inside take the rescue part, all take the always part,
and what is still failed comes out failed. With all hosts at once this is the linear strategy, with one it is free.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from orchestra.engine.hoststate import HostState
from orchestra.engine.steps import StepRunner
from orchestra.model.play import Block, RoleRef, Task

if TYPE_CHECKING:
    from orchestra.engine.playstate import PlayState
    from orchestra.engine.services import Services

Steps = Sequence[Task | Block]


class Walker:
    """One play's walk; the step runner asks it back for what an include brought in."""

    def __init__(self, services: Services, play: PlayState) -> None:
        self._steps = StepRunner(services, play, self.walk)

    async def walk(self, steps: Steps, hosts: Sequence[HostState], rescuing: bool = False) -> None:
        """Take ``hosts`` through ``steps``. ``rescuing``: a block around them has a rescue part for failures."""
        for step in steps:
            live = [host for host in hosts if host.live]
            if not live:
                return
            if isinstance(step, Task):
                await self._steps.run(step, live, rescuing)
            elif step.role is not None:
                await self._walk_role(step, step.role, live, rescuing)
            else:
                await self._walk_block(step, live, rescuing)

    async def _walk_block(self, block: Block, hosts: Sequence[HostState], rescuing: bool) -> None:
        await self.walk(block.body, hosts, rescuing or bool(block.rescue))
        if block.rescue:
            await self._rescue(block, hosts, rescuing)
        if block.always:
            await self._always(block, hosts, rescuing)

    async def _rescue(self, block: Block, hosts: Sequence[HostState], rescuing: bool) -> None:
        fallen = [host for host in hosts if host.failed and not host.unreachable and not host.ended]
        for host in fallen:
            host.failed = False
        await self.walk(block.rescue, fallen, rescuing)

    async def _always(self, block: Block, hosts: Sequence[HostState], rescuing: bool) -> None:
        fallen = [(host, host.pardons) for host in hosts if host.failed]
        for host, _ in fallen:
            host.failed = False
        await self.walk(block.always, hosts, rescuing)
        for host, pardons in fallen:
            host.failed = host.failed or host.pardons == pardons

    async def _walk_role(self, block: Block, role: RoleRef, hosts: Sequence[HostState], rescuing: bool) -> None:
        fresh = [host for host in hosts if role.allow_duplicates or role.key not in host.completed_roles]
        before = {host.name: host.ended_role for host in fresh}
        for step in block.body:
            inside = [host for host in fresh if host.live and host.ended_role != role.key]
            if inside:
                await self.walk((step,), inside, rescuing)
        for host in fresh:
            host.ended_role = before[host.name]
            if not host.failed and not host.unreachable and self._steps.ran_role(role, host):
                host.completed_roles.add(role.key)

    async def flush_handlers(self, hosts: Sequence[HostState]) -> None:
        """Run the handlers that wait."""
        await self._steps.flush(hosts)

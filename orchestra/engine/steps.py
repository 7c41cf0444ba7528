"""One step for a set of hosts: who takes part, how many at once, and what its outcomes mean for hosts and play."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from orchestra.engine import batches, debugger, handlers, meta, tags
from orchestra.engine.aside import carried
from orchestra.engine.gate import written_name
from orchestra.engine.hoststate import HostState
from orchestra.engine.includes import Includer, is_include
from orchestra.engine.lookups import TaskLookups
from orchestra.engine.stepinfo import describe
from orchestra.engine.task import Finished, run_task
from orchestra.engine.verdict import public
from orchestra.engine.wishes import fulfil
from orchestra.engine.words import holds, value_of
from orchestra.errors import OrchestraError
from orchestra.language.tasks import short_name
from orchestra.model.event import NoHosts, Noted, TaskFinished, TaskStarted
from orchestra.model.outcome import Outcome, Status, TaskInfo
from orchestra.model.play import Block, RoleRef, Task

if TYPE_CHECKING:
    from orchestra.engine.playstate import PlayState
    from orchestra.engine.services import Services
    from orchestra.templating.scope import Scope

Walk = Callable[[Sequence[Task | Block], Sequence[HostState], bool], Awaitable[None]]


_NO_TURNS: contextlib.AbstractAsyncContextManager[Any] = contextlib.nullcontext()
#: Ends of a task after which its role does not count as having run.
_DID_NOT_RUN = frozenset((Status.SKIPPED, Status.UNREACHABLE, Status.LOST))


class StepRunner:
    """Runs the steps of one play."""

    def __init__(self, services: Services, play: PlayState, walk: Walk) -> None:
        self._services = services
        self._play = play
        self._walk = walk
        self._includer = Includer(services, play, walk)
        self._ran_roles: set[tuple[str, str]] = set()
        self._flushing = False

    async def run(self, task: Task, hosts: Sequence[HostState], rescuing: bool) -> None:
        """Run a task on ``hosts``, all of which are live, if the tags and --start-at-task select it."""
        if not self._selected(task, hosts[0]):
            return
        if short_name(task.action) == "meta":
            if not self._services.gate.closed:
                await self._run_meta(task, hosts, rescuing)
            return
        await self.run_on(task, hosts, rescuing)

    async def run_on(self, task: Task, hosts: Sequence[HostState], rescuing: bool) -> None:
        """Run a selected task or handler."""
        services, first = self._services, hosts[0]
        scope = services.templar.scope(
            services.variables.view(first, self._play, task), TaskLookups(services, task, self._play.play.basedir)
        )
        info = self._describe(task, scope)
        prepares = task.implicit and not info.role
        if not services.gate.allows(info.name, written_name(task), handler=task.handler, opens=not prepares):
            return
        once = holds(scope, task.run_once)
        chosen = [first] if once or short_name(task.action) == "add_host" else list(hosts)
        services.emit(TaskStarted(info, len(chosen)))
        limit = _throttle(task, scope)
        watched = debugger.watch(services, self._play, task, info, scope)
        finished = await self._run_all(task, info, chosen, limit, watched)
        self._conclude(task, info, finished, self._all_with(hosts) if once else chosen, rescuing)
        fatal = holds(scope, task.any_errors_fatal)
        if any(host.failed or host.unreachable for host, _ in finished):
            self._limit_failures(hosts, fatal)
        if is_include(task):
            broken = await self._includer.bring_in(task, info, finished, rescuing)
            if broken:
                self._limit_failures(hosts, fatal)

    def _all_with(self, hosts: Sequence[HostState]) -> Sequence[HostState]:
        """Those whom a run_once concerns: the batch, also where an include brought the task in for one host."""
        if self._play.hosts_apart:
            return hosts
        return [*hosts, *(host for host in self._play.batch if host.live and host not in hosts)]

    async def _run_all(
        self, task: Task, info: TaskInfo, hosts: Sequence[HostState], limit: int, watched: debugger.Debugger | None
    ) -> list[tuple[HostState, Finished]]:
        """Run on every host, ``forks`` (and ``throttle``) at once; results in the order of the hosts."""
        services, results = self._services, {}
        waiting, turns = iter(hosts), self._turns(task, limit)

        async def work() -> None:
            for host in waiting:
                async with turns, services.slots:
                    finished = await run_task(services, self._play, task, info, host)
                self._note(task, finished, host)
                if watched is not None:
                    finished = await watched.attend(finished, host, functools.partial(self._again, info, host))
                results[host.name] = finished

        workers = min(len(hosts), services.forks, limit or len(hosts))
        if workers == 1:
            await carried(work())
        else:
            async with asyncio.TaskGroup() as group:
                for _ in range(workers):
                    group.create_task(carried(work()))
        return [(host, results[host.name]) for host in hosts]

    async def _again(self, info: TaskInfo, host: HostState, task: Task) -> Finished:
        """Once more, as the debugger's user wants it."""
        finished = await run_task(self._services, self._play, task, info, host)
        self._note(task, finished, host)
        return finished

    def _turns(self, task: Task, limit: int) -> contextlib.AbstractAsyncContextManager[Any]:
        """``throttle`` where each host walks alone: all of them take turns with the task."""
        if not limit or not self._play.hosts_apart:
            return _NO_TURNS
        known = self._play.throttles.get(id(task))
        if known is None:
            known = self._play.throttles[id(task)] = (task, asyncio.Semaphore(limit))
        return known[1]

    def _note(self, task: Task, finished: Finished, host: HostState) -> None:
        """What holds for the host at once, before others have finished."""
        if not is_include(task) or finished.outcome.status not in (Status.OK, Status.CHANGED):
            self._services.emit(TaskFinished(finished.outcome))
        if task.role is not None and finished.outcome.status not in _DID_NOT_RUN:
            self._ran_roles.add((task.role.key, host.name))

    def _conclude(
        self,
        task: Task,
        info: TaskInfo,
        finished: Sequence[tuple[HostState, Finished]],
        hosts: Sequence[HostState],
        rescuing: bool,
    ) -> None:
        once = len(finished) == 1 and len(hosts) > 1
        for host, end in finished:
            for receiver in hosts if once else (host,):
                if task.register is not None:
                    receiver.live_vars[task.register] = public(dict(end.outcome.result))
                fulfil(self._services, end, receiver)
                if end.outcome.status is Status.CHANGED and task.notify and (receiver is host or not once):
                    handlers.notify(self._services, self._play, task, end, receiver)
            self._count(end.outcome, host, rescuing)
            if once and host.failed:
                for other in hosts:
                    other.failed = True

    def _count(self, outcome: Outcome, host: HostState, rescuing: bool) -> None:
        status = outcome.status
        if status is Status.SKIPPED:
            host.count("skipped")
        elif status in (Status.OK, Status.CHANGED):
            if not (outcome.task.action and is_include_action(outcome.task.action)):
                host.count("ok")
            if status is Status.CHANGED:
                host.count("changed")
        elif status in (Status.UNREACHABLE, Status.LOST):
            self._count_unreachable(outcome, host)
        elif outcome.ignored:
            host.count("ok")
            host.count("ignored")
            if outcome.result.get("changed"):
                host.count("changed")
        else:
            self._count_failed(outcome, host, rescuing)

    def _count_unreachable(self, outcome: Outcome, host: HostState) -> None:
        host.count("unreachable")
        if outcome.ignored:
            host.count("ok")
            host.count("ignored")
            host.counts["unreachable"] -= 1
            return
        host.unreachable = True
        host.failures.append(outcome)

    def _count_failed(self, outcome: Outcome, host: HostState, rescuing: bool) -> None:
        host.failed = True
        if rescuing:
            host.count("rescued")
            host.live_vars["ansible_failed_task"] = failed_task(outcome.task)
            host.live_vars["ansible_failed_result"] = outcome.result
        else:
            host.count("failed")
            host.failures.append(outcome)

    def _too_many_failed(self) -> bool:
        """Whether more of the batch failed than ``max_fail_percentage`` allows."""
        if self._play.max_fail_percentage is None:
            return False
        gone = sum(host.failed or host.unreachable for host in self._play.batch)
        return batches.too_many(gone, len(self._play.batch), self._play.max_fail_percentage)

    def _limit_failures(self, hosts: Sequence[HostState], fatal: bool) -> None:
        """``any_errors_fatal`` and ``max_fail_percentage``: all others fail with those that failed."""
        too_many = self._too_many_failed()
        if not fatal and not too_many:
            return
        self._play.fatal = True
        for host in hosts:
            host.failed = True
        if too_many:
            self._services.emit(NoHosts(self._play.name, remaining=True, times=2))

    def _describe(self, task: Task, scope: Scope) -> TaskInfo:
        """What sinks see of a step. Where each host walks alone, one task is one step for all of them."""
        if not self._play.hosts_apart:
            return describe(self._services, task, scope)
        known = self._play.infos.get(id(task))
        if known is None:
            known = self._play.infos[id(task)] = (task, describe(self._services, task, scope))
        return known[1]

    async def _run_meta(self, task: Task, hosts: Sequence[HostState], rescuing: bool) -> None:
        services = self._services
        lookups = TaskLookups(services, task, self._play.play.basedir)
        scope = services.templar.scope(services.variables.view(hosts[0], self._play, task), lookups)
        info = self._describe(task, scope)
        services.emit(TaskStarted(info, len(hosts)))
        await meta.run(services, self._play, task, info, hosts, functools.partial(self.flush, rescuing=rescuing))

    def ran_role(self, role: RoleRef, host: HostState) -> bool:
        """Whether a task of this use of a role really ran on the host."""
        return (role.key, host.name) in self._ran_roles

    def _selected(self, task: Task, host: HostState) -> bool:
        options = self._services.options
        own: tuple[str, ...] = task.tags
        if any("{" in str(tag) for tag in task.tags):
            view = self._services.variables.view(host, self._play, task)
            scope = self._services.templar.scope(view, TaskLookups(self._services, task, self._play.play.basedir))
            own = tuple(scope.render(tag) for tag in task.tags)
        return tags.selected(tags.flatten(own), options.tags, options.skip_tags)

    async def flush(self, hosts: Sequence[HostState], rescuing: bool = False) -> None:
        """Run the handlers that wait on ``hosts``, in the order they are written."""
        forced = [host for host in hosts if host.failed and self._play.force_handlers and not host.unreachable]
        for host in forced:
            host.failed = False
        if self._services.settings.debug:
            for host in hosts:
                if host.live and host.notified:
                    self._services.emit(Noted(f"META: triggered running handlers for {host.name}", 0))
        run = functools.partial(self._run_handler, rescuing=rescuing)
        await handlers.flush(self._play, [host for host in hosts if host.live], run)
        for host in forced:
            host.failed = True

    async def _run_handler(self, task: Task, hosts: Sequence[HostState], *, rescuing: bool) -> None:
        try:
            if short_name(task.action) == "meta":
                await self._run_meta(task, hosts, rescuing)
            else:
                await self.run_on(task, hosts, rescuing)
        except debugger.DebuggerQuit:
            raise
        except OrchestraError as error:
            from orchestra.engine.wishes import warn_error

            warn_error(self._services, error)


def _throttle(task: Task, scope: Scope) -> int:
    try:
        return int(value_of(scope, task.throttle) or 0)
    except (TypeError, ValueError, OrchestraError) as error:
        text = f"Failed to convert the throttle value to an integer: {error}"
        raise OrchestraError(text, origin=task.key_origins.get("throttle", task.origin)) from error


def failed_task(task: TaskInfo) -> dict[str, Any]:
    """What a rescue part may ask about the task that failed."""
    bare = task.name.removeprefix(f"{task.role} : ") if task.role else task.name
    return {"name": bare, "action": task.action, "args": {}, "tags": list(task.tags)}


def is_include_action(action: str) -> bool:
    """Whether an action brings tasks in while the run goes on."""
    return short_name(action) in ("include_tasks", "include_role")

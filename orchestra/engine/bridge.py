"""One task on one host as an action plugin of the project asks for it: calls from a thread, done in the event loop."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from orchestra.engine.actions import module
from orchestra.engine.actions.options import with_free_form
from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult
from orchestra.errors import HostError, Lost, OrchestraError, Unreachable
from orchestra.library.declaration import ModuleDeclaration
from orchestra.model.bridge import Way
from orchestra.model.invocation import Completed

if TYPE_CHECKING:
    from orchestra.engine.connections import Route

T = TypeVar("T")


class TaskBridge:
    """Implements the bridge of plugins over one TaskContext. Every method but ``way`` blocks its thread."""

    def __init__(self, context: TaskContext, way: Way, route: Route) -> None:
        """Make it inside the event loop."""
        self.way = way
        self._context = context
        self._route = route
        self._loop = asyncio.get_running_loop()
        self._abandoned = False

    @property
    def environment(self) -> Mapping[str, str]:
        """The task's environment."""
        return self._context.environment

    def abandon(self) -> None:
        """The task is over: whatever the plugin asks from now on is refused."""
        self._abandoned = True

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        if self._abandoned:
            work.close()
            raise OrchestraError("the task that this plugin runs for is over")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def module(self, name: str, args: Mapping[str, Any], *, background: bool = False) -> dict[str, Any]:
        """Run a module on the host. Raises OrchestraError."""
        context = self._context if background else replace(self._context, async_seconds=0)

        async def run() -> ActionResult:
            declaration = module.find(context, name)
            options = _for_host(declaration, args)
            return await module.send(context, declaration, module.bound(context, declaration, options))

        return self._answer(run())

    def action(self, name: str, args: Mapping[str, Any]) -> dict[str, Any]:
        """Do what the task would do if it named this action of ours."""
        from orchestra.engine.actions import own_action

        options = dict(args)
        free = options.pop("_raw_params", None) if "_raw_params" in options else None
        task = replace(self._context.task, action=name, args=options)
        context = replace(self._context, task=task, args=options, free_form=free)

        async def run() -> ActionResult:
            action = own_action(name, context.services.library)
            if action is not None:
                return await action(context)
            return await module.call(context, name, with_free_form(context, module.find(context, name)))

        return self._answer(run())

    def _answer(self, work: Coroutine[Any, Any, ActionResult]) -> dict[str, Any]:
        try:
            return as_result(self._wait(work))
        except (Unreachable, Lost) as error:
            from orchestra.plugins.actions import connection_failure

            raise connection_failure(error) from error

    def command(self, line: str, stdin: bytes = b"", *, become: bool = True) -> tuple[int, bytes, bytes]:
        """Run a line through the login shell."""
        route = self._route if become else replace(self._route, become=None)

        async def run() -> Completed:
            sessions = self._context.services.sessions
            return await sessions.run_raw(route, line, stdin=stdin, pty=False, timeout=self._context.timeout)

        try:
            done = self._wait(run())
        except HostError as error:
            from orchestra.plugins.actions import connection_failure

            raise connection_failure(error) from error
        return done.status, done.stdout, done.stderr

    def reset(self) -> None:
        """Close what is open to the host."""
        self._wait(self._context.services.sessions.reset(self._route.endpoint.name))

    def brought(self, name: str) -> type[Any] | None:
        """The class of an action plugin that the project brings."""
        plugins = self._context.services.plugins.actions
        found = plugins.find(name)
        return plugins.load(found) if found is not None else None

    def searched(self, kind: str, name: str) -> Sequence[str]:
        """The paths that ``name`` was looked for at."""
        return [os.path.join(folder, name) for folder in self._context.lookups.search_paths(kind)]


def _for_host(declaration: ModuleDeclaration, args: Mapping[str, Any]) -> dict[str, Any]:
    """Options as an action hands them to a module; ours do not get what only Ansible's own parts understand."""
    options = {name: value for name, value in args.items() if value is not None}
    if not declaration.ours:
        return options
    raw = options.pop("_raw_params", None)
    basename = options.pop("_original_basename", None)
    options = {name: value for name, value in options.items() if not name.startswith("_")}
    if raw is not None and declaration.free_form:
        options[declaration.free_form] = raw
    if declaration.name == "copy" and "src" in options:
        options["remote_src"] = True
        if basename:
            options["original_basename"] = basename
    return options


def as_result(finished: ActionResult) -> dict[str, Any]:
    """The mapping that a plugin gets: what Ansible's actions return, without verdicts that only tasks have."""
    reply = finished.reply
    result: dict[str, Any] = {**reply.data, "changed": reply.changed}
    for name in ("stdout", "stderr"):
        if isinstance(result.get(name), str):
            result.setdefault(name + "_lines", result[name].splitlines())
    if reply.failed:
        result["failed"] = True
    if reply.skipped:
        result["skipped"] = True
    if reply.warnings:
        result["warnings"] = list(reply.warnings)
    if reply.diff:
        result["diff"] = list(reply.diff) if len(reply.diff) > 1 else reply.diff[0]
    if finished.set_facts:
        result["ansible_facts"] = dict(finished.set_facts)
    return result

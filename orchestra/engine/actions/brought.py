"""Run an action plugin that the project brings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestra.engine.bridge import TaskBridge
from orchestra.engine.connections import is_true
from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult
from orchestra.engine.threads import in_thread
from orchestra.model.bridge import Way
from orchestra.model.invocation import Reply
from orchestra.plugins.actions import Job


async def run(context: TaskContext) -> ActionResult:
    """The plugin that the task names, with the task's options."""
    plugins = context.services.plugins.actions
    found = plugins.find(context.task.action)
    assert found is not None, "the task's action was found before"
    bridge = TaskBridge(context, way_of(context), context.route)
    args = dict(context.args)
    if context.free_form is not None:
        args["_raw_params"] = context.free_form
    job = Job(context.task, context.info, args, _keywords(context), context.scope, context.lookups)
    try:
        result = await in_thread(lambda: plugins.run(found, bridge, job))
    finally:
        bridge.abandon()
    return ActionResult(reply_of(result))


def way_of(context: TaskContext) -> Way:
    """How and as whom the task acts, as plugins read it."""
    endpoint, become = context.route.endpoint, context.become
    return Way(
        host=context.state.name,
        address=endpoint.address,
        port=endpoint.port,
        user=endpoint.user,
        transport=endpoint.plugin or endpoint.kind,
        become=become is not None,
        become_user=become.user if become is not None else "",
        become_method=become.method if become is not None else "",
        check=context.check,
        diff=context.diff,
        no_log=context.no_log,
        timeout=endpoint.timeout,
        verbosity=context.services.options.verbosity,
        private_key_file=endpoint.private_key_file,
        interpreter=context.route.interpreter,
        shell=_shell(context),
    )


def _shell(context: TaskContext) -> str:
    """The family of the host's shell: a variable says it, or the connection plugin."""
    given = context.scope.get("ansible_shell_type")
    if given:
        return str(given)
    plugins = context.services.plugins.connections
    found = plugins.find(context.route.endpoint.plugin) if context.route.endpoint.plugin else None
    return plugins.shell_family(found) if found is not None else "sh"


def _keywords(context: TaskContext) -> dict[str, Any]:
    """Keywords of the task whose values are known by now."""
    return {
        "check_mode": context.check,
        "diff": context.diff,
        "no_log": context.no_log,
        "environment": [dict(context.environment)] if context.environment else [],
        "async_val": context.async_seconds,
        "poll": context.poll,
        "timeout": context.timeout,
        "become": context.become is not None,
        "become_user": context.become.user if context.become is not None else None,
        "become_method": context.become.method if context.become is not None else None,
        "delegate_to": context.target if context.task.delegate_to is not None else None,
        "connection": context.route.endpoint.kind,
        "remote_user": context.route.endpoint.user or None,
    }


def reply_of(result: Mapping[str, Any]) -> Reply:
    """A plugin's result as a reply."""
    data = dict(result)
    diff = data.pop("diff", None) or ()
    warnings = data.pop("warnings", None) or ()
    failed = data.pop("failed", None)
    if failed is False:
        data["failed"] = False  # whatever its ``rc`` says
    return Reply(
        data,
        changed=is_true(data.pop("changed", False)),
        failed=is_true(failed),
        skipped=is_true(data.pop("skipped", False)),
        diff=tuple(diff) if isinstance(diff, (list, tuple)) else (diff,),
        warnings=tuple(map(str, [warnings] if isinstance(warnings, str) else warnings)),
    )

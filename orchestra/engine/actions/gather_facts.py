"""Gather facts: the setup module, and those of ``facts_modules``."""

from __future__ import annotations

from orchestra.engine.actions.module import call
from orchestra.engine.context import TaskContext
from orchestra.engine.prepare import defaults_of
from orchestra.engine.results import ActionResult

_SETUP = "ansible.builtin.setup"


async def run(context: TaskContext) -> ActionResult:
    """Ask the host for its facts."""
    options = {name: value for name, value in context.args.items() if name != "parallel"}
    if context.task.module_defaults:
        defaults = defaults_of(context.services, context.task, _SETUP, context.scope)
        options = {**context.scope.render_args(defaults), **options}
    result = await call(context, _SETUP, options)
    if not result.reply.failed:
        context.state.gathered = True
    return result

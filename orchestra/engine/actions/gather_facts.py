"""Gather facts: the setup module, and those of ``facts_modules``."""

from __future__ import annotations

from orchestra.engine.actions.module import call
from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult


async def run(context: TaskContext) -> ActionResult:
    """Ask the host for its facts."""
    options = {name: value for name, value in context.args.items() if name != "parallel"}
    result = await call(context, "ansible.builtin.setup", options)
    if not result.reply.failed:
        context.state.gathered = True
    return result

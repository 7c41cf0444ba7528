"""Accounts. One that is to go must not be in use: not even by what waits on the host for the next task as this user."""

from __future__ import annotations

from orchestra.engine.actions import module
from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult


async def run(context: TaskContext) -> ActionResult:
    """The module does it all; before a removal the host is left as far as the run is there as that user."""
    if context.args.get("state") == "absent" and not context.check:
        await context.remote.leave(str(context.args.get("name") or context.args.get("user")))
    return await module.run(context)

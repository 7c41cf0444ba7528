"""Ask after a background job, where this host's jobs keep their state."""

from __future__ import annotations

from orchestra.engine.actions.background import folder_of
from orchestra.engine.actions.module import bound, find, send
from orchestra.engine.actions.options import with_free_form
from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult


async def run(context: TaskContext) -> ActionResult:
    """The module async_status, told the folder."""
    declaration = find(context, context.task.action)
    options = bound(context, declaration, with_free_form(context, declaration))
    return await send(context, declaration, {"_async_dir": folder_of(context), **options})

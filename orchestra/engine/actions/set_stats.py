"""Numbers and texts to show at the end of the run."""

from __future__ import annotations

from orchestra.engine.actions.options import checked
from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult, failed
from orchestra.language.reserved import is_variable_name, name_fault
from orchestra.model.invocation import Reply


async def run(context: TaskContext) -> ActionResult:
    """``data`` is kept for the run, or for each host; equal kinds are added up."""
    stats = checked(context)
    for name in stats["data"]:
        if not is_variable_name(name):
            return failed(name_fault(name))
    return ActionResult(Reply({"ansible_stats": stats}), stats=stats)

"""Numbers and texts to show at the end of the run."""

from __future__ import annotations

from orchestra.engine.actions.options import checked
from orchestra.engine.connections import is_true
from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult, failed
from orchestra.language.reserved import is_variable_name, name_fault
from orchestra.model.invocation import Reply


async def run(context: TaskContext) -> ActionResult:
    """``data`` is kept for the run, or for each host; equal kinds are added up."""
    if not isinstance(context.args.get("data", {}), dict):  # in the words that playbooks look for in ``msg``
        return failed("The 'data' option needs to be a dictionary/hash")
    stats = checked(context)
    for name in stats["data"]:
        if not is_variable_name(name):
            return failed(name_fault(name))
    stats.update({name: is_true(stats[name]) for name in ("per_host", "aggregate")})
    return ActionResult(Reply({"ansible_stats": stats}), stats=stats)

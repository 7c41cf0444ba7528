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
    args = checked(context, {"data": None, "per_host": False, "aggregate": True}, ("data",))
    if not isinstance(args["data"], dict):
        return failed("The 'data' option needs to be a dictionary/hash")
    for name in args["data"]:
        if not is_variable_name(name):
            return failed(name_fault(name))
    stats = {"data": args["data"], "per_host": is_true(args["per_host"]), "aggregate": is_true(args["aggregate"])}
    return ActionResult(Reply({"ansible_stats": stats}), stats=stats)

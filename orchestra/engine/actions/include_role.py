"""Wish for a role; the walk brings it in."""

from __future__ import annotations

from orchestra.engine.actions.options import checked
from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult, IncludeWish, failed
from orchestra.model.invocation import Reply


async def run(context: TaskContext) -> ActionResult:
    """``name`` and the files to start from."""
    args = checked(context)
    if not args["name"]:
        return failed("'name' is a required field for include_role.")
    wanted = {key: args[key] for key in ("tasks_from", "vars_from", "defaults_from", "handlers_from") if args[key]}
    wanted.update({key: args[key] for key in ("public", "allow_duplicates", "rolespec_validate")})
    wish = IncludeWish(
        context.task, args["name"], role=True, variables=context.loop_vars or {}, args=wanted, label=context.label
    )
    return ActionResult(Reply({"include_args": dict(context.args)}), include=wish)

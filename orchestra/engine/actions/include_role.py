"""Wish for a role; the walk brings it in."""

from __future__ import annotations

from orchestra.engine.actions.options import checked
from orchestra.engine.connections import is_true
from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult, IncludeWish, failed
from orchestra.model.invocation import Reply

_KNOWN = {
    "name": None, "role": None, "tasks_from": None, "vars_from": None, "defaults_from": None, "handlers_from": None,
    "apply": None, "public": False, "allow_duplicates": True, "rolespec_validate": True,
}  # fmt: skip


async def run(context: TaskContext) -> ActionResult:
    """``name`` and the files to start from."""
    args = checked(context, _KNOWN)
    name = args["name"] or args["role"]
    if not name:
        return failed("'name' is a required field for include_role.")
    wanted = {key: args[key] for key in ("tasks_from", "vars_from", "defaults_from", "handlers_from") if args[key]}
    wanted["public"] = is_true(args["public"])
    wanted["allow_duplicates"] = is_true(args["allow_duplicates"])
    wish = IncludeWish(
        context.task, str(name), role=True, variables=context.loop_vars or {}, args=wanted, label=context.label
    )
    return ActionResult(Reply({"include_args": {}}), include=wish)

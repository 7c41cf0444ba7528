"""Put a host into a group that is named after one of its values."""

from __future__ import annotations

from orchestra.engine.actions.options import checked
from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult, GroupWish
from orchestra.model.invocation import Reply


async def run(context: TaskContext) -> ActionResult:
    """``key`` is the group, ``parents`` those it is made below."""
    args = checked(context)
    group = args["key"].replace(" ", "-")
    above = [parent.strip().replace(" ", "-") for parent in args["parents"]]
    changed = group not in context.state.host.groups
    data = {"add_group": group, "parent_groups": above}
    return ActionResult(Reply(data, changed=changed), group=GroupWish(group, tuple(above)))

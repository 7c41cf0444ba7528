"""Add a host to the inventory for the rest of the run."""

from __future__ import annotations

from orchestra.engine.actions.options import checked, undeclared
from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult, AddHostWish, failed
from orchestra.model.invocation import Reply


async def run(context: TaskContext) -> ActionResult:
    """``name`` and ``groups``; all else are variables of the host."""
    args = checked(context)
    if not args["name"]:
        return failed("name, host or hostname needs to be provided")
    host, port = _split_port(args["name"])
    groups = [group.strip() for group in args["groups"] or () if group.strip()]
    variables = undeclared(context)
    if port:
        variables.setdefault("ansible_ssh_port", port)
    known = context.services.inventory.hosts.get(host)
    changed = known is None or not set(groups) <= set(known.groups) or any(
        known.vars.get(key) != value for key, value in variables.items()
    )  # fmt: skip
    data = {"add_host": {"host_name": host, "groups": groups, "host_vars": variables}}
    return ActionResult(Reply(data, changed=changed), add_host=AddHostWish(host, tuple(groups), variables))


def _split_port(name: str) -> tuple[str, int]:
    host, colon, port = name.rpartition(":")
    if colon and port.isdigit() and ":" not in host:
        return host, int(port)
    return name, 0

"""Add a host to the inventory for the rest of the run."""

from __future__ import annotations

from typing import Any

from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult, AddHostWish, failed
from orchestra.model.invocation import Reply

_NAMES = ("name", "host", "hostname")
_GROUPS = ("groups", "group", "groupname")


async def run(context: TaskContext) -> ActionResult:
    """``name`` and ``groups``; all else are variables of the host."""
    args = dict(context.args)
    name = next((str(args[key]) for key in _NAMES if args.get(key)), None)
    if name is None:
        return failed("name, host or hostname needs to be provided")
    host, port = _split_port(name)
    given: Any = next((args[key] for key in _GROUPS if args.get(key)), [])
    groups = given if isinstance(given, list) else str(given).split(",")
    groups = [str(group).strip() for group in groups if str(group).strip()]
    variables = {key: value for key, value in args.items() if key not in (*_NAMES, *_GROUPS)}
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

"""What an action hands back to the engine: a reply, and wishes for what the run should do with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from orchestra.errors import FileMissing
from orchestra.model.invocation import Reply
from orchestra.model.play import Task
from orchestra.model.record import record


@record
class IncludeWish:
    """A file of tasks, or a role, to be brought in for this host."""

    task: Task
    #: Absolute path of a tasks file, or the name of a role.
    target: str
    role: bool = False
    #: Variables of the include, of the loop's item too; rendered where they must be.
    variables: Mapping[str, Any] = field(default_factory=dict)
    args: Mapping[str, Any] = field(default_factory=dict)
    label: str | None = None
    #: Why there is nothing to bring in: the hosts that asked fail.
    lacks: FileMissing | None = None


@record
class AddHostWish:
    """``add_host``: a host for the rest of the run."""

    name: str
    groups: tuple[str, ...] = ()
    variables: Mapping[str, Any] = field(default_factory=dict)


@record
class GroupWish:
    """``group_by``: this host joins a group (made below its parents if new)."""

    group: str
    parents: tuple[str, ...] = ("all",)


@record
class ActionResult:
    """A reply plus wishes; most actions have none."""

    reply: Reply
    set_facts: Mapping[str, Any] = field(default_factory=dict)
    #: set_fact with ``cacheable``: they count as facts as well.
    cacheable: bool = False
    included_vars: Mapping[str, Any] = field(default_factory=dict)
    add_host: AddHostWish | None = None
    group: GroupWish | None = None
    include: IncludeWish | None = None
    stats: Mapping[str, Any] = field(default_factory=dict)
    #: The host that gets the facts, where that is not the task's own (``delegate_facts``).
    receiver: str = ""


def ok(**data: Any) -> ActionResult:
    """A result that changed nothing."""
    return ActionResult(Reply(data))


def failed(msg: str, **data: Any) -> ActionResult:
    """A result that failed with ``msg``."""
    return ActionResult(Reply({"msg": msg, **data}, failed=True))


def skipped(msg: str, **data: Any) -> ActionResult:
    """A result that did nothing because there was nothing to do."""
    return ActionResult(Reply({"msg": msg, **data}, skipped=True))

"""What became of one task on one host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import Enum
from typing import Any

from orchestra.model.origin import Origin
from orchestra.model.record import record


class Status(Enum):
    """The verdict on a task or an item."""

    OK = "ok"
    CHANGED = "changed"
    FAILED = "failed"
    SKIPPED = "skipped"
    #: Not reached before anything ran.
    UNREACHABLE = "unreachable"
    #: The link died mid-task: effect unknown. Counts as unreachable in totals.
    LOST = "lost"


@record
class TaskInfo:
    """A task as sinks see it; one object for each step of a run, shared by its events."""

    #: Unique within a run.
    id: int
    #: Rendered name, with the role in front (``nginx : install``); the action when it has none.
    name: str
    action: str
    origin: Origin
    handler: bool = False
    #: Tags the task has, rendered.
    tags: tuple[str, ...] = ()
    no_log: bool = False
    role: str = ""
    #: True where it only foretells, as far as is known before any host has its turn.
    check: bool = False


@record
class Cause:
    """One sentence of why something failed, with the place and the advice that belong to it."""

    message: str
    origin: Origin | None = None
    hint: str = ""


@record
class Outcome:
    """One task's (or item's) end on one host. ``result`` is what ``register`` stores."""

    host: str
    task: TaskInfo
    status: Status
    result: Mapping[str, Any]
    #: Failed, but ``ignore_errors`` says to go on.
    ignored: bool = False
    #: The host the task really ran on, when delegated.
    delegated_to: str = ""
    #: That host's address, where it is another word than its name.
    delegated_address: str = ""
    #: The label of a loop's item; None outside loops and for a loop's sum.
    label: str | None = None
    #: True for the sum of a loop's items (each had its own event before).
    looped: bool = False
    diff: tuple[Mapping[str, Any], ...] = ()
    #: Where the fault stands in the user's files, and the sentence about it.
    origin: Origin | None = None
    hint: str = ""
    assumed: bool = False
    check: bool = False
    #: Seconds.
    elapsed: float = 0.0
    extra: Mapping[str, Any] = field(default_factory=dict)
    #: Why it failed, from the task down to the root. Empty: ``msg`` of the result says it, at the task's own place.
    causes: tuple[Cause, ...] = ()


@record
class HostTotals:
    """The recap of one host."""

    ok: int = 0
    changed: int = 0
    unreachable: int = 0
    failed: int = 0
    skipped: int = 0
    rescued: int = 0
    ignored: int = 0

"""What a playbook would do, for --list-hosts, --list-tasks, --list-tags and --syntax-check."""

from __future__ import annotations

from enum import Enum

from orchestra.model.origin import Origin
from orchestra.model.record import record


class TaskFaults(Enum):
    """What becomes of options and templates that would fail whatever the host."""

    UNSOUGHT = "unsought"
    WARNINGS = "warnings"
    ERRORS = "errors"


@record
class TaskListing:
    """A task that the tags select: its name with the role in front, and its tags."""

    name: str
    tags: tuple[str, ...]
    origin: Origin


@record
class PlayListing:
    """A play: its hosts, its tasks in order (blocks opened, static imports in their place)."""

    name: str
    patterns: tuple[str, ...]
    hosts: tuple[str, ...]
    tags: tuple[str, ...]
    tasks: tuple[TaskListing, ...]
    #: Tags of these tasks.
    task_tags: tuple[str, ...]
    origin: Origin


@record
class PlaybookListing:
    """A playbook file and its plays; ``warnings`` name what will fail when it runs, with its place."""

    path: str
    plays: tuple[PlayListing, ...]
    warnings: tuple[str, ...] = ()

"""What is read from the history: frozen records, and their form as data. Times are aware, in UTC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, fields, is_dataclass
from datetime import UTC, datetime
from typing import Any

from orchestra.model.outcome import HostTotals
from orchestra.model.record import record


@record
class RunRecord:
    """A run. ``exit`` is None while it goes on and where it was killed."""

    number: int
    uuid: str
    kind: str
    #: running, finished, interrupted.
    state: str
    started: datetime
    ended: datetime | None
    exit: int | None
    #: In a few words what ran.
    what: str
    argv: tuple[str, ...]
    playbooks: tuple[str, ...]
    folder: str
    started_by: str
    controller: str
    version: str
    check_mode: bool
    host_limit: str
    tags: tuple[str, ...]
    skip_tags: tuple[str, ...]
    #: Names alone.
    extra_vars: tuple[str, ...]
    inventory: tuple[str, ...]
    #: git's; ``dirty``: files that git knows had been changed since.
    revision: str
    branch: str
    dirty: bool | None
    fault: str
    hosts: int
    hosts_changed: int
    hosts_failed: int
    hosts_unreachable: int
    #: Lines of the journal that made no sense.
    journal_damaged: int

    @property
    def verdict(self) -> str:
        """One word: running, interrupted, failed, unreachable, changed or ok."""
        if self.state != "finished":
            return self.state
        if self.exit or self.hosts_failed:
            return "unreachable" if self.hosts_unreachable and not self.hosts_failed else "failed"
        return "changed" if self.hosts_changed else "ok"

    @property
    def seconds(self) -> float | None:
        """How long it took."""
        return None if self.ended is None else (self.ended - self.started).total_seconds()


@record
class TaskRecord:
    """A task of a run."""

    run: int
    number: int
    play: int
    name: str
    action: str
    file: str
    line: int
    role: str
    handler: bool
    no_log: bool

    @property
    def place(self) -> str:
        """``file:line``."""
        return f"{self.file}:{self.line}" if self.line else self.file


@record
class ResultRecord:
    """A task's, or an item's, end on a host. Texts are there where they were asked for."""

    run: int
    task: TaskRecord
    host: str
    item: str | None
    state: str
    at: datetime
    took: float
    rc: int | None
    message: str
    #: Where a fault stands, and what to do about it.
    place: str
    hint: str
    delegated_to: str
    looped: bool
    ignored: bool
    check_mode: bool
    assumed: bool
    stdout: str = ""
    stderr: str = ""
    #: As modules tell them: before, after, headers.
    diff: Sequence[Mapping[str, Any]] = ()


@record
class HostRecord:
    """The recap of a host in a run."""

    run: int
    host: str
    totals: HostTotals


@record
class FileRecord:
    """A file, or folder of files, that a run was made from."""

    kind: str
    path: str
    digest: str


@record
class FactsRecord:
    """The facts of a host as a run gathered them."""

    run: int
    host: str
    at: datetime
    steady: Mapping[str, Any]
    changing: Mapping[str, Any]


@record
class RunDetail:
    """A run with what belongs to it."""

    run: RunRecord
    hosts: tuple[HostRecord, ...]
    results: tuple[ResultRecord, ...]
    files: tuple[FileRecord, ...] = ()
    #: How many results of each state a task had, by its number.
    counts: Mapping[int, Mapping[str, int]] = field(default_factory=dict)
    tasks: tuple[TaskRecord, ...] = ()


@record
class TaskHistory:
    """What a task did in one run: how many hosts ended in which state, and who did not end well or changed."""

    run: RunRecord
    task: TaskRecord
    counts: Mapping[str, int]
    changed: tuple[str, ...]
    failed: tuple[str, ...]
    #: Seconds, of the slowest host.
    longest: float


def as_data(value: Any) -> Any:
    """Records as JSON-like data; times as ``2026-11-27T03:00:11.512Z``."""
    if is_dataclass(value):
        data = {item.name: as_data(getattr(value, item.name)) for item in fields(value)}
        return {**data, "verdict": value.verdict} if isinstance(value, RunRecord) else data
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {str(key): as_data(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_data(item) for item in value]
    return value

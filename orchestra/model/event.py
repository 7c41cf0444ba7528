"""Everything that happens in a run, as typed events. The engine emits them; sinks only watch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from orchestra.model.origin import Origin
from orchestra.model.outcome import HostTotals, Outcome, TaskInfo
from orchestra.model.record import record


@record
class RunStarted:
    """A run begins. ``kind`` is play, adhoc, facts ...; ``time`` is seconds since the epoch."""

    kind: str
    playbooks: tuple[str, ...]
    check: bool
    time: float
    verbosity: int = 0


@record
class PlaybookStarted:
    """One file of a run begins."""

    path: str
    #: How many plays it has.
    plays: int = 0


@record
class PlayStarted:
    """A play begins; ``hosts`` are all that it will run on (all batches)."""

    name: str
    origin: Origin
    hosts: tuple[str, ...]
    check: bool = False
    strategy: str = "linear"


@record
class BatchStarted:
    """A batch of a play's hosts begins (``serial``); every play has at least one."""

    hosts: tuple[str, ...]


@record
class NoHosts:
    """A play's pattern matched nothing (``remaining``: nobody is left because all failed).

    ``times``: how often ansible-core says so, which is once more after ``max_fail_percentage`` was passed.
    """

    pattern: str
    remaining: bool = False
    times: int = 1


@record
class Prompted:
    """A play asks for a variable of its ``vars_prompt``; texts are rendered, a default that is a secret is left out."""

    name: str
    text: str
    private: bool = False
    confirm: bool = False
    default: Any = None
    encrypt: str | None = None
    salt: str | None = None
    salt_size: int | None = None
    unsafe: bool = False


@record
class TaskStarted:
    """A task begins on its first host (once for each step; for strategy free once for each host)."""

    task: TaskInfo
    hosts: int = 0


@record
class HostStarted:
    """A host begins a task; for live views."""

    host: str
    task: TaskInfo


@record
class Retrying:
    """``until`` was not met; another attempt follows."""

    host: str
    task: TaskInfo
    left: int
    result: Mapping[str, Any]
    label: str | None = None


@record
class AsyncPolled:
    """A background job was looked at and goes on."""

    host: str
    task: TaskInfo
    job: str
    started: int
    finished: int


@record
class ItemFinished:
    """One item of a loop ended on a host."""

    outcome: Outcome


@record
class TaskFinished:
    """A task ended on a host."""

    outcome: Outcome


@record
class Included:
    """A dynamic include brought a file in for these hosts."""

    task: TaskInfo
    file: str
    hosts: tuple[str, ...]
    label: str | None = None


@record
class HandlersNotified:
    """A host's task notified these handlers."""

    host: str
    handlers: tuple[str, ...]


@record
class ImplicitMeta:
    """A meta task that nobody wrote is done: handlers that wait run. Told only where callbacks watch."""

    task: TaskInfo


@record
class MetaRan:
    """A meta task did something worth a line (``text`` is for people)."""

    text: str
    host: str = ""


@record
class Warned:
    """A warning for the user; each distinct text once in a run."""

    message: str
    origin: Origin | None = None
    deprecation: bool = False
    host: str = ""
    hint: str = ""
    #: What a module says of something deprecated: msg, version or date, deprecator.
    notice: Mapping[str, Any] | None = None


@record
class Noted:
    """A line for people at a verbosity (1 is -v)."""

    message: str
    verbosity: int = 1
    host: str = ""


@record
class RunFailed:
    """The run ends for a fault that belongs to no host; ``hint`` says what to do about it."""

    message: str
    origin: Origin | None = None
    hint: str = ""


@record
class Interrupted:
    """The user stopped the run; ``in_flight`` says what was under way, as host and task name."""

    in_flight: tuple[tuple[str, str], ...] = ()


@record
class RunFinished:
    """The end: exit status, the recap, the failures that counted, handlers still pending."""

    exit_code: int
    totals: Mapping[str, HostTotals]
    failures: tuple[Outcome, ...] = ()
    #: Seconds.
    elapsed: float = 0.0
    pending_handlers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    custom_stats: Mapping[str, Any] = field(default_factory=dict)


Event = (
    RunStarted
    | PlaybookStarted
    | PlayStarted
    | BatchStarted
    | NoHosts
    | Prompted
    | TaskStarted
    | HostStarted
    | Retrying
    | AsyncPolled
    | ItemFinished
    | TaskFinished
    | Included
    | HandlersNotified
    | ImplicitMeta
    | MetaRan
    | Warned
    | Noted
    | RunFailed
    | Interrupted
    | RunFinished
)
Emit = Callable[[Event], None]

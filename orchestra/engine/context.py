"""One task (or one item of its loop) on one host, as an action sees it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from orchestra.engine.hoststate import HostState
from orchestra.engine.results import ActionResult
from orchestra.model.invocation import Become
from orchestra.model.outcome import TaskInfo
from orchestra.model.play import Task
from orchestra.model.ports import HostSession, LookupContext
from orchestra.model.record import record

if TYPE_CHECKING:
    from orchestra.engine.connections import Route
    from orchestra.engine.services import Services
    from orchestra.templating.scope import Scope


@record
class TaskContext:
    """Everything rendered; ``remote`` connects when it is first used."""

    task: Task
    info: TaskInfo
    state: HostState
    args: Mapping[str, Any]
    #: The free-form text, rendered; None when there is none.
    free_form: Any
    scope: Scope
    check: bool
    diff: bool
    no_log: bool
    environment: Mapping[str, str]
    become: Become | None
    #: Seconds; 0 is no limit.
    timeout: float
    async_seconds: int
    poll: int
    #: The host the task runs on: its own, or the one it is delegated to.
    target: str
    #: The address of that host where the task is delegated, and it is not its name.
    target_address: str
    remote: HostSession
    #: Where the task runs and as whom.
    route: Route
    lookups: LookupContext
    services: Services
    #: Label of the loop's item.
    label: str | None = None
    loop_vars: Mapping[str, Any] | None = None


Action = Callable[[TaskContext], Awaitable[ActionResult]]


class Ask(Protocol):
    """Asks the user something; None when there is no terminal."""

    def __call__(self, prompt: str, *, private: bool) -> str | None: ...

"""What the whole engine shares during one run, put together once in assemble.py and passed on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any

from orchestra.engine.gate import Gate
from orchestra.engine.hoststate import HostState
from orchestra.engine.interrupts import Interrupts
from orchestra.model.event import Emit, Warned
from orchestra.model.host import Host, Inventory
from orchestra.model.options import RunOptions
from orchestra.model.origin import Origin
from orchestra.model.play import Task
from orchestra.model.ports import Terminal
from orchestra.model.record import mutable
from orchestra.model.secret import Redactor

if TYPE_CHECKING:
    from orchestra.engine.connections import Routes
    from orchestra.engine.factcache import FactCache
    from orchestra.engine.sessions import Sessions
    from orchestra.engine.variables import Variables
    from orchestra.inventory.variables import HostVariables
    from orchestra.language.project import Project
    from orchestra.library.catalogue import Library
    from orchestra.plugins.late import ProjectPlugins
    from orchestra.settings.settings import Settings
    from orchestra.templating.templar import Templar


@mutable
class Services:
    """One run's parts. ``inventory`` is replaced when hosts or groups are added; ``states`` grows with it."""

    settings: Settings
    options: RunOptions
    inventory: Inventory
    host_variables: HostVariables
    variables: Variables
    templar: Templar
    library: Library
    #: What the project brings in Python.
    plugins: ProjectPlugins
    sessions: Sessions
    emit: Emit
    redactor: Redactor
    project: Callable[[], Project]
    read_file: Callable[[str], bytes]
    open_vault: Callable[[str], str]
    read_yaml: Callable[[str], Any]
    terminal: Terminal
    routes: Routes
    forks: int
    gate: Gate
    #: Host-tasks in flight are bounded by forks, over all hosts and strategies.
    slots: asyncio.Semaphore
    #: One conversation with the user at a time.
    conversation: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    #: Tasks that ask for the next Ctrl-C.
    interrupts: Interrupts = field(default_factory=Interrupts, init=False)
    #: Reads the inventory again (meta: refresh_inventory).
    reload: Callable[[], tuple[Inventory, HostVariables]]
    states: dict[str, HostState] = field(default_factory=dict)
    #: Options that need no rendering, validated once: id of the task -> the task (so that no other gets its id), its
    #: module and what that gets.
    constant_options: dict[int, Any] = field(default_factory=dict)
    #: Keywords of tasks that are templates: id of the task -> the task and their names.
    templated_keywords: dict[int, tuple[Task, tuple[str, ...]]] = field(default_factory=dict)
    custom_stats: dict[str, Any] = field(default_factory=dict)
    #: What is under way: host name -> task name, for the moment somebody interrupts.
    in_flight: dict[str, str] = field(default_factory=dict)
    #: The tasks behind TaskInfo.id, for callbacks; None where there are none.
    described: dict[int, Task] | None = None
    warned: set[str] = field(default_factory=set)
    deprecated: set[tuple[str, Origin | None]] = field(default_factory=set)
    #: What add_host and group_by did, to be done again when the sources are read again.
    additions: list[Callable[[Inventory], Inventory]] = field(default_factory=list)
    next_id: int = 0
    #: Where the playbook of the play that runs lies.
    play_folder: str = ""
    #: Facts that are kept from run to run; None when they are not.
    fact_cache: FactCache | None = None

    def state(self, name: str) -> HostState | None:
        """The state of a host of the inventory, made when first asked for; localhost is always there."""
        found = self.states.get(name)
        if found is None:
            from orchestra.inventory.localhost import find_host

            host = find_host(self.inventory, name)
            if host is None:
                return None
            found = self.states[name] = HostState(host)
            if self.fact_cache is not None:
                self.fact_cache.restore(found)
        return found

    def strange_host(self, name: str) -> HostState:
        """A host that a task names and no inventory knows: reached by its name, without variables of its own."""
        return HostState(Host(name))

    def warn(self, message: str, origin: Origin | None = None, hint: str = "") -> None:
        """Tell the user, each text once."""
        if message not in self.warned:
            self.warned.add(message)
            self.emit(Warned(message, origin, hint=hint))

    def stand_beside(self, folder: str) -> None:
        """Let the group_vars/ and host_vars/ in a play's folder count from now on."""
        self.play_folder = folder
        self.host_variables = self.host_variables.beside(folder)

    def refresh_inventory(self) -> None:
        """Read the inventory's sources again; hosts that are known keep what the run learned of them."""
        self.inventory, self.host_variables = self.reload()
        if self.play_folder:
            self.stand_beside(self.play_folder)
        for addition in self.additions:
            self.inventory = addition(self.inventory)
        if self.additions:
            self.host_variables = self.host_variables.with_inventory(self.inventory)
        for state in self.states.values():
            state.host = self.inventory.hosts.get(state.name, state.host)
        self.routes.forget()

    def task_id(self) -> int:
        """A number no other step of the run has."""
        self.next_id += 1
        return self.next_id


def names(states: Sequence[HostState]) -> tuple[str, ...]:
    """The names of hosts."""
    return tuple(state.name for state in states)

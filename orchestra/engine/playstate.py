"""One play while it runs: its hosts, its variables, its handlers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from orchestra.engine.hoststate import HostState
from orchestra.engine.layers import Layers, MergingLayers, flatten
from orchestra.model.origin import Origin
from orchestra.model.outcome import TaskInfo
from orchestra.model.play import Block, Play, RoleRef, Task
from orchestra.model.record import mutable


@mutable
class PlayState:
    """A play under way. ``batch`` changes with ``serial``; the rest is fixed once prompts are answered."""

    play: Play
    name: str
    key: str
    #: Every host of the play, and those of the batch under way.
    hosts: list[HostState]
    batch: list[HostState]
    #: The names that the pattern selects, those of hosts that failed in earlier plays too.
    all_names: tuple[str, ...] = ()
    prompted: Mapping[str, Any] = field(default_factory=dict)
    #: Layers of vars_files, for all hosts, or by host when their names differ between hosts.
    file_layers: tuple[Mapping[str, Any], ...] = ()
    host_file_layers: dict[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    exported_defaults: Mapping[str, Any] = field(default_factory=dict)
    handlers: list[Task | Block] = field(default_factory=list)
    force_handlers: bool = False
    #: ``private_role_vars``: what roles define is their own.
    private_roles: bool = False
    #: ``hash_behaviour = merge``.
    merging: bool = False
    #: Where each host walks alone, who may be at a task with a ``throttle``: id of the task -> it and its turns.
    throttles: dict[int, tuple[Task, asyncio.Semaphore]] = field(default_factory=dict)
    #: Where the handlers stand that the play has, so that an include brings none twice.
    handler_places: set[Origin] = field(default_factory=set)
    max_fail_percentage: float | None = None
    ended: bool = False
    #: any_errors_fatal struck: no further batch begins.
    fatal: bool = False
    #: Strategies free and host_pinned: hosts walk alone, and share what sinks see of each task.
    hosts_apart: bool = False
    infos: dict[int, tuple[Task, TaskInfo]] = field(default_factory=dict)
    #: Strategy debug: failures stop in the debugger.
    debugging: bool = False
    _shared: dict[str, Any] | None = None
    magic: dict[str, Any] = field(default_factory=dict)
    lazy_magic: dict[str, Callable[[], Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.magic = {"playbook_dir": self.play.basedir, "ansible_play_name": self.name}
        self.lazy_magic = {
            "ansible_play_hosts": lambda: [state.name for state in self.hosts if not _gone(state)],
            "play_hosts": lambda: [state.name for state in self.batch if not _gone(state)],
            "ansible_play_batch": lambda: [state.name for state in self.batch if not _gone(state)],
            "ansible_play_hosts_all": lambda: list(self.all_names),
            "ansible_play_role_names": self._named_roles,
            "role_names": self._named_roles,
            "ansible_dependent_role_names": self._depended_roles,
            "ansible_role_names": lambda: list(dict.fromkeys((*self._depended_roles(), *self._named_roles()))),
        }
        roles = self._public_roles()
        self.exported_defaults = flatten(
            tuple(layer for role in roles for layer in role.exported_defaults), merging=self.merging
        )

    def _public_roles(self) -> list[RoleRef]:
        return public_roles(self.play, self.private_roles)

    def _named_roles(self) -> list[str]:
        return list(dict.fromkeys(role.name for role in self.play.roles if not role.parents))

    def _depended_roles(self) -> list[str]:
        return list(dict.fromkeys(role.name for role in self.play.roles if role.parents))

    def variables_for(self, state: HostState) -> Mapping[str, Any]:
        """The play's own variables as a host sees them."""
        if self._shared is None:
            exported = tuple(layer for role in self._public_roles() for layer in role.exported_vars)
            self._shared = flatten((self.play.vars, self.prompted, *self.file_layers, *exported), merging=self.merging)
        own = self.host_file_layers.get(state.name)
        if not own:
            return self._shared
        exported = tuple(layer for role in self._public_roles() for layer in role.exported_vars)
        kind = MergingLayers if self.merging else Layers
        return kind((*reversed(exported), *reversed(own), self._shared))

    def forget_variables(self) -> None:
        """Prompts or files were read: put the variables together again."""
        self._shared = None

    def export_role(self, defaults: Mapping[str, Any], variables: Mapping[str, Any]) -> None:
        """Make an included role's variables public to the play (``public: true``)."""
        self.exported_defaults = {**self.exported_defaults, **defaults}
        self.file_layers = (*self.file_layers, variables)
        self._shared = None


def public_roles(play: Play, private: bool) -> list[RoleRef]:
    """The roles whose variables all of the play sees; ``private`` is the setting for those that do not say."""
    return [role for role in play.roles if role.public or (role.public is None and not private)]


def keyword_layers(play: Play, private: bool) -> tuple[Mapping[str, Any], ...]:
    """What a play's own keywords may name of its variables and its roles', the strongest first."""
    roles = public_roles(play, private)
    variables = [layer for role in roles for layer in role.exported_vars]
    defaults = [layer for role in roles for layer in role.exported_defaults]
    return (*reversed(variables), play.vars, *reversed(defaults))


def _gone(state: HostState) -> bool:
    return state.failed or state.unreachable

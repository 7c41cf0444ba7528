"""Puts the layers of variables of a task on a host in their order of precedence.

From the strongest: what Orchestra provides, extra variables, variables of includes, role parameters, set_fact and
registered results, include_vars, task and block variables, role variables, those of the play (vars_files, prompts,
vars, exported role variables above), facts, the inventory's, role defaults. The order is Ansible's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from orchestra.engine.hoststate import HostState
from orchestra.engine.layers import Layers, MergingLayers, flatten
from orchestra.engine.lookups import search_roots
from orchestra.engine.magic import (
    HostVars,
    LazyVariables,
    WayVariables,
    groups_of,
    role_variables,
    run_variables,
    source_path,
)
from orchestra.engine.playstate import keyword_layers
from orchestra.model.host import Inventory
from orchestra.model.origin import Origin
from orchestra.model.play import Play, RoleRef, Task

if TYPE_CHECKING:
    from orchestra.engine.playstate import PlayState
    from orchestra.engine.services import Services


class Variables:
    """Makes variable views. What is the same for many host-tasks is made once and kept."""

    def __init__(self, services: Services, *, merge: bool) -> None:
        self._services = services
        self._kind = MergingLayers if merge else Layers
        self._groups: dict[str, list[str]] | None = None
        self._inventory: Inventory | None = None
        self._run = run_variables(services.options, services.forks, services.inventory, services.settings.config_file)
        self._task_magic: dict[tuple[int, str, str], tuple[RoleRef | None, dict[str, Any]]] = {}
        self._role_vars: dict[int, tuple[RoleRef, dict[str, Any], dict[str, Any]]] = {}
        self._host_magic: dict[tuple[str, str], Mapping[str, Any]] = {}

    def view(self, state: HostState, play: PlayState | None = None, task: Task | None = None) -> Layers:
        """The variables that ``task`` of ``play`` sees on a host; raw."""
        layers: list[Mapping[str, Any]] = [self._magic(state, play), self._services.options.extra_vars]
        if task is not None:
            layers.insert(0, self._of_task(task, play))
        if task is not None:
            layers.extend(reversed(task.param_layers))
            if task.role is not None:
                layers.append(task.role.params)
        layers += [state.live_vars, state.included_vars]
        defaults: list[Mapping[str, Any]] = []
        if task is not None:
            layers.extend(reversed(task.var_layers))
            if task.role is not None:
                _, role_defaults, role_vars = self._flat_role(task.role)
                layers.append(role_vars)
                defaults.append(role_defaults)
        if play is not None:
            layers.append(play.variables_for(state))
            defaults.append(play.exported_defaults)
        layers += [state.injected, self._services.host_variables.for_host(state.name), *defaults]
        if task is not None:
            settings, options = self._services.settings, self._services.options
            layers.append(WayVariables(state.host, task, options, settings.transport, settings.remote_user))
        return self._kind(tuple(layer for layer in layers if layer or layer is state.live_vars))

    def changing_layers(self, state: HostState, task: Task) -> tuple[Mapping[str, Any], ...]:
        """Those layers of a task's view that other tasks of the same host and play need not have."""
        layers = (*task.param_layers, state.live_vars, state.included_vars, *task.var_layers)
        if task.role is None:
            return layers
        _, defaults, variables = self._flat_role(task.role)
        return (*layers, task.role.params, variables, defaults)

    def of_play(self, play: Play) -> Layers:
        """What a play's own keywords may name before any host is known."""
        magic = {**self._run, "playbook_dir": play.basedir, "groups": self.groups(), "hostvars": self._hostvars(play)}
        private = self._services.settings.private_role_vars
        return self._kind((magic, self._services.options.extra_vars, *keyword_layers(play, private)))

    def _of_task(self, task: Task, play: PlayState | None) -> dict[str, Any]:
        """What is the same for all tasks of one file and role."""
        basedir = "" if play is None else play.play.basedir
        key = (id(task.role), task.origin.file, basedir)
        found = self._task_magic.get(key)
        if found is None:
            made = {**role_variables(task), "ansible_search_path": search_roots(task, basedir)}
            found = self._task_magic[key] = (task.role, made)
        return found[1]

    def _flat_role(self, role: RoleRef) -> tuple[RoleRef, dict[str, Any], dict[str, Any]]:
        found = self._role_vars.get(id(role))
        if found is None:
            merging = self._kind is MergingLayers
            layers = (flatten(role.default_layers, merging=merging), flatten(role.var_layers, merging=merging))
            found = (role, *layers)
            self._role_vars[id(role)] = found
        return found

    def groups(self) -> dict[str, list[str]]:
        """``groups``, made again only when the inventory has changed."""
        if self._groups is None or self._inventory is not self._services.inventory:
            self._inventory = self._services.inventory
            self._groups = groups_of(self._inventory)
            self._host_magic.clear()
        return self._groups

    def _magic(self, state: HostState, play: PlayState | None) -> Mapping[str, Any]:
        if self._inventory is not self._services.inventory:
            self.groups()
        key = (state.name, "" if play is None else play.key)
        found = self._host_magic.get(key)
        if found is None:
            found = self._host_magic[key] = self._make_magic(state, play)
        return found

    def _make_magic(self, state: HostState, play: PlayState | None) -> Mapping[str, Any]:
        fixed = {
            **self._run,
            **(play.magic if play is not None else {}),
            "inventory_hostname": state.name,
            "inventory_hostname_short": state.name.split(".")[0],
            "group_names": sorted(group for group in state.host.groups if group != "all"),
            "ansible_facts": state.facts,
            "hostvars": self._hostvars(None if play is None else play.play),
            **_source_variables(state),
        }
        lazy = {"groups": self.groups, **(play.lazy_magic if play is not None else {})}
        return Layers((fixed, LazyVariables(lazy)))

    def _hostvars(self, play: Play | None) -> HostVars:
        """Each host's own variables: those of plays, roles and tasks are nobody's."""
        ours = {} if play is None else {"playbook_dir": play.basedir}

        def view(name: str) -> Mapping[str, Any] | None:
            state = self._services.state(name)
            return None if state is None else Layers((self.view(state), ours))

        return HostVars(lambda: self._services.inventory.hosts, view)

    def origin_of(self, host: str, name: str) -> Origin | None:
        """Where the inventory set a variable of a host."""
        return self._services.host_variables.origin(host, name)


def _source_variables(state: HostState) -> dict[str, Any]:
    """``inventory_dir`` and ``inventory_file`` of the source a host came from."""
    import os

    origin = state.host.origin
    if origin is None or not os.path.isabs(source_path(origin.file)):
        return {"inventory_dir": None, "inventory_file": None}
    file = os.path.abspath(origin.file)
    return {"inventory_dir": os.path.dirname(file), "inventory_file": file}

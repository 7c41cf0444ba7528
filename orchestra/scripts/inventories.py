"""Inventories and variables as programs read them: ``ansible.inventory.manager`` and ``ansible.vars.manager``.

What is read is what a run would read; values are as they are written, templates not rendered, vaults opened.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from orchestra.ansible_api.errors import AnsibleError
from orchestra.ansible_api.varsplugin import Group, Host
from orchestra.errors import OrchestraError
from orchestra.inventory.localhost import find_host
from orchestra.inventory.patterns import HostSelector
from orchestra.model import host as model
from orchestra.model.secret import Sealed
from orchestra.runner.foreign.release import __version__
from orchestra.scripts.project import assembly, settings, warn

__all__ = ["InventoryManager", "VariableManager"]


def opened(value: Any) -> Any:
    """A value with its vaults open. Raises VaultError where no password opens one."""
    if isinstance(value, Sealed):
        return value.reveal()
    if isinstance(value, Mapping):
        return {key: opened(item) for key, item in value.items()}
    return [opened(item) for item in value] if isinstance(value, list) else value


class InventoryHost(Host):
    """A host of the inventory."""

    def __init__(self, inventory: InventoryManager, known: model.Host) -> None:
        super().__init__(known.name, opened(known.vars), known.groups)
        self._inventory = inventory
        self.implicit = known.implicit

    def get_groups(self) -> list[Group]:
        """Every group it is in, the weakest first."""
        return [self._inventory.groups[name] for name in self._groups]

    def get_magic_vars(self) -> dict[str, Any]:
        """Its name and its groups' names."""
        names = sorted(name for name in self._groups if name != "all")
        short = self.name.split(".")[0]
        return {"inventory_hostname": self.name, "inventory_hostname_short": short, "group_names": names}

    def get_vars(self) -> dict[str, Any]:
        """What the inventory gives to it, and its names."""
        return {**self.vars, **self.get_magic_vars()}


class InventoryGroup(Group):
    """A group of the inventory."""

    def __init__(self, inventory: InventoryManager, known: model.Group) -> None:
        super().__init__(known.name, opened(known.vars))
        self._inventory = inventory
        self._known = known
        self.depth = known.depth
        self.priority = known.priority

    @property
    def hosts(self) -> list[InventoryHost]:
        """The hosts that are directly in it."""
        return [self._inventory.hosts[name] for name in self._known.hosts]

    @property
    def child_groups(self) -> list[InventoryGroup]:
        """The groups directly below it."""
        return [self._inventory.groups[name] for name in self._known.children]

    @property
    def parent_groups(self) -> list[InventoryGroup]:
        """The groups directly above it."""
        return [self._inventory.groups[name] for name in self._known.parents]

    def get_hosts(self) -> list[InventoryHost]:
        """All hosts in it and below it."""
        return [self._inventory.hosts[name] for name in self._inventory.selector.members(self.name)]


class InventoryManager:
    """An inventory that a program reads."""

    def __init__(self, loader: Any = None, sources: Any = None, parse: bool = True, cache: bool = True) -> None:
        """``sources``: paths, or names with a comma; the configured inventory where there are none.

        Raises:
            AnsibleError: it makes no inventory.
        """
        given = [sources] if isinstance(sources, str) else sources
        self._parts = assembly(loader, {}, [source if "," in source else os.path.abspath(source) for source in given]
                               if given else None)  # fmt: skip
        self._limit = ""
        try:
            self.model = self._parts.inventory()
        except OrchestraError as error:
            raise AnsibleError(error.message, orig_exc=error) from error
        self.selector = HostSelector(self.model, warn)

    @cached_property
    def hosts(self) -> dict[str, InventoryHost]:
        """Every host by its name."""
        return {name: InventoryHost(self, host) for name, host in self.model.hosts.items()}

    @cached_property
    def groups(self) -> dict[str, InventoryGroup]:
        """Every group by its name."""
        return {name: InventoryGroup(self, group) for name, group in self.model.groups.items()}

    @property
    def localhost(self) -> InventoryHost | None:
        """The controller."""
        return self.get_host("localhost")

    def subset(self, subset_pattern: str | None) -> None:
        """From now on only these hosts."""
        self._limit = subset_pattern or ""

    def get_host(self, hostname: str) -> InventoryHost | None:
        """A host by its name."""
        found = find_host(self.model, hostname)
        return None if found is None else self.hosts.get(found.name) or InventoryHost(self, found)

    def get_hosts(self, pattern: Any = "all", ignore_limits: bool = False, **more: Any) -> list[InventoryHost]:
        """The hosts that a pattern means. Raises AnsibleError."""
        try:
            found = self.selector.select(pattern, "" if ignore_limits else self._limit, more.get("order"))
        except OrchestraError as error:
            raise AnsibleError(error.message, orig_exc=error) from error
        return [self.hosts.get(host.name) or InventoryHost(self, host) for host in found]

    def list_hosts(self, pattern: Any = "all") -> list[InventoryHost]:
        """The hosts that a pattern means."""
        return self.get_hosts(pattern)

    def list_groups(self) -> list[str]:
        """The names of all groups, sorted."""
        return sorted(self.groups)

    def get_groups_dict(self) -> dict[str, list[str]]:
        """The names of the hosts in and below each group."""
        return {name: list(self.selector.members(name)) for name in self.model.groups}

    def variables_of(self, name: str, folder: str) -> dict[str, Any]:
        """A host's variables with group_vars and host_vars, those of a playbook's folder too."""
        return self._parts.host_variables(self.model, [folder]).for_host(name).merged()


class VariableManager:
    """The variables that hosts have before any play says more."""

    def __init__(self, loader: Any = None, inventory: InventoryManager | None = None, version_info: Any = None) -> None:
        self._loader = loader
        self._inventory = inventory
        self._extra_vars: dict[str, Any] = {}  # programs set it by this name

    @property
    def extra_vars(self) -> dict[str, Any]:
        """What wins over everything else."""
        return self._extra_vars

    @extra_vars.setter
    def extra_vars(self, given: dict[str, Any]) -> None:
        self._extra_vars = given

    def get_vars(self, play: Any = None, host: Any = None, task: Any = None, **more: Any) -> dict[str, Any]:
        """The variables of a host, or those that all have. Raises AnsibleError."""
        folder = self._loader.get_basedir() if self._loader is not None else os.getcwd()
        found: dict[str, Any] = {} if host is None else {"ansible_facts": {}}
        if host is not None and self._inventory is not None:
            try:
                found.update(opened(self._inventory.variables_of(host.name, folder)))
            except OrchestraError as error:
                raise AnsibleError(error.message, orig_exc=error) from error
            found.update(host.get_magic_vars())
        return {**found, **self._of_all(folder), **self.extra_vars}

    def _of_all(self, folder: str) -> dict[str, Any]:
        numbers: Sequence[int] = [int(number) for number in __version__.split(".")]
        version = {"full": __version__, "string": __version__, **dict(zip(_PARTS, numbers, strict=False))}
        groups = {} if self._inventory is None else {"groups": self._inventory.get_groups_dict()}
        return {
            "playbook_dir": folder, "ansible_playbook_python": sys.executable, "ansible_version": version,
            "ansible_config_file": settings().config_file or None, **groups
        }  # fmt: skip


_PARTS = ("major", "minor", "revision")

"""The variables that an inventory and the files beside it and the playbook give to a host, and where each one stands.

From weak to strong, as in Ansible: the inventory's variables of ``all`` and of the host's other groups; group_vars/all
beside the inventory, then beside the playbook; the other groups' files likewise; the inventory's variables of the
host; host_vars beside the inventory, then beside the playbook. Hosts with the same groups share one merged mapping.
Values are raw: templates and vault values are not opened here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from orchestra.inventory.localhost import find_host
from orchestra.inventory.merging import merge_mappings
from orchestra.inventory.varfiles import VariableFiles, inventory_folders
from orchestra.language.vault import VaultOpener
from orchestra.language.yamltext import duplicate_keys
from orchestra.model.host import Host, Inventory
from orchestra.model.origin import LocatedDict, Origin
from orchestra.settings import Settings

Warn = Callable[[str, Origin | None], None]
#: A layer with a name for people: ``group_vars of web beside the inventory``.
Layer = tuple[str, Mapping[str, Any]]


#: The name of what reads group_vars/ and host_vars/ among the vars plugins that are enabled.
_FILES = frozenset(("host_group_vars", "ansible.builtin.host_group_vars"))


class Folder(NamedTuple):
    """A folder that variables are looked for in; of a playbook, or else of an inventory."""

    path: str
    of_playbook: bool


class VarsPlugins(Protocol):
    """Asks the project's vars plugins."""

    def of_groups(self, folder: Folder, groups: Iterable[tuple[str, Mapping[str, Any]]], *, late: bool) -> list[Layer]:
        """What those before (``late``: after) group_vars/ give to groups (name, variables) for a folder."""

    def of_host(
        self, folder: Folder, name: str, variables: Mapping[str, Any], groups: Sequence[str], *, late: bool
    ) -> list[Layer]:
        """What those before (``late``: after) host_vars/ give to a host for a folder."""


class LayeredVars(Mapping[str, Any]):
    """One host's variables: a few mappings, looked through from the strongest down."""

    __slots__ = ("_layers",)

    def __init__(self, layers: Sequence[Mapping[str, Any]]) -> None:
        """``layers`` run from the strongest to the weakest."""
        self._layers = tuple(layer for layer in layers if layer)

    def __getitem__(self, key: str) -> Any:
        for layer in self._layers:
            if key in layer:
                return layer[key]
        raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        for layer in self._layers:  # noqa: SIM110 - asked for each name of each template; any() takes twice as long
            if key in layer:
                return True
        return False

    def __bool__(self) -> bool:
        """Without counting, which would merge all: each task on each host asks."""
        return bool(self._layers)

    def __iter__(self) -> Iterator[str]:
        return iter(self.merged())

    def __len__(self) -> int:
        return len(self.merged())

    def merged(self) -> dict[str, Any]:
        """A plain dict of all; a new one each time."""
        result: dict[str, Any] = {}
        for layer in reversed(self._layers):
            result.update(layer)
        return result


class HostVariables:
    """Raw variables of every host of one inventory."""

    def __init__(
        self,
        inventory: Inventory,
        settings: Settings,
        *,
        playbook_folders: Sequence[str] = (),
        vault: VaultOpener | None = None,
        warn: Warn | None = None,
        files: VariableFiles | None = None,
        plugins: VarsPlugins | None = None,
    ) -> None:
        """``playbook_folders`` are those whose group_vars/ and host_vars/ count, weakest first; ``plugins`` are asked
        about the same folders."""
        self._inventory = inventory
        self._settings = settings
        self._merge = settings.hash_behaviour == "merge"
        self._playbook_folders = tuple(dict.fromkeys(map(os.path.realpath, playbook_folders)))
        self._beside_inventory = tuple(Folder(path, False) for path in inventory_folders(inventory.sources))
        self._beside_playbook = tuple(Folder(path, True) for path in self._playbook_folders)
        self._files = files or VariableFiles(
            extensions=settings.yaml_extensions,
            vault=vault,
            warn=warn,
            on_duplicates=duplicate_keys(settings.duplicate_dict_key, warn or _ignore),
            merge=self._merge,
        )
        self._plugins = plugins
        self._reads_files = not _FILES.isdisjoint(settings.vars_plugins_enabled)
        self._reads_beside_playbook = settings.asks_beside_playbook(settings.host_group_vars_stage)
        self._gives: dict[str, bool] = {}
        self._by_groups: dict[tuple[str, ...], dict[str, Any]] = {}
        self._by_host: dict[str, tuple[Host, LayeredVars]] = {}
        self._strangers: dict[str, Host] = {}

    def for_host(self, name: str) -> LayeredVars:
        """The variables of a host, raw; one that no source names has those that all hosts have.

        Raises:
            LanguageError: a file that can not be understood; VaultError: or opened.
        """
        host = find_host(self._inventory, name) or self._strangers.setdefault(name, Host(name))
        found = self._by_host.get(name)
        if found is None or found[0] is not host:
            found = self._by_host[name] = host, self._view(host)
        return found[1]

    def group_part(self, groups: tuple[str, ...]) -> Mapping[str, Any]:
        """What the groups give to a host that is in exactly these; shared between such hosts."""
        giving = tuple(name for name in groups if self._has_variables(name))
        found = self._by_groups.get(giving)
        if found is None:
            found = self._by_groups[giving] = self._joined(self._group_layers(giving))
        return found

    def _has_variables(self, group: str) -> bool:
        """Whether a group gives any; most of many do not, and hosts that differ in these alone share one mapping."""
        found = self._gives.get(group)
        if found is None:
            found = self._gives[group] = bool(self.of_group(group))
        return found

    def own_part(self, name: str) -> dict[str, Any]:
        """What is given to a host alone, by the inventory and by host_vars."""
        host = find_host(self._inventory, name)
        return self._joined(self._host_layers(host)) if host else {}

    def of_group(self, name: str) -> dict[str, Any]:
        """What is given to a group alone, by the inventory and by group_vars."""
        layers: list[Layer] = [("", self._inventory.groups[name].vars)]
        layers += self._file_layers("group_vars", [name], self._beside_inventory + self._beside_playbook)
        return self._joined(layers)

    def _joined(self, layers: Sequence[Layer]) -> dict[str, Any]:
        """Layers from the weakest to the strongest as one."""
        joined: dict[str, Any] = {}
        for _, layer in layers:
            joined = merge_mappings(joined, layer) if self._merge else {**joined, **layer}
        return joined

    def origin(self, name: str, variable: str) -> Origin | None:
        """Where the value of a host's variable stands; None for an unknown one."""
        for _, layer in reversed(self.trace(name, variable)):
            if isinstance(layer, LocatedDict) and (origin := layer.value_origins.get(variable)):
                return origin
        return None

    def trace(self, name: str, variable: str) -> list[Layer]:
        """Every layer that gives ``variable`` to the host, the winner last."""
        return [(label, layer) for label, layer in self.layers(name) if variable in layer]

    def layers(self, name: str) -> list[Layer]:
        """Every layer that a host gets variables from, the strongest last."""
        host = find_host(self._inventory, name)
        return [*self._group_layers(host.groups), *self._host_layers(host)] if host is not None else []

    def with_inventory(self, inventory: Inventory) -> HostVariables:
        """The same for an inventory that ``with_host`` or ``with_group`` made of this one; costs next to nothing.

        What was read and merged is kept, for such changes leave the variables of groups alone.
        """
        changed = HostVariables(
            inventory, self._settings, playbook_folders=self._playbook_folders, files=self._files, plugins=self._plugins
        )
        changed._gives, changed._by_groups, changed._by_host = self._gives, self._by_groups, self._by_host
        return changed

    def beside(self, folder: str) -> HostVariables:
        """The same for a playbook in this folder: what lies beside it counts, and not what lies beside another."""
        if self._playbook_folders == (os.path.realpath(folder),):
            return self
        return HostVariables(
            self._inventory, self._settings, playbook_folders=[folder], files=self._files, plugins=self._plugins
        )

    def _view(self, host: Host) -> LayeredVars:
        own = [layer for _, layer in self._host_layers(host)]
        shared = self.group_part(host.groups)
        if self._merge:
            merged = dict(shared)
            for layer in own:
                merged = merge_mappings(merged, layer)
            return LayeredVars([merged])
        return LayeredVars([*reversed(own), shared])

    def _host_layers(self, host: Host) -> list[Layer]:
        layers: list[Layer] = [("the inventory", host.vars)]
        return layers + self._file_layers("host_vars", [host.name], self._beside_inventory + self._beside_playbook)

    def _group_layers(self, groups: tuple[str, ...]) -> list[Layer]:
        """All layers from groups, weakest first; a host in no group (implicit localhost) still gets ``all``'s."""
        others = [name for name in groups if name != "all"]
        beside = {"inventory": self._beside_inventory, "play": self._beside_playbook}
        layers: list[Layer] = []
        for step in self._settings.variable_precedence:
            kind, _, source = step.partition("_")
            names = ["all"] if kind == "all" else others
            place = source.removeprefix("plugins_")
            if source == "inventory":
                layers += self._inventory_layers(names)
            elif place in beside:
                layers += self._file_layers("group_vars", names, beside[place])
        return layers

    def _inventory_layers(self, names: Sequence[str]) -> list[Layer]:
        known = self._inventory.groups
        return [(f"group {name!r} of the inventory", known[name].vars) for name in names if name in known]

    def _file_layers(self, kind: str, names: Sequence[str], folders: Sequence[Folder]) -> list[Layer]:
        found: list[Layer] = []
        for folder in folders:
            found += self._plugin_layers(kind, names, folder, late=False)
            reads = self._reads_files and (self._reads_beside_playbook or not folder.of_playbook)
            for name in names if reads else ():
                layer = self._files.read(os.path.join(folder.path, kind), name)
                if layer is not None:
                    found.append((f"{kind} of {name!r}", layer))
            found += self._plugin_layers(kind, names, folder, late=True)
        return found

    def _plugin_layers(self, kind: str, names: Sequence[str], folder: Folder, *, late: bool) -> list[Layer]:
        if self._plugins is None:
            return []
        known = self._inventory.groups
        if kind == "group_vars":
            groups = [(name, known[name].vars) for name in names if name in known]
            return self._plugins.of_groups(folder, groups, late=late)
        host = find_host(self._inventory, names[0])
        if host is None:
            return []
        return self._plugins.of_host(folder, host.name, host.vars, host.groups, late=late)


def _ignore(message: str, origin: Origin | None) -> None:
    """Nobody listens."""

"""Vars plugins: asked once about each folder and the groups or host that variables are wanted for.

Those in the project's folders are asked unless they say that they must be enabled; those of collections where
``vars_plugins_enabled`` names them. ``host_group_vars`` is not here: the inventory room reads group_vars and host_vars.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol

from orchestra.ansible_api.current import warn
from orchestra.ansible_api.errors import AnsibleError
from orchestra.ansible_api.inventorydata import as_data
from orchestra.ansible_api.varsplugin import Entity, Group, Host
from orchestra.errors import LanguageError, OrchestraError
from orchestra.plugins.faults import class_in, place_in
from orchestra.plugins.inventories import InventoryLoader, Reach
from orchestra.plugins.loading import Loader
from orchestra.plugins.places import Found, PluginPlaces, python_files

_OURS = ("host_group_vars", "ansible.builtin.host_group_vars")


class VarsPlugins:
    """The vars plugins of a run."""

    def __init__(
        self,
        places: PluginPlaces,
        loader: Callable[[], Loader],
        reach: Callable[[], Reach],
        enabled: Sequence[str],
        asks_beside_playbook: Callable[[str], bool],
    ) -> None:
        """``asks_beside_playbook`` says it for a plugin's own ``stage``, which may be empty."""
        self._asks_beside_playbook = asks_beside_playbook
        self._places = places
        self._loader = loader
        self._reach = reach
        self._enabled = tuple(name for name in enabled if name not in _OURS)

    def of_groups(
        self, folder: Folder, groups: Iterable[tuple[str, Mapping[str, Any]]], *, late: bool
    ) -> list[tuple[str, Any]]:
        """What plugins give to groups (name, variables) for a folder, each with the plugin's name.

        The project's plugins come before the files of group_vars; the ``late`` ones are those of collections.

        Raises:
            LanguageError: a plugin fails; located in it.
        """
        return self._ask(folder, [Group(name, variables) for name, variables in groups], late)

    def of_host(
        self, folder: Folder, name: str, variables: Mapping[str, Any], groups: Sequence[str], *, late: bool
    ) -> list[tuple[str, Any]]:
        """What plugins give to a host for a folder. Raises LanguageError."""
        return self._ask(folder, [Host(name, variables, groups)], late)

    def _ask(self, folder: Folder, entities: Sequence[Entity], late: bool) -> list[tuple[str, Any]]:
        if not entities:
            return []
        asked = (
            (name, _variables(plugin, name, path, self._files, folder.path, entities))
            for name, path, plugin in self._plugins
            if late == ("." in name) and (not folder.of_playbook or self._asks_beside_playbook(_stage(plugin)))
        )
        return [(f"the vars plugin {name}", as_data(found, ())) for name, found in asked if found]

    @cached_property
    def _files(self) -> InventoryLoader:
        return InventoryLoader(self._reach())

    @cached_property
    def _plugins(self) -> list[tuple[str, str, Any]]:
        """Name, file and object of every plugin that is asked."""
        own = [
            Found("vars", os.path.basename(path)[:-3], path)
            for folder in self._places.folders("vars")
            for path in python_files(folder)
        ]
        named = [found for name in self._enabled if "." in name and (found := self._places.find("vars", name))]
        missing = set(self._enabled) - {found.name for found in (*own, *named)}
        for name in sorted(missing):
            warn(f"there is no vars plugin {name!r}, which vars_plugins_enabled names")
        made = ((found.name, found.path, self._made(found)) for found in (*own, *named))
        return [one for one in made if one[2] is not None]

    def _made(self, found: Found) -> Any:
        """The plugin of a file; None where it wants to be enabled and is not."""
        module = self._loader().load(found.path, "vars", found.collection)
        cls = class_in(module, "VarsModule", "vars", found.name, found.path)
        if getattr(cls, "REQUIRES_ENABLED", False) and found.name not in self._enabled:
            return None
        plugin = cls()
        if hasattr(plugin, "introduce"):
            plugin.introduce(found.name, module, found.path)
        return plugin


class Folder(Protocol):
    """A folder that variables are wanted for."""

    @property
    def path(self) -> str:
        """Where it is."""

    @property
    def of_playbook(self) -> bool:
        """Whether it is a playbook's, not an inventory's."""


def _stage(plugin: Any) -> str:
    """When a plugin wants to be asked, in its own words; empty where it has no such option."""
    try:
        return str(plugin.get_option("stage") or "")
    except (AttributeError, KeyError):
        return ""


def _variables(plugin: Any, name: str, path: str, loader: Any, folder: str, entities: Sequence[Entity]) -> Any:
    try:
        if hasattr(plugin, "get_vars"):
            return plugin.get_vars(loader, folder, list(entities))
        warn(
            f"deprecated: The vars plugin {name} from {path} is relying on the deprecated entrypoints `get_host_vars` "
            "and `get_group_vars`; it needs get_vars"
        )
        return _as_it_was(plugin, entities)
    except OrchestraError:
        raise
    except AnsibleError as error:
        raise LanguageError(f"the vars plugin '{name}': {error}", origin=place_in(path, error)) from error
    except Exception as error:
        text = f"the vars plugin '{name}': {type(error).__name__}: {error}"
        raise LanguageError(text, origin=place_in(path, error), hint=f"while it looked at {folder}") from error


def _as_it_was(plugin: Any, entities: Sequence[Entity]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for entity in entities:
        ask = plugin.get_host_vars if isinstance(entity, Host) else plugin.get_group_vars
        found |= ask(entity.name) or {}
    return found

"""Connects inventory plugins to a run: how they read files, render expressions and see facts. Nothing is loaded before
a source asks for a plugin."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from orchestra.language.yamltext import load_file
from orchestra.plugins.late import ProjectPlugins
from orchestra.plugins.places import PluginPlaces

if TYPE_CHECKING:
    from orchestra.inventory.sources import SourcePlugin
    from orchestra.language.vault import VaultOpener
    from orchestra.model.options import RunOptions
    from orchestra.model.ports import LookupContext
    from orchestra.plugins.inventories import InventoryPlugins, Reach
    from orchestra.plugins.varsplugins import VarsPlugins
    from orchestra.settings.settings import Settings
    from orchestra.templating.templar import Templar


class RunSources:
    """The inventory plugins of a run."""

    def __init__(
        self,
        settings: Settings,
        options: RunOptions,
        places: PluginPlaces,
        plugins: ProjectPlugins,
        templar: Templar,
        lookups: Callable[[], LookupContext],
        vault: VaultOpener,
        *,
        facts: Callable[[str], Mapping[str, Any]] = lambda name: {},
        cache: bool = True,
    ) -> None:
        self._settings = settings
        self._options = options
        self._places = places
        self._plugins = plugins
        self._templar = templar
        self._lookups = lookups
        self._vault = vault
        self._facts = facts
        self._cache = cache

    def find(self, name: str) -> SourcePlugin | None:
        """The plugin of that name. Raises OrchestraError for one that can not be loaded."""
        return self._found.find(name)

    def names(self) -> Sequence[str]:
        """The names there are, for hints."""
        return self._found.names()

    @cached_property
    def _found(self) -> InventoryPlugins:
        from orchestra.plugins.inventories import InventoryPlugins

        return InventoryPlugins(self._places, lambda: self._plugins.loader, self.reach())

    def vars_plugins(self) -> VarsPlugins | None:
        """The vars plugins of the run; None where there can be none."""
        enabled = self._settings.vars_plugins_enabled
        if not self._places.folders("vars") and not any(
            "." in name and not name.startswith("ansible.builtin.") for name in enabled
        ):
            return None
        from orchestra.plugins.varsplugins import VarsPlugins

        ask = self._settings.asks_beside_playbook
        return VarsPlugins(self._places, lambda: self._plugins.loader, self.reach, enabled, ask)

    def reach(self) -> Reach:
        """What plugins may use of the run."""
        from orchestra.plugins.inventories import Reach

        lookups = self._lookups()
        return Reach(
            scope=lambda variables: self._templar.scope(variables, lookups),
            lookups=lookups,
            read_yaml=lambda path, trusted: load_file(path, vault=self._vault, trusted=trusted),
            extra_vars=self._options.extra_vars,
            facts=self._facts,
            yaml_endings=self._settings.yaml_extensions,
            cache=self._cache,
        )

"""Inventory plugins by name: those that are written here to Ansible's interface, the project's, and collections'.

The inventory room hands over what a source is (``Source`` there): its path, the draft that it adds to, and what
earlier sources are; this file lets a plugin read it and says where one is at fault.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from types import ModuleType
from typing import Any, Protocol

from orchestra.ansible_api.display import Display
from orchestra.ansible_api.errors import AnsibleError
from orchestra.ansible_api.files import DataLoader
from orchestra.ansible_api.inventory import located
from orchestra.ansible_api.inventorydata import InventoryData
from orchestra.errors import LanguageError, OrchestraError
from orchestra.model.origin import Origin
from orchestra.model.record import mutable, record
from orchestra.plugins.faults import PluginFault, class_in, place_in
from orchestra.plugins.loading import Loader
from orchestra.plugins.places import Found, PluginPlaces

#: Those that come with us, by name -> module of this room.
OURS = {"constructed": "constructed", "generator": "generator"}


class Source(Protocol):
    """What the inventory room says of a source."""

    @property
    def path(self) -> str:
        """The file, or any other text that names it."""

    @property
    def draft(self) -> Any:
        """Hosts and groups of earlier sources, to be added to."""

    @property
    def processed(self) -> Sequence[str]:
        """The sources that were read before."""

    @property
    def group_name(self) -> Callable[[str], str]:
        """Gives the name that a group gets."""

    @property
    def beside(self) -> Callable[[str, str], Mapping[str, Any]]:
        """What group_vars/ and host_vars/ beside earlier sources hold for a name."""


@record
class Reach:
    """What inventory plugins may use of a run."""

    #: Variables -> a templating scope.
    scope: Callable[[Mapping[str, Any]], Any]
    lookups: Any
    #: The value of a YAML file, with places; whether its text may be templates.
    read_yaml: Callable[[str, bool], Any]
    extra_vars: Mapping[str, Any]
    #: The kept facts of a host.
    facts: Callable[[str], Mapping[str, Any]]
    yaml_endings: Sequence[str] = (".yml", ".yaml", ".json")
    #: False when what was kept of inventories is not to be used.
    cache: bool = True


class InventoryLoader(DataLoader):
    """Files as inventory plugins read them."""

    def __init__(self, reach: Reach) -> None:
        super().__init__(reach.lookups, reach.scope({}))
        self._reach = reach
        self.extra_vars = reach.extra_vars
        self.facts = reach.facts
        self.yaml_endings = reach.yaml_endings

    def load_from_file(self, file_name: str, *args: Any, trusted_as_template: bool = False, **more: Any) -> Any:
        """The value of a YAML file, each part with its place."""
        return self._reach.read_yaml(self.path_dwim(file_name), trusted_as_template)


@mutable
class InventoryPlugin:
    """One plugin, made anew for each source."""

    name: str
    make: Callable[[], Any]
    reach: Reach
    origin: Origin
    _made: Any = field(default=None)

    def wants(self, path: str) -> bool:
        """Whether the plugin says that it can read a source. Raises LanguageError where it can not be used at all."""
        self._made = self._plugin()
        try:
            return bool(self._made.verify_file(path))
        except Exception as error:
            Display().warning(f"the inventory plugin '{self.name}' can not say whether it wants {path}: {error}")
            return False

    def read(self, source: Source) -> None:
        """Let the plugin add to the source's draft.

        Raises:
            LanguageError: it fails; located in its configuration, or in the plugin itself.
        """
        plugin = self._made or self._plugin()
        self._made = None
        data = InventoryData(
            source.draft,
            source.path,
            group_name=source.group_name,
            trusted=bool(getattr(plugin, "trusted_by_default", False)),
            processed=source.processed,
            beside=source.beside,
        )
        try:
            plugin.parse(data, plugin.loader, source.path, cache=self.reach.cache)
            if hasattr(plugin, "_cache"):
                plugin.update_cache_if_changed()
        except OrchestraError as error:
            raise self._fault(error.message, error.origin or Origin(source.path), error.hint) from error
        except AnsibleError as error:
            raise self._fault(str(error), located(Origin(source.path), error)) from error
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            raise self._fault(text, place_in(self.origin.file, error), f"while it read {source.path}") from error

    def _plugin(self) -> Any:
        try:
            plugin = self.make()
            plugin.loader = InventoryLoader(self.reach)
        except OrchestraError:
            raise
        except Exception as error:
            text = f"the inventory plugin '{self.name}' can not be used: {type(error).__name__}: {error}"
            raise PluginFault(text, origin=place_in(self.origin.file, error)) from error
        return plugin

    def _fault(self, text: str, origin: Origin | None, hint: str = "") -> LanguageError:
        return LanguageError(f"{self.name}: {text}", origin=origin, hint=hint)


class InventoryPlugins:
    """Finds inventory plugins; a file is loaded when its name is first asked for."""

    def __init__(self, places: PluginPlaces, loader: Callable[[], Loader], reach: Reach) -> None:
        self._places = places
        self._loader = loader
        self._reach = reach

    def find(self, name: str) -> InventoryPlugin | None:
        """The plugin of that name, short or with its collection; None where there is none.

        Raises:
            PluginFault: its file does not run, or holds no plugin.
        """
        short = name.removeprefix("ansible.builtin.")
        file = self._places.find("inventory", name)
        if file is None and short not in OURS:
            return None
        module, path = self._module(file, short)
        cls = class_in(module, "InventoryModule", "inventory", name, path)
        full = name if file is not None else f"ansible.builtin.{short}"

        def make() -> Any:
            plugin = cls()
            plugin.introduce(full, module, path)
            return plugin

        return InventoryPlugin(name, make, self._reach, Origin(path))

    def names(self) -> list[str]:
        """What there is by short names, for hints."""
        return [*OURS, *(path.rpartition("/")[2][:-3] for path in self._places.files("inventory"))]

    def _module(self, file: Found | None, short: str) -> tuple[ModuleType, str]:
        loader = self._loader()
        loader.begin()  # also for our own: its settings give options their values
        if file is None:
            module = importlib.import_module(f"orchestra.plugins.{OURS[short]}")
            return module, module.__file__ or short
        return loader.load(file.path, "inventory", file.collection), file.path

"""The door of this room: what a project brings, found without loading anything until a template names it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from orchestra.errors import OrchestraError
from orchestra.model.play import Task
from orchestra.model.ports import Outputs
from orchestra.plugins.actions import ActionPlugins
from orchestra.plugins.connections import ConnectionPlugins
from orchestra.plugins.places import PluginPlaces
from orchestra.plugins.strategies import StrategyPlugins

if TYPE_CHECKING:
    from orchestra.plugins.caches import CachePlugins
    from orchestra.plugins.loading import Loader

Table = Mapping[str, Callable[..., Any]]


class ProjectPlugins:
    """The tables of filters, tests and lookups that a project brings.

    Args:
        settings: the run's settings.
        places: where to look.
        warn: hears of a plugin's file that can not be used.
    """

    def __init__(self, settings: Any, places: PluginPlaces, warn: Callable[[OrchestraError], None]) -> None:
        self._settings = settings
        self._places = places
        self._warn = warn
        self.filters: Table = _Late("filter", places, self._filters)
        self.tests: Table = _Late("test", places, self._tests)
        self.lookups: Table = _Late("lookup", places, self._lookups)
        self.actions = ActionPlugins(places, lambda: self.loader)
        self.connections = ConnectionPlugins(places, lambda: self.loader)
        self.strategies = StrategyPlugins(places, lambda: self.loader)
        #: What shows the run, as soon as there is one.
        self.outputs: Outputs | None = None

    def has_callbacks(self) -> bool:
        """Whether there may be a callback of the project, or one that the settings name."""
        shown = self.outputs
        other = shown is not None and bool(shown.wanted) and not shown.wants_ours
        return other or bool(self._settings.callbacks_enabled) or bool(self._places.folders("callback"))

    def attach_callbacks(self, tasks: Mapping[int, Task]) -> None:
        """Hand the run's events to the callbacks that it has; ``tasks`` are the run's, by TaskInfo.id."""
        from orchestra.plugins.callbacks import Callbacks

        assert self.outputs is not None, "a run is shown"
        name = self.outputs.wanted
        if self.outputs.wants_ours and self._places.find("callback", name) is None:
            name = ""
        callbacks = Callbacks(self._places, self.loader, self.outputs, self._warn)
        callbacks.attach(name, self._settings.callbacks_enabled, tasks)

    @cached_property
    def caches(self) -> CachePlugins:
        """Opens caches of facts and inventories."""
        from orchestra.plugins.caches import CachePlugins

        return CachePlugins(self._places, lambda: self.loader)

    @cached_property
    def loader(self) -> Loader:
        """What loads the files of plugins, made when the first is needed."""
        from orchestra.ansible_api.hook import Run
        from orchestra.plugins.loading import Loader

        def from_file(section: str, key: str) -> Any:
            return self._settings.file_values.get(section, {}).get(key)

        def of_fragment(name: str, section: str) -> str | None:
            from orchestra.plugins.fragments import fragment

            return fragment(self._places, self.loader, name, section)

        run = Run(
            self._settings.get,
            from_file,
            lambda text: self._warn(OrchestraError(text)),
            fragment=of_fragment,
            cache=lambda name, options: self.caches.open(name, options, templates=True),
            outputs=lambda: self.outputs,
        )
        return Loader(self._places, run)

    def option(self, kind: str, plugin: str, name: str, variables: Mapping[str, Any]) -> Any:
        """An option's value of a plugin or of what is built in, as it would have it with these variables.

        Raises:
            KeyError: there is no such plugin, or it has no such option.
            OrchestraError: the value is none that it takes.
        """
        from orchestra.ansible_api.base import AnsiblePlugin
        from orchestra.plugins.ownoptions import own_option

        found = self._places.find(kind, plugin) if self._places.knows(kind) else None
        if found is None:
            return own_option(kind, plugin, name, variables, self._settings.get)
        asked = AnsiblePlugin()
        asked.introduce(plugin, self.loader.load(found.path, kind, found.collection), found.path)
        asked.set_options(var_options=variables)
        return asked.get_option(name)

    def _filters(self) -> Table:
        from orchestra.plugins.tables import JinjaPlugins

        return JinjaPlugins("filter", self._places, self.loader, self._warn)

    def _tests(self) -> Table:
        from orchestra.plugins.tables import JinjaPlugins

        return JinjaPlugins("test", self._places, self.loader, self._warn)

    def _lookups(self) -> Table:
        from orchestra.plugins.tables import LookupPlugins

        return LookupPlugins(self._places, self.loader)


class _Late(Mapping[str, Callable[..., Any]]):
    """A table that is opened when it can have what is asked for."""

    def __init__(self, kind: str, places: PluginPlaces, opened: Callable[[], Table]) -> None:
        self._kind = kind
        self._places = places
        self._opened = opened

    @cached_property
    def _table(self) -> Table:
        return self._opened()

    def _is_worth_it(self, name: str) -> bool:
        if "." in name:
            collection = name.rpartition(".")[0]
            return collection not in ("ansible.builtin", "ansible.legacy") and bool(self._places.collection(collection))
        return bool(self._places.folders(self._kind))

    def __getitem__(self, name: str) -> Callable[..., Any]:
        if not self._is_worth_it(name):
            raise KeyError(name)
        return self._table[name]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._is_worth_it(name) and name in self._table

    def __iter__(self) -> Iterator[str]:
        return iter(self._table if self._places.folders(self._kind) else ())

    def __len__(self) -> int:
        return sum(1 for _ in self)

"""Puts a run together: reads configuration, secrets, inventory and project, and connects the rooms.

Only here the parts are chosen; everything else is handed what it needs.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from orchestra.engine.aside import from_any_thread
from orchestra.engine.connections import Routes
from orchestra.engine.gate import Gate
from orchestra.engine.inventoryplugins import RunSources
from orchestra.engine.lookups import TaskLookups
from orchestra.engine.modulenames import KnownModules
from orchestra.engine.pluginconnection import PluginPool
from orchestra.engine.services import Services
from orchestra.engine.sessions import Pool, Sessions
from orchestra.engine.variables import Variables
from orchestra.engine.vaultfilters import vault_filters
from orchestra.errors import OrchestraError
from orchestra.inventory.load import load_inventory
from orchestra.inventory.variables import HostVariables
from orchestra.language.project import Project
from orchestra.language.vault import VaultOpener
from orchestra.language.yamltext import duplicate_keys, load_file
from orchestra.library.catalogue import Library
from orchestra.model.event import Emit, Noted, Warned
from orchestra.model.host import Inventory
from orchestra.model.options import RunOptions
from orchestra.model.origin import Origin
from orchestra.model.play import Task
from orchestra.model.ports import Outputs, Terminal
from orchestra.model.record import record
from orchestra.model.secret import Redactor
from orchestra.payload.kept import KeptPayloads, default_folder
from orchestra.plugins.late import ProjectPlugins
from orchestra.plugins.places import PluginPlaces
from orchestra.settings.settings import Settings
from orchestra.templating.templar import PluginTables, Templar
from orchestra.transport.endpoint import TransportSettings
from orchestra.transport.limits import raise_descriptor_limit, too_many_hosts
from orchestra.transport.pool import TransportPool

if TYPE_CHECKING:
    from orchestra.engine.factcache import FactCache


@record
class Reader:
    """Reads the project's files: vaults opened, each YAML file parsed once."""

    vault: VaultOpener
    #: Hears of keys that stand twice; may raise.
    on_duplicate: Callable[[str, Origin], None] | None
    _cache: dict[tuple[str, int, int], Any]

    def read_file(self, path: str) -> bytes:
        """A file's bytes, decrypted if it is a vault. Raises OSError, VaultError."""
        with open(path, "rb") as file:
            content = file.read()
        if content.startswith(b"$ANSIBLE_VAULT;"):
            return self.vault.decrypt(content, Origin(path, 1, 1))
        return content

    def read_yaml(self, path: str) -> Any:
        """A YAML file's value; read again only when it has changed."""
        stat = os.stat(path)
        key = (path, stat.st_mtime_ns, stat.st_size)
        if key not in self._cache:
            self._cache[key] = load_file(path, vault=self.vault, on_warning=self.on_duplicate)
        return self._cache[key]


#: The version of ansible-core that no longer reads what is deprecated in the language.
_REMOVED = "2.23"
#: The verbosity that shows what is started on hosts.
_STARTS = 3


class Assembly:
    """The parts of a run, made one after the other; ``services`` is the whole."""

    def __init__(
        self,
        settings: Settings,
        options: RunOptions,
        emit: Emit,
        terminal: Terminal,
        redactor: Redactor,
        vault: VaultOpener,
    ) -> None:
        self.settings = settings
        self.options = options
        self.emit = emit
        self.terminal = terminal
        self.redactor = redactor
        for secret in (options.connection_password, options.become_password):
            if secret:
                redactor.add(secret)
        self.vault = vault
        self.reader = Reader(self.vault, duplicate_keys(settings.duplicate_dict_key, self._warn_duplicate), {})
        self.places = PluginPlaces(settings, self._on_folder)
        self.library = Library([*settings.library], self.places)
        plugins = self.plugins = ProjectPlugins(settings, self.places, self._warn_of)
        tables = PluginTables(plugins.filters, plugins.tests, plugins.lookups, vault_filters(redactor))
        self.templar = Templar(settings, redactor, tables)
        self._warned: set[str] = set()
        #: The run's tasks by the number that events know them by; None where nobody asks.
        self._described: dict[int, Task] | None = None
        self._deprecated: set[tuple[str, Origin | None]] = set()
        if settings.playbook_dir:
            self._add_folder(settings.playbook_dir)

    def _on_folder(self, kind: str, path: str) -> None:
        if kind == "modules":
            self.library.add_folder(path)

    def _add_folder(self, folder: str) -> None:
        """A folder of playbooks: what lies beside them is found."""
        self.places.add(folder)
        self.places.add_root(os.path.join(folder, "collections"))

    def _note(self, host: str, message: str) -> None:
        self.emit(Noted(message, _STARTS, host))

    def _warn_of(self, fault: OrchestraError) -> None:
        self._warn(fault.message, fault.origin)

    def _warn(self, message: str, origin: Origin | None = None, hint: str = "") -> None:
        if message not in self._warned:
            self._warned.add(message)
            self.emit(Warned(message, origin, hint=hint))

    def _deprecate(self, message: str, origin: Origin | None, hint: str) -> None:
        if (message, origin) not in self._deprecated:
            self._deprecated.add((message, origin))
            text = f"{message} This feature will be removed from ansible-core version {_REMOVED}."
            self.emit(Warned(text, origin, deprecation=True, hint=hint))

    def _warn_duplicate(self, message: str, origin: Origin) -> None:
        self._warn(message, origin, "Using last defined value only.")

    def show_with(self, outputs: Outputs | None) -> None:
        """Let the callbacks of the project that was read say more about the run, or take the output's place."""
        if outputs is not None:
            self.plugins.outputs = outputs
            if self.plugins.has_callbacks():
                self._described = {}
                self.plugins.attach_callbacks(self._described)

    def inventory(self, *, cached: bool = True) -> Inventory:
        """Read the inventory; without ``cached`` plugins ask their sources anew. Raises LanguageError."""
        plugins = self._sources(cached=cached)
        return load_inventory(
            self.settings.inventory, self.settings, vault=self.vault, warn=self._warn, plugins=plugins
        )

    def _sources(self, *, cached: bool = True) -> RunSources:
        facts = self.fact_cache
        return RunSources(
            self.settings, self.options, self.places, self.plugins, self.templar, self.static_lookups, self.vault,
            cache=cached and not self.options.flush_cache,
            **({} if facts is None else {"facts": facts.of}),
        )  # fmt: skip

    @cached_property
    def fact_cache(self) -> FactCache | None:
        """Where facts are kept from run to run; None where they are not. Raises OrchestraError."""
        if self.settings.fact_caching in ("memory", "ansible.builtin.memory"):
            return None
        from orchestra.engine.factcache import FactCache

        store = self.plugins.caches.facts(self.settings.fact_caching)
        return FactCache(store, inject=self.settings.inject_facts_as_vars)

    def flush_cache(self, inventory: Inventory) -> None:
        """``--flush-cache``: keep no facts of the inventory's hosts."""
        if self.options.flush_cache and self.fact_cache is not None:
            for host in {*inventory.hosts, "localhost"}:  # that one is there even when no inventory names it
                self.fact_cache.forget(host)

    def static_lookups(self) -> StaticLookups:
        return StaticLookups(self.settings, self.reader, self._warn)

    def project(self, folders: Sequence[str] = ()) -> Project:
        """A fresh reading of the project whose playbooks lie in ``folders``."""
        for folder in folders:
            self._add_folder(folder)
        return Project(
            read_yaml=self.reader.read_yaml,
            modules=KnownModules(self.library, self.plugins.actions),
            render=self.render_static,
            roles_path=self.settings.roles_path,
            collections_path=self.places.roots,
            warn=self._warn,
            deprecate=self._deprecate,
            on_folder=self.places.add,
            refuses_attributes=self.settings.invalid_task_attribute_failed,
        )

    def render_static(self, value: Any, variables: Mapping[str, Any]) -> Any:
        """Render a name that must be known before any host is."""
        return self.templar.scope(variables, self.static_lookups()).render(value)

    def services(self, inventory: Inventory, folders: Sequence[str], pool: Pool | None = None) -> Services:
        """Everything for a run of playbooks in ``folders``; call it inside the event loop."""
        settings = self.settings
        self.emit = from_any_thread(self.emit)
        host_variables = self.host_variables(inventory, folders)
        sessions = Sessions(
            PluginPool(pool or self._pool(inventory), self.plugins.connections, settings.local_tmp),
            self.library,
            KeptPayloads(default_folder(os.environ)),
            silence=settings.heartbeat_seconds,
            reply_limit=settings.max_reply_mb << 20,
            plugins=self.plugins.connections,
            note=self._note if max(self.options.verbosity, settings.log_verbosity) >= _STARTS else None,
        )
        services = Services(
            settings=settings,
            options=self.options,
            inventory=inventory,
            host_variables=host_variables,
            variables=None,  # type: ignore[arg-type]  # needs the services themselves; set below
            routes=None,  # type: ignore[arg-type]  # likewise
            templar=self.templar,
            library=self.library,
            plugins=self.plugins,
            sessions=sessions,
            emit=self.emit,
            redactor=self.redactor,
            project=lambda: self.project(folders),
            read_file=self.reader.read_file,
            open_vault=self.vault.open_text,
            read_yaml=self.reader.read_yaml,
            terminal=self.terminal,
            forks=settings.forks,
            gate=Gate(
                self.options.start_at_task,
                self.options.step,
                self.terminal.ask,
            ),
            slots=asyncio.Semaphore(settings.forks),
            reload=lambda: self._reload(folders),
            warned=self._warned,
            described=self._described,
            fact_cache=self.fact_cache,
        )
        services.variables = Variables(services, merge=settings.hash_behaviour == "merge")
        services.routes = Routes(services)
        return services

    def _reload(self, folders: Sequence[str]) -> tuple[Inventory, HostVariables]:
        inventory = self.inventory(cached=False)
        return inventory, self.host_variables(inventory, folders)

    def host_variables(self, inventory: Inventory, folders: Sequence[str]) -> HostVariables:
        """The variables of hosts, with group_vars and host_vars beside the inventory and in ``folders``."""
        return HostVariables(
            inventory, self.settings, playbook_folders=folders, vault=self.vault, warn=self._warn,
            plugins=self._sources().vars_plugins(),
        )  # fmt: skip

    def _pool(self, inventory: Inventory) -> TransportPool:
        limit = raise_descriptor_limit()
        trouble = too_many_hosts(min(self.settings.forks, len(inventory.hosts)), limit)
        if trouble:
            self._warn(trouble)
        return TransportPool(
            TransportSettings(handshakes=self.settings.connect_concurrency, retries=self.settings.retries),
            ask=self.terminal.ask if self.terminal.is_interactive else None,
            on_notice=self._warn,
        )


Warn = Callable[[str, Origin | None], None]


class StaticLookups(TaskLookups):
    """What templates may ask of a project before a run: the same files, seen from the current folder."""

    __slots__ = ("_reader", "_settings", "_warn")

    def __init__(self, settings: Settings, reader: Reader, warn: Warn) -> None:
        self._settings = settings
        self._reader = reader
        self._warn = warn
        self._task = None
        self._basedir = os.getcwd()

    def read(self, path: str) -> bytes:
        """A file's content; opened if it is a vault."""
        return self._reader.read_file(path)

    def open_vault(self, text: str) -> str:
        """The clear text of an inline vault."""
        return self._reader.vault.open_text(text)

    def setting(self, name: str) -> Any:
        """A value of the configuration."""
        return self._settings.get(name)

    def plugin_setting(self, kind: str, plugin: str, name: str, variables: Mapping[str, Any]) -> Any:
        """Plugins are asked in a run. Raises KeyError."""
        raise KeyError(plugin)

    def warn(self, message: str, origin: Origin | None = None) -> None:
        """Tell the user, once."""
        self._warn(message, origin)

    def deprecate(self, message: str, origin: Origin | None = None) -> None:
        """Tell the user, once."""
        self._warn(message, origin)

    def deprecated_value(self, notice: Mapping[str, Any], origin: Origin | None = None) -> None:
        """Tell the user, once."""
        self._warn(str(notice.get("msg")), origin)

"""Finds out what each inventory source is and has it read: the door of this room.

A source is a path (file, executable, folder of sources) or a list of hosts with a comma. What a file is, is decided by
trying readers and plugins in the configured order, as Ansible does. A source that none can read adds nothing: of what
it holds not even a part, and the user hears why.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from orchestra.errors import LanguageError, OrchestraError, ParseErrors, nearest
from orchestra.inventory.build import Warn, build
from orchestra.inventory.draft import Draft
from orchestra.inventory.readers import Readers
from orchestra.inventory.sources import Declined, NoPlugins, Source, SourcePlugin, SourcePlugins
from orchestra.inventory.varfiles import VariableFiles, inventory_folders
from orchestra.language.vault import VaultOpener
from orchestra.model.host import Inventory
from orchestra.model.origin import LocatedDict, Origin
from orchestra.settings import Settings

__all__ = ["Declined", "Source", "SourcePlugin", "SourcePlugins", "load_inventory"]

_DEFAULT_SOURCE = "/etc/ansible/hosts"
_ALWAYS_IGNORED = ("host_vars", "group_vars", "vars_plugins")
_BAD_IN_NAMES = re.compile(r"^[\d\W]|[^\w]")


def load_inventory(
    sources: Sequence[str],
    settings: Settings,
    *,
    cwd: str = ".",
    vault: VaultOpener | None = None,
    warn: Warn | None = None,
    plugins: SourcePlugins | None = None,
) -> Inventory:
    """Read all ``sources``, in order; what later ones say about a host or group is added and wins.

    ``warn`` hears of what is odd, and of every problem of a source that could not be read.

    Raises:
        OrchestraError: none, or not every one, could be read and the settings do not let that pass.
        LanguageError: what was read makes no inventory, located; ParseErrors: several problems.
    """
    reader = _SourcesReader(settings, vault or VaultOpener(), warn or _ignore, plugins or NoPlugins())
    resolved = [source if "," in source else os.path.abspath(os.path.join(cwd, source)) for source in sources if source]
    read = [reader.read(source) for source in resolved]
    if not any(read) and settings.inventory_unparsed_is_failed:
        raise OrchestraError(f"No inventory was parsed: none of {', '.join(resolved) or 'no source'} could be read")
    if not any(read) and settings.inventory_unparsed_warning:
        reader.warn("No inventory was parsed, only implicit localhost is available", None)
    return build(reader.draft, resolved, reader.warn, merge=settings.hash_behaviour == "merge")


class _SourcesReader:
    """Reads one source after the other into one draft."""

    def __init__(self, settings: Settings, vault: VaultOpener, warn: Warn, plugins: SourcePlugins) -> None:
        self.draft = Draft()
        self.warn = warn
        self._settings = settings
        self._vault = vault
        self._plugins = plugins
        self._readers = Readers(settings, vault, warn, self._group_name)
        self._mended: set[str] = set()
        self._processed: list[str] = []
        self._missing: set[str] = set()

    def read(self, source: str) -> bool:
        """Read a source; whether anything was read."""
        if os.path.isdir(source):
            return self._folder(source)
        if "," not in source and not os.path.exists(source) and source == _DEFAULT_SOURCE:
            return False
        return self._one(source)

    def _folder(self, folder: str) -> bool:
        """Every source in a folder; each that can not be read is a warning, for others may lie there too."""
        names = [name for name in sorted(os.listdir(folder)) if not self._ignored(name)]
        found = [self.read(os.path.join(folder, name)) for name in names]
        if not any(found):
            self._unread(folder, "none of what it holds is one" if found else "it is empty")
        return any(found)

    def _ignored(self, name: str) -> bool:
        settings = self._settings
        return (
            name.startswith(".")
            or name in _ALWAYS_IGNORED
            or name.endswith(settings.inventory_ignore_extensions)
            or any(re.search(pattern, name) for pattern in settings.inventory_ignore_patterns)
        )

    def _one(self, source: str) -> bool:
        """Read a source by the first reader that can; whether there was one."""
        failures: dict[str, OrchestraError] = {}
        self._readers.forget()
        for name in self._settings.inventory_enabled:
            try:
                draft = self._try(name.removeprefix("ansible.builtin."), source)
            except Declined:
                continue
            except OrchestraError as error:
                failures[name.removeprefix("ansible.builtin.")] = error
                continue
            self.draft = draft
            self._processed.append(source)
            return True
        self._tell(failures, source)
        return False

    def _try(self, name: str, source: str) -> Draft:
        """What is known after one reader or plugin has read a source.

        Raises:
            Declined: it does not want it. OrchestraError: it can not read it.
        """
        reader = self._readers.by_name.get(name)
        if reader is not None:
            self._readers.known_groups = self.draft.groups
            self.draft.absorb(reader(source), _about(source))
            return self.draft
        if name == "auto":
            return self._plugin_of(source)
        plugin = self._plugins.find(name)
        if plugin is None:
            if name not in self._missing:
                self._missing.add(name)
                self.warn(f"Failed to load inventory plugin, skipping {name}{self._near(name)}", None)
            raise Declined("no such plugin")
        if not plugin.wants(source):
            raise Declined("the plugin does not want it")
        return self._by_plugin(plugin, source)

    def _plugin_of(self, source: str) -> Draft:
        name, origin = self._readers.plugin_name(source)
        plugin = self._plugins.find(name)
        if plugin is None:
            hint = self._near(name).strip("; ") or "install the collection that has it"
            raise LanguageError(f"there is no inventory plugin {name!r}", origin=origin, hint=hint)
        if not plugin.wants(source):
            hint = "plugins often want a file name of their own, such as NAME.aws_ec2.yml"
            raise LanguageError(f"the inventory plugin {name!r} does not want this file", origin=origin, hint=hint)
        return self._by_plugin(plugin, source)

    def _near(self, name: str) -> str:
        near = nearest(name.rpartition(".")[2], [*self._readers.by_name, "auto", *self._plugins.names()], 1)
        return f"; did you mean {near[0]!r}?" if near else ""

    def _by_plugin(self, plugin: SourcePlugin, source: str) -> Draft:
        """A plugin adds to everything read so far; should it fail half-way, that stays as it was."""
        draft = self.draft.copy()
        plugin.read(Source(source, draft, tuple(self._processed), self._group_name, self._beside()))
        return draft

    def _beside(self) -> Callable[[str, str], Mapping[str, Any]]:
        files = VariableFiles(extensions=self._settings.yaml_extensions, vault=self._vault, warn=self.warn)
        folders = inventory_folders(self._processed)

        def held(kind: str, name: str) -> Mapping[str, Any]:
            found: dict[str, Any] = {}
            for folder in folders:
                found |= files.read(os.path.join(folder, kind), name) or {}
            return found

        return held

    def _tell(self, failures: Mapping[str, OrchestraError], source: str) -> None:
        name, error = _most_telling(failures, source)
        for problem in _problems(error):
            text = f"Failed to parse inventory with '{name}' plugin: {problem.message}"
            self.warn(f"{text}; {problem.hint}" if problem.hint else text, problem.origin)
        exists = "," in source or os.path.exists(source)
        self._unread(source, "" if failures else "no reader wants it" if exists else "it does not exist")

    def _unread(self, source: str, why: str) -> None:
        because = f": {why}" if why else ""
        if self._settings.inventory_any_unparsed_is_failed:
            raise OrchestraError(f"Completely failed to parse inventory source {source}{because}")
        self.warn(f"Unable to parse {source} as an inventory source{because}", None)

    def _group_name(self, name: str) -> str:
        """The name a group gets; characters that no variable name may have are replaced where that is configured."""
        if not _BAD_IN_NAMES.search(name):
            return name
        mode = self._settings.force_valid_group_names
        replaced = _BAD_IN_NAMES.sub("_", name) if mode in ("always", "silently") else name
        if mode in ("always", "never") and name not in self._mended:
            self._mended.add(name)
            became = f"and automatically replaced: {name!r} is {replaced!r}" if replaced != name else "but not replaced"
            self.warn(f"Invalid characters were found in group names {became}{_named(name, replaced)}", None)
        return replaced


def _named(name: str, replaced: str) -> str:
    return "" if replaced != name else f": {name!r}"


def _ignore(message: str, origin: Origin | None) -> None:
    """Nobody listens."""


def _about(source: str) -> LocatedDict:
    """The variables that tell a host where it was first named."""
    folder = os.path.dirname(os.path.abspath(source)) if os.path.isfile(source) else None
    return LocatedDict({"inventory_file": source, "inventory_dir": folder}, templated=False)


def _problems(error: OrchestraError | None) -> Iterable[OrchestraError]:
    if isinstance(error, ParseErrors):
        return error.problems
    return () if error is None else (error,)


def _most_telling(failures: Mapping[str, OrchestraError], source: str) -> tuple[str, OrchestraError | None]:
    """The failure of the reader that a source of this name was most likely meant for, with the reader's name."""
    extension = os.path.splitext(source)[1]
    made_for = {".yml": "yaml", ".yaml": "yaml", ".json": "yaml", ".toml": "toml", ".ini": "ini"}
    meant = "auto" if "auto" in failures else made_for.get(extension, "script" if "script" in failures else "ini")
    if meant not in failures:
        meant = next(iter(failures), "")
    return meant, failures.get(meant)

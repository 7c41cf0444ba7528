"""Finds out what each inventory source is and has it read: the door of this room.

A source is a path (file, executable, folder of sources) or a list of hosts with a comma. What a file is, is decided by
trying readers in the configured order, as Ansible does; when none can read it, the error is of the one it looks made
for.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from orchestra.errors import LanguageError, nearest
from orchestra.inventory.build import Warn, build
from orchestra.inventory.draft import Draft
from orchestra.inventory.hostnames import split_port
from orchestra.inventory.ini import parse_ini
from orchestra.inventory.script import parse_script
from orchestra.inventory.structured import parse_structure
from orchestra.language.vault import VaultOpener
from orchestra.language.yamltext import decode, duplicate_keys, load_bytes, unlock, wrap
from orchestra.model.host import Inventory
from orchestra.model.origin import LocatedDict, Origin
from orchestra.settings import Settings

_DEFAULT_SOURCE = "/etc/ansible/hosts"
_ALWAYS_IGNORED = ("host_vars", "group_vars", "vars_plugins")
_BAD_IN_NAMES = re.compile(r"^[\d\W]|[^\w]")


class SourcePlugin(Protocol):
    """An inventory plugin: reads a YAML file whose ``plugin:`` names it."""

    def read(self, config: LocatedDict, path: str, draft: Draft) -> None:
        """Add to ``draft``, which holds what earlier sources said. Raises LanguageError."""


class Declined(LanguageError):
    """A reader does not want this source; another one may."""


def load_inventory(
    sources: Sequence[str],
    settings: Settings,
    *,
    cwd: str = ".",
    vault: VaultOpener | None = None,
    warn: Warn | None = None,
    plugins: Mapping[str, SourcePlugin] | None = None,
) -> Inventory:
    """Read all ``sources``, in order; what later ones say about a host or group is added and wins.

    ``warn`` hears of what is odd. ``plugins`` are inventory plugins by name.

    Raises:
        LanguageError: a source that is there and can not be read, located; ParseErrors: several problems.
    """
    reader = _SourcesReader(settings, vault or VaultOpener(), warn or _ignore, plugins or {})
    resolved = [source if "," in source else os.path.abspath(os.path.join(cwd, source)) for source in sources if source]
    read = [reader.read(source) for source in resolved]
    if resolved and not any(read) and settings.inventory_unparsed_is_failed:
        raise LanguageError(f"none of the inventory sources could be read: {', '.join(resolved)}")
    if not any(read) and settings.inventory_unparsed_warning:
        reader.warn("no inventory was read; only localhost is there", None)
    return build(reader.draft, resolved, reader.warn, merge=settings.hash_behaviour == "merge")


class _SourcesReader:
    """Reads one source after the other into one draft."""

    def __init__(self, settings: Settings, vault: VaultOpener, warn: Warn, plugins: Mapping[str, SourcePlugin]) -> None:
        self.draft = Draft()
        self.warn = warn
        self._settings = settings
        self._vault = vault
        self._plugins = plugins
        self._duplicates = duplicate_keys(settings.duplicate_dict_key, warn)
        self._mended: set[str] = set()
        #: Two readers look at the same YAML file, one after the other.
        self._last_yaml: tuple[str, Any] | None = None
        self._readers: dict[str, Callable[[str], Draft | None]] = {
            "host_list": self._host_list,
            "script": self._script,
            "auto": self._plugin_file,
            "yaml": self._yaml,
            "ini": self._ini,
            "toml": self._toml,
        }

    def read(self, source: str) -> bool:
        """Read a source; whether anything was read."""
        if os.path.isdir(source):
            return self._folder(source)
        if "," not in source and not os.path.exists(source):
            if source != _DEFAULT_SOURCE:
                self._unread(
                    LanguageError("this inventory source does not exist", origin=Origin(source)), warn_only=True
                )
            return False
        self._one(source)
        return True

    def _folder(self, folder: str) -> bool:
        """Every source in a folder; one that can not be read is a warning, for others may lie there too."""
        found = False
        for name in sorted(os.listdir(folder)):
            if self._ignored(name):
                continue
            path = os.path.join(folder, name)
            if os.path.isdir(path):
                found |= self._folder(path)
                continue
            try:
                self._one(path)
                found = True
            except LanguageError as error:
                self._unread(error, warn_only=True)
        return found

    def _ignored(self, name: str) -> bool:
        settings = self._settings
        return (
            name.startswith(".")
            or name in _ALWAYS_IGNORED
            or name.endswith(settings.inventory_ignore_extensions)
            or any(re.search(pattern, name) for pattern in settings.inventory_ignore_patterns)
        )

    def _unread(self, error: LanguageError, *, warn_only: bool) -> None:
        if self._settings.inventory_any_unparsed_is_failed or not warn_only:
            raise error
        self.warn(f"passed over as an inventory source: {error.message}", error.origin)

    def _one(self, source: str) -> None:
        """Read a source by the first reader that can.

        Raises:
            LanguageError: none can; the error is of the reader that the source looks made for.
        """
        failures: dict[str, LanguageError] = {}
        for name in self._settings.inventory_enabled:
            reader = self._readers.get(name.removeprefix("ansible.builtin."))
            if reader is None:
                continue
            try:
                draft = reader(source)
            except LanguageError as error:
                failures[name.removeprefix("ansible.builtin.")] = error
                continue
            if draft is not None:
                self.draft.absorb(draft, _about(source))
            return
        raise _most_telling(failures, source)

    def _host_list(self, source: str) -> Draft:
        if "," not in source or os.path.exists(source):
            raise Declined("no list of hosts")
        draft = Draft()
        origin = Origin("the list of hosts")
        for word in filter(None, map(str.strip, source.split(","))):
            address = split_port(word)
            host, port = address if address and "[" not in address[0] else (word, None)
            places = {"ansible_port": origin}
            layer = LocatedDict({"ansible_port": port}, key_origins=places, value_origins=places) if port else None
            draft.add_host(host, "ungrouped", origin, layer)
        return draft

    def _script(self, source: str) -> Draft:
        if not os.access(source, os.X_OK):
            raise Declined("not executable")
        return parse_script(source, self.warn, self._vault, group_name=self._group_name)

    def _plugin_file(self, source: str) -> Draft | None:
        """A plugin adds to everything read so far, so there is no draft to absorb."""
        if not source.endswith((".yml", ".yaml")):
            raise Declined("no plugin configuration")
        data = self._load_yaml(source)
        name = data.get("plugin") if isinstance(data, LocatedDict) else None
        if not name:
            raise Declined("no plugin configuration")
        plugin = self._plugins.get(str(name)) or self._plugins.get(str(name).rpartition(".")[2])
        if plugin is None:
            near = nearest(str(name), self._plugins, 1)
            hint = f"did you mean {near[0]!r}?" if near else ""
            raise LanguageError(
                f"there is no inventory plugin {name!r}", origin=data.value_origins["plugin"], hint=hint
            )
        plugin.read(data, source, self.draft)
        return None

    def _yaml(self, source: str) -> Draft:
        extension = os.path.splitext(source)[1]
        if extension and extension not in self._settings.yaml_extensions:
            raise Declined("not a YAML file's name")
        data = self._load_yaml(source)
        if isinstance(data, LocatedDict) and data.get("plugin"):
            raise Declined("a plugin's configuration")
        return parse_structure(data, source, self.warn, group_name=self._group_name)

    def _ini(self, source: str) -> Draft:
        if source.endswith(".toml"):
            raise Declined("a TOML file's name")
        text = self._read_text(source)
        return parse_ini(text, source, known_groups=self.draft.groups, group_name=self._group_name)

    def _toml(self, source: str) -> Draft:
        if not source.endswith(".toml"):
            raise Declined("not a TOML file's name")
        import tomllib

        try:
            data = tomllib.loads(self._read_text(source))
        except tomllib.TOMLDecodeError as error:
            raise LanguageError(f"not valid TOML: {error}", origin=Origin(source)) from error
        return parse_structure(wrap(data, Origin(source)), source, self.warn, group_name=self._group_name)

    def _load_yaml(self, source: str) -> Any:
        if self._last_yaml is None or self._last_yaml[0] != source:
            self._last_yaml = source, load_bytes(_read(source), source, vault=self._vault, on_warning=self._duplicates)
        return self._last_yaml[1]

    def _read_text(self, source: str) -> str:
        return decode(unlock(_read(source), source, self._vault), source)

    def _group_name(self, name: str) -> str:
        """The name a group gets; characters that no variable name may have are replaced where that is configured."""
        if not _BAD_IN_NAMES.search(name):
            return name
        mode = self._settings.force_valid_group_names
        replaced = _BAD_IN_NAMES.sub("_", name) if mode in ("always", "silently") else name
        if mode in ("always", "never") and name not in self._mended:
            self._mended.add(name)
            became = f"; it is called {replaced!r} here" if replaced != name else ""
            self.warn(f"the group name {name!r} is no valid variable name{became}", None)
        return replaced


def _ignore(message: str, origin: Origin | None) -> None:
    """Nobody listens."""


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except OSError as error:
        raise LanguageError(f"cannot read the inventory: {error.strerror}", origin=Origin(path)) from error


def _about(source: str) -> LocatedDict:
    """The variables that tell a host where it was first named."""
    folder = os.path.dirname(os.path.abspath(source)) if os.path.isfile(source) else None
    return LocatedDict({"inventory_file": source, "inventory_dir": folder}, templated=False)


def _most_telling(failures: Mapping[str, LanguageError], source: str) -> LanguageError:
    """The failure of the reader that a source of this name was most likely meant for."""
    real = {name: error for name, error in failures.items() if not isinstance(error, Declined)}
    extension = os.path.splitext(source)[1]
    made_for = {".yml": "yaml", ".yaml": "yaml", ".json": "yaml", ".toml": "toml", ".ini": "ini"}
    meant = made_for.get(extension, "script" if "script" in real else "ini")
    if "auto" in real:
        return real["auto"]
    fallback = LanguageError("no inventory reader wants this", origin=Origin(source))
    return real.get(meant) or next(iter(real.values()), fallback)

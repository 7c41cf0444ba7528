"""The forms that a source may have and that need no plugin, by the names that ``enable_plugins`` has for them.

A reader gives a draft of the one source, or declines. Knows files and lists of hosts; not who is asked first.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Mapping
from typing import Any

from orchestra.errors import LanguageError
from orchestra.inventory.build import Warn
from orchestra.inventory.draft import Draft
from orchestra.inventory.hostnames import NoNumber, expand, split_port
from orchestra.inventory.sources import Declined
from orchestra.inventory.structured import parse_structure
from orchestra.language.vault import VaultOpener
from orchestra.language.yamltext import decode, duplicate_keys, load_bytes, unlock, wrap
from orchestra.model.origin import LocatedDict, Origin
from orchestra.settings import Settings

Reader = Callable[[str], Draft]


class Readers:
    """Reads single sources."""

    def __init__(self, settings: Settings, vault: VaultOpener, warn: Warn, group_name: Callable[[str], str]) -> None:
        self._settings = settings
        self._vault = vault
        self._warn = warn
        self._group_name = group_name
        self._duplicates = duplicate_keys(settings.duplicate_dict_key, warn)
        #: Several readers look at the same YAML file, one after the other.
        self._last_yaml: tuple[str, Any] | None = None
        self.by_name: Mapping[str, Reader] = {
            "host_list": self._host_list,
            "advanced_host_list": self._advanced_host_list,
            "script": self._script,
            "yaml": self._yaml,
            "ini": self._ini,
            "toml": self._toml,
        }
        #: Groups of earlier sources, which an INI file may name without declaring them.
        self.known_groups: Container[str] = ()

    def forget(self) -> None:
        """The next source is read anew, even if it has the same name."""
        self._last_yaml = None

    def plugin_name(self, source: str) -> tuple[str, Origin | None]:
        """The plugin that a YAML file is the configuration of, and where it says so. Raises Declined."""
        if not source.endswith((".yml", ".yaml")):
            raise Declined("no plugin configuration")
        data = self._load_yaml(source)
        name = data.get("plugin") if isinstance(data, LocatedDict) else None
        if not name:
            raise Declined("no plugin configuration")
        return str(name), data.value_origins.get("plugin")

    def _host_list(self, source: str) -> Draft:
        draft, origin = self._listed(source)
        for word in _words(source):
            address = split_port(word)
            host, port = address if address and "[" not in address[0] else (word, None)
            _add(draft, host, port, origin)
        return draft

    def _advanced_host_list(self, source: str) -> Draft:
        """As ``host_list``, and ranges are written out; what is no range is a name as it stands."""
        draft, origin = self._listed(source)
        for word in _words(source):
            try:
                names, port = expand(word)
            except NoNumber as error:
                raise LanguageError(f"{word!r}: {error}", origin=origin) from error
            except ValueError as error:
                self._warn(f"Unable to parse address from hostname, leaving unchanged: {word}: {error}", origin)
                names, port = [word], None
            for name in names:
                if name not in draft.hosts:
                    _add(draft, name, port, origin)
        return draft

    def _listed(self, source: str) -> tuple[Draft, Origin]:
        if "," not in source or os.path.exists(source):
            raise Declined("no list of hosts")
        return Draft(), Origin("the list of hosts")

    def _script(self, source: str) -> Draft:
        if not os.path.isfile(source) or not os.access(source, os.X_OK):
            raise Declined("not executable")
        from orchestra.inventory.script import parse_script

        return parse_script(source, self._warn, self._vault, group_name=self._group_name)

    def _yaml(self, source: str) -> Draft:
        extension = os.path.splitext(source)[1]
        if extension and extension not in self._settings.yaml_extensions:
            raise Declined("not a YAML file's name")
        data = self._load_yaml(source)
        if isinstance(data, LocatedDict) and data.get("plugin"):
            raise Declined("a plugin's configuration")
        return parse_structure(data, source, self._warn, group_name=self._group_name)

    def _ini(self, source: str) -> Draft:
        if source.endswith(".toml"):
            raise Declined("a TOML file's name")
        text = self._read_text(source)
        from orchestra.inventory.ini import parse_ini

        return parse_ini(text, source, known_groups=self.known_groups, group_name=self._group_name)

    def _toml(self, source: str) -> Draft:
        if not source.endswith(".toml"):
            raise Declined("not a TOML file's name")
        import tomllib

        try:
            data = tomllib.loads(self._read_text(source))
        except tomllib.TOMLDecodeError as error:
            raise LanguageError(f"not valid TOML: {error}", origin=Origin(source)) from error
        return parse_structure(wrap(data, Origin(source)), source, self._warn, group_name=self._group_name)

    def _load_yaml(self, source: str) -> Any:
        if self._last_yaml is None or self._last_yaml[0] != source:
            data = load_bytes(_read(source), source, vault=self._vault, on_warning=self._duplicates)
            self._last_yaml = source, data
        return self._last_yaml[1]

    def _read_text(self, source: str) -> str:
        return decode(unlock(_read(source), source, self._vault), source)


def _words(source: str) -> list[str]:
    return [word for word in map(str.strip, source.split(",")) if word]


def _add(draft: Draft, host: str, port: int | None, origin: Origin) -> None:
    places = {"ansible_port": origin}
    layer = LocatedDict({"ansible_port": port}, key_origins=places, value_origins=places) if port else None
    draft.add_host(host, "ungrouped", origin, layer)


def _read(path: str) -> bytes:
    if not os.path.exists(path) or os.path.isdir(path):
        raise Declined("no file")
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except OSError as error:
        raise LanguageError(f"cannot read the inventory: {error.strerror}", origin=Origin(path)) from error

"""Caches by name, for facts and for inventories: those that come with us, the project's, and collections'."""

from __future__ import annotations

import importlib
import os
import stat
from collections.abc import Callable, Mapping
from typing import Any

from orchestra.ansible_api.cache import BaseCacheModule, Kept
from orchestra.ansible_api.current import warn
from orchestra.ansible_api.errors import AnsibleError
from orchestra.errors import OrchestraError, SettingsError, nearest
from orchestra.plugins.faults import PluginFault, class_in, place_in
from orchestra.plugins.loading import Loader
from orchestra.plugins.places import Found, PluginPlaces

#: Name -> module of this room and class in it.
OURS = {
    "memory": ("memorycache", "Memory"),
    "jsonfile": ("filecaches", "JsonFiles"),
    "yaml": ("filecaches", "YamlFiles"),
    "redis": ("rediscache", "Redis"),
}
#: Collections whose caches of these names are also ours.
_ALSO_OURS = ("ansible.builtin.", "ansible.legacy.", "community.general.")
_REFUSED = {
    "pickle": "reading a pickle runs whatever code its file holds; jsonfile keeps the same",
    "memcached": "memcached is not supported; use redis or jsonfile",
    "mongodb": "MongoDB is not supported; use redis or jsonfile",
}


class FactStore:
    """A cache as the engine keeps facts in it: its trouble is ours to tell."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    def read(self, key: str) -> Mapping[str, Any] | None:
        """What is kept; None for nothing. Raises OrchestraError."""
        try:
            return self._kept.get(key) if self._kept.contains(key) else None
        except KeyError:
            return None
        except AnsibleError as error:
            raise OrchestraError(str(error)) from error

    def write(self, key: str, value: Mapping[str, Any]) -> None:
        """Keep something. Raises OrchestraError."""
        try:
            self._kept.set(key, value)
        except AnsibleError as error:
            raise OrchestraError(str(error)) from error

    def forget(self, key: str) -> None:
        """Keep it no longer. Raises OrchestraError."""
        try:
            self._kept.delete(key)
        except AnsibleError as error:
            raise OrchestraError(str(error)) from error


class CachePlugins:
    """Opens caches."""

    def facts(self, name: str) -> FactStore:
        """The cache of that name for facts. Raises as ``open``."""
        return FactStore(self.open(name, {}))

    def __init__(self, places: PluginPlaces, loader: Callable[[], Loader]) -> None:
        self._places = places
        self._loader = loader

    def open(self, name: str, options: Mapping[str, Any], *, templates: bool = False) -> Kept:
        """The cache of that name; ``options`` win over settings. With ``templates`` what was one stays one,
        unless the cache is a folder that everybody may write to.

        Raises:
            SettingsError: there is none of that name, or it is refused for what it would do.
            OrchestraError: it can not be used: no folder, no server.
        """
        file = self._places.find("cache", name)
        short = _short(name)
        if file is None and short not in OURS:
            raise SettingsError(_why_not(name, short), hint=_hint(short))
        try:
            plugin = self._ours(short, options) if file is None else self._theirs(name, file, options)
            return Kept(plugin, templates=templates and not _is_public(plugin))
        except AnsibleError as error:
            raise OrchestraError(str(error)) from error

    def _ours(self, short: str, options: Mapping[str, Any]) -> BaseCacheModule:
        self._loader().begin()  # its settings give options their values
        file, cls = OURS[short]
        module = importlib.import_module(f"orchestra.plugins.{file}")
        made: BaseCacheModule = _prepared(getattr(module, cls), f"ansible.builtin.{short}", module)(**options)
        return made

    def _theirs(self, name: str, file: Found, options: Mapping[str, Any]) -> Any:
        module = self._loader().load(file.path, "cache", file.collection)
        cls = class_in(module, "CacheModule", "cache", name, file.path)
        try:
            return _prepared(cls, name, module)(**options)
        except (AnsibleError, OrchestraError):
            raise
        except Exception as error:
            text = f"the cache plugin '{name}' can not be used: {type(error).__name__}: {error}"
            raise PluginFault(text, origin=place_in(file.path, error)) from error


def _is_public(plugin: Any) -> bool:
    """Whether anybody could have put a template into the cache's folder; then what is in it is data, which is told."""
    folder = getattr(plugin, "_cache_dir", "")
    try:
        public = bool(folder) and bool(os.stat(folder).st_mode & stat.S_IWOTH)
    except OSError:
        return True
    if public:
        why = f"everybody may write to the cache's folder {folder}, so no text in it is a template"
        warn(f"{why}; run: chmod o-w {folder}")
    return public


def _prepared(cls: Any, name: str, module: Any) -> Any:
    """A function that makes a cache which knows its declared options before its constructor asks for them."""

    def make(**options: Any) -> Any:
        made = cls.__new__(cls)
        if hasattr(made, "introduce"):
            made.introduce(name, module, getattr(module, "__file__", ""))
        made.__init__(**options)
        return made

    return make


def _short(name: str) -> str:
    return next((name.removeprefix(start) for start in _ALSO_OURS if name.startswith(start)), name)


def _why_not(name: str, short: str) -> str:
    return f"the cache {name!r} is not used: {_REFUSED[short]}" if short in _REFUSED else f"there is no cache {name!r}"


def _hint(short: str) -> str:
    if short in _REFUSED:
        return "write fact_caching = jsonfile"
    near = nearest(short, OURS, 1)
    return f"did you mean {near[0]!r}?" if near else f"there are {', '.join(OURS)}"

"""The bases of caches, for facts and for inventories: ``ansible.plugins.cache``."""

from __future__ import annotations

import copy
import json
import os
import tempfile
import time
from collections.abc import Iterator, MutableMapping, Sequence
from typing import Any

from orchestra.ansible_api.base import AnsiblePlugin
from orchestra.ansible_api.current import current, warn
from orchestra.ansible_api.display import Display
from orchestra.ansible_api.errors import AnsibleError
from orchestra.ansible_api.tagged import encode, untagged

__all__ = ["BaseCacheModule", "BaseFileCacheModule", "CachePluginAdjudicator", "Kept", "get_cache_plugin"]

#: What ansible-core 2.19 puts before each key, and the key below which it keeps what is cached: so both share one.
SCHEMA = "s1_"
PAYLOAD = "__payload__"


class BaseCacheModule(AnsiblePlugin):
    """A cache: key -> mapping. Whoever keeps nothing from run to run says ``_persistent = False``."""

    _display = Display()
    _persistent = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Options are given by name, those of the interface with an underscore: ``_uri``, ``_prefix``, ``_timeout``."""
        if not hasattr(self, "_given"):
            self.declare(self._declared)
        self.set_options(var_options=args, direct=kwargs)

    def _lacks(self, method: str) -> AnsibleError:
        """What is raised for a method that a cache has not written."""
        return AnsibleError(f"the cache '{self._load_name or type(self).__name__}' has no {method}()")

    def get(self, key: str) -> Any:
        """What is kept. Raises KeyError."""
        raise self._lacks("get")

    def set(self, key: str, value: Any) -> None:
        """Keep something."""
        raise self._lacks("set")

    def keys(self) -> Sequence[str]:
        """Everything that is kept."""
        raise self._lacks("keys")

    def contains(self, key: str) -> bool:
        """Whether something is kept."""
        raise self._lacks("contains")

    def delete(self, key: str) -> None:
        """Forget something."""
        raise self._lacks("delete")

    def flush(self) -> None:
        """Forget everything."""
        raise self._lacks("flush")


class BaseFileCacheModule(BaseCacheModule):
    """A cache of one file for each key, in a folder; ``_load`` and ``_dump`` know its form."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plugin_name = self._load_name or type(self).__module__.rpartition(".")[2]
        self._cache_dir = self._get_cache_connection(self._either("_uri", "CACHE_PLUGIN_CONNECTION"))
        self._timeout = float(self._either("_timeout", "CACHE_PLUGIN_TIMEOUT") or 0)
        self._cache: dict[str, Any] = {}
        self.validate_cache_connection()

    def _either(self, option: str, setting: str) -> Any:
        """An option, or where the plugin does not declare it the setting."""
        try:
            return self.get_option(option)
        except KeyError:
            run = current()
            return run.setting(setting) if run is not None else None

    def _get_cache_connection(self, source: Any) -> str:
        return os.path.expanduser(os.path.expandvars(source)) if source else ""

    def validate_cache_connection(self) -> None:
        """Make the folder if need be. Raises AnsibleError where that can not be."""
        if not self._cache_dir:
            raise AnsibleError(
                f"the cache '{self.plugin_name}' needs the setting fact_caching_connection: a folder to write to"
            )
        try:
            os.makedirs(self._cache_dir, exist_ok=True)
        except OSError as error:
            raise AnsibleError(
                f"the cache '{self.plugin_name}' can not make its folder {self._cache_dir}: {error.strerror}"
            ) from error
        if not os.access(self._cache_dir, os.R_OK | os.W_OK | os.X_OK):
            raise AnsibleError(f"the cache '{self.plugin_name}' may not read and write in its folder {self._cache_dir}")

    def _get_cache_file_name(self, key: str) -> str:
        return f"{self._cache_dir}/{self._prefix()}{key}"

    def _prefix(self) -> str:
        return str(self._either("_prefix", "CACHE_PLUGIN_PREFIX") or "")

    def get(self, key: str) -> Any:
        """What is kept; it does not expire while the run goes on. Raises KeyError; AnsibleError for a spoilt file."""
        if key not in self._cache:
            if not key or self.has_expired(key):
                raise KeyError(key)
            self._cache[key] = self._read(key)
        return self._cache[key]

    def _read(self, key: str) -> Any:
        path = self._get_cache_file_name(key)
        try:
            return self._load(path)
        except FileNotFoundError:
            raise KeyError(key) from None
        except ValueError as error:
            self.delete(key)
            raise AnsibleError(
                f"the file {path} of the cache '{self.plugin_name}' held no valid data ({error}) and was removed; "
                "run the command again"
            ) from error
        except OSError as error:
            raise AnsibleError(f"the cache file {path} can not be read: {error.strerror}") from error

    def set(self, key: str, value: Any) -> None:
        """Keep something; a reader sees the old file or the new one, never half of it."""
        self._cache[key] = value
        path = self._get_cache_file_name(key)
        try:
            handle, made = tempfile.mkstemp(dir=os.path.dirname(path))
            os.close(handle)
        except OSError as error:
            warn(f"the cache '{self.plugin_name}' can not write {path}: {error.strerror}")
            return
        try:
            self._dump(value, made)
            os.chmod(made, 0o640)
            os.replace(made, path)
        except OSError as error:
            warn(f"the cache '{self.plugin_name}' can not write {path}: {error.strerror}")
        finally:
            if os.path.exists(made):
                os.unlink(made)

    def has_expired(self, key: str) -> bool:
        """Whether what is kept is too old to be used."""
        if not self._timeout:
            return False
        try:
            age = time.time() - os.stat(self._get_cache_file_name(key)).st_mtime
        except OSError:
            return False
        if age <= self._timeout:
            return False
        self._cache.pop(key, None)
        return True

    def keys(self) -> Sequence[str]:
        """Everything that is kept and has not expired."""
        prefix = self._prefix()
        names = [name for name in os.listdir(self._cache_dir) if not name.startswith(".") and name.startswith(prefix)]
        return [key for key in (name[len(prefix) :] for name in names) if not self.has_expired(key)]

    def contains(self, key: str) -> bool:
        """Whether something is kept that has not expired."""
        return key in self._cache or (not self.has_expired(key) and os.path.exists(self._get_cache_file_name(key)))

    def delete(self, key: str) -> None:
        """Forget something."""
        self._cache.pop(key, None)
        path = self._get_cache_file_name(key)
        if os.path.exists(path):
            os.remove(path)

    def flush(self) -> None:
        """Forget everything."""
        self._cache = {}
        for key in self.keys():
            self.delete(key)

    def _load(self, filepath: str) -> Any:
        raise self._lacks("_load")

    def _dump(self, value: Any, filepath: str) -> None:
        raise self._lacks("_dump")


class Kept:
    """A cache as runs use it: what persists is wrapped as ansible-core wraps it, so that both may read it."""

    def __init__(self, plugin: Any, *, templates: bool = False) -> None:
        """With ``templates`` what was a template stays one: for inventories, never for facts."""
        self.plugin = plugin
        self._templates = templates
        self._wraps = bool(getattr(plugin, "_persistent", True))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["plugin"], name)

    def contains(self, key: str) -> bool:
        """Whether something is kept."""
        return bool(self.plugin.contains(self._key(key)))

    def get(self, key: str) -> Any:
        """What is kept. Raises KeyError, AnsibleError."""
        found = self.plugin.get(self._key(key))
        return untagged(json.loads(found[PAYLOAD]), templates=self._templates) if self._wraps else found

    def set(self, key: str, value: Any) -> None:
        """Keep something."""
        self.plugin.set(self._key(key), {PAYLOAD: encode(value)} if self._wraps else value)

    def delete(self, key: str) -> None:
        """Forget something."""
        self.plugin.delete(self._key(key))

    def keys(self) -> list[str]:
        """Everything that is kept."""
        prefix = SCHEMA if self._wraps else ""
        return [key[len(prefix) :] for key in list(self.plugin.keys()) if key.startswith(prefix)]

    def flush(self) -> None:
        """Forget everything."""
        self.plugin.flush()

    def _key(self, key: str) -> str:
        return SCHEMA + key if self._wraps else key


class CachePluginAdjudicator(MutableMapping[str, Any]):
    """What an inventory plugin has as ``self._cache``: a mapping that is written when it has changed."""

    def __init__(self, plugin_name: str = "memory", **kwargs: Any) -> None:
        run = current()
        if run is None:
            raise AnsibleError("there is no run that could open a cache")
        self._plugin_name = plugin_name
        self._plugin: Kept = run.cache(plugin_name, kwargs)
        self._cache: dict[str, Any] = {}
        self._retrieved: dict[str, Any] = {}

    def update_cache_if_changed(self) -> None:
        """Write it if anything is new."""
        if self._retrieved != self._cache:
            self.set_cache()

    def set_cache(self) -> None:
        """Write it."""
        for key, value in self._cache.items():
            self._plugin.set(key, value)
        self._retrieved = copy.deepcopy(self._cache)

    def load_whole_cache(self) -> None:
        """Read all that is kept."""
        for key in list(self._plugin.keys()):
            self._cache[key] = self._plugin.get(key)

    def _load(self, key: str) -> None:
        if key not in self._cache and key not in self._retrieved and self._plugin.contains(key):
            try:
                self._cache[key] = self._retrieved[key] = self._plugin.get(key)
            except KeyError:
                return

    def __getitem__(self, key: str) -> Any:
        self._load(key)
        return self._cache[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._cache[key] = value

    def __repr__(self) -> str:
        return repr(self._cache)

    def items(self) -> Any:
        """What was read or set."""
        return self._cache.items()

    def values(self) -> Any:
        """What was read or set."""
        return self._cache.values()

    def keys(self) -> Any:
        """What was read or set."""
        return self._cache.keys()

    def __delitem__(self, key: str) -> None:
        del self._cache[key]

    def __contains__(self, key: object) -> bool:
        self._load(str(key))
        return key in self._cache

    def __iter__(self) -> Iterator[str]:
        return iter(self._cache)

    def __len__(self) -> int:
        return len(self._cache)

    def flush(self) -> None:
        """Forget everything, here and where it is kept."""
        self._plugin.flush()
        self._cache = {}

    clear = flush


def get_cache_plugin(plugin_name: str, **kwargs: Any) -> CachePluginAdjudicator:
    """The cache of that name for an inventory plugin. Raises AnsibleError."""
    if not plugin_name:
        raise AnsibleError("a cache must be named to keep an inventory")
    cache = CachePluginAdjudicator(plugin_name, **kwargs)
    plugin = cache._plugin.plugin
    if kwargs and getattr(plugin, "_persistent", True) and not getattr(plugin, "_options", None):
        raise AnsibleError(
            f"the cache '{plugin_name}' can not keep an inventory: Cache options were provided but may not reconcile "
            "correctly unless set via set_options"
        )
    return cache

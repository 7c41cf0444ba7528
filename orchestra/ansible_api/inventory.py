"""The bases of inventory plugins: ``ansible.plugins.inventory``."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from orchestra.ansible_api.base import AnsiblePlugin
from orchestra.ansible_api.cache import CachePluginAdjudicator, get_cache_plugin
from orchestra.ansible_api.constructable import Composer
from orchestra.ansible_api.display import Display
from orchestra.ansible_api.errors import AnsibleError, AnsibleParserError
from orchestra.ansible_api.hostranges import detect_range, expand_hostname_range, parse_address
from orchestra.ansible_api.inventorydata import InventoryData
from orchestra.ansible_api.templates import Templar
from orchestra.ansible_api.varsplugin import Group, InventoryObjectType
from orchestra.model.origin import Origin

__all__ = [
    "AnsibleError",
    "AnsibleParserError",
    "BaseFileInventoryPlugin",
    "BaseInventoryPlugin",
    "Cacheable",
    "Constructable",
    "Display",
    "Group",
    "InventoryObjectType",
    "detect_range",
    "display",
    "expand_hostname_range",
    "get_cache_plugin",
    "to_safe_group_name",
]

display = Display()
_BAD_IN_NAMES = re.compile(r"^[\d\W]|[^\w]")
_CACHE_OPTIONS = {"_uri": "cache_connection", "_timeout": "cache_timeout", "_prefix": "cache_prefix"}


def to_safe_group_name(name: Any, replacer: str = "_", force: bool = True, silent: bool = True) -> str:
    """A group's name with ``_`` for what no variable's name may hold."""
    return _BAD_IN_NAMES.sub(replacer, str(name)) if name else name


class _InventoryPlugin(AnsiblePlugin):
    """What all of them have."""

    NAME = ""
    TYPE = "generator"
    #: Whether text that the plugin gives, and that holds template marks, is a template.
    trusted_by_default = False
    _sanitize_group_name = staticmethod(to_safe_group_name)

    inventory: InventoryData
    loader: Any

    def __init__(self) -> None:
        if not hasattr(self, "_given"):
            self.declare(self._declared)
        self.display = display
        self._vars: Mapping[str, Any] = {}

    @cached_property
    def templar(self) -> Templar:
        """Renders over the variables that it is given."""
        return Templar(self.loader)

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Fill ``inventory`` from the source at ``path``; plugins override this and call it first."""
        self.loader = loader
        self.inventory = inventory
        self._vars = getattr(loader, "extra_vars", {})

    def verify_file(self, path: str) -> bool:
        """Whether the plugin wants this source; here, whether it is a file that can be read."""
        return os.path.exists(path) and os.access(path, os.R_OK)

    def _read_config_data(self, path: str) -> Mapping[str, Any]:
        """The plugin's configuration file, whose keys become its options.

        Raises:
            AnsibleParserError: it is none, or another plugin's.
        """
        config = self.loader.load_from_file(path, cache="none", trusted_as_template=True)
        if not config:
            raise AnsibleParserError(f"{path} is empty")
        if not isinstance(config, Mapping):
            raise AnsibleParserError(f"the configuration of an inventory plugin is a mapping, not {type(config)}")
        if str(config.get("plugin")) not in self._names():
            raise AnsibleParserError(f"this configuration is of the plugin {config.get('plugin')!r}, not {self.NAME!r}")
        self.set_options(direct=config, var_options=self._vars)
        if "cache" in self._declared and self.get_option("cache"):
            self._open_cache()
        return config

    def _names(self) -> set[str]:
        return {self.NAME, self.ansible_name, self._load_name, self.ansible_name.rpartition(".")[2]}

    def _open_cache(self) -> None:
        """Open the cache that the options name."""
        given = {own: self.get_option(option) for own, option in _CACHE_OPTIONS.items()}
        options = {name: value for name, value in given.items() if value is not None}
        self._cache = get_cache_plugin(self.get_option("cache_plugin"), **options)

    def _consume_options(self, data: Any) -> None:
        """Take options out of ``data``, which another tool's configuration holds."""
        for name in self._declared:
            if name in data:
                self.set_option(name, data.pop(name))

    def _populate_host_vars(self, hosts: Any, variables: Any, group: Any = None, port: Any = None) -> None:
        if not isinstance(variables, Mapping):
            raise AnsibleParserError(f"variables are a mapping, not {variables!r}")
        for host in hosts:
            self.inventory.add_host(host, group=group, port=port)
            for name, value in variables.items():
                self.inventory.set_variable(host, name, value)

    def _expand_hostpattern(self, hostpattern: str) -> tuple[list[str], int | None]:
        """The names that a pattern with ranges stands for, and its port. Raises AnsibleError for a wrong range."""
        pattern, port = parse_address(hostpattern, allow_ranges=True)
        return (expand_hostname_range(pattern) if detect_range(pattern) else [pattern]), port


class BaseInventoryPlugin(_InventoryPlugin):
    """An inventory source of any kind."""


class BaseFileInventoryPlugin(_InventoryPlugin):
    """An inventory source that is a file."""

    TYPE = "storage"


class Cacheable:
    """For plugins that keep what they asked for."""

    _cache: CachePluginAdjudicator

    @property
    def cache(self) -> CachePluginAdjudicator:
        """The cache; there is one when the option ``cache`` is set."""
        return self._cache

    def load_cache_plugin(self) -> None:
        """Open the cache that the options name."""
        self._open_cache()  # type: ignore[attr-defined]

    def get_cache_key(self, path: str) -> str:
        """The key for a source."""
        return f"{self.ansible_name}_{self._get_cache_prefix(path)}"  # type: ignore[attr-defined]

    def _get_cache_prefix(self, path: str) -> str:
        text = f"{self.ansible_name}{path}"  # type: ignore[attr-defined]
        return "k" + hashlib.sha256(text.encode(), usedforsecurity=False).hexdigest()[:6]

    def clear_cache(self) -> None:
        """Forget what is kept."""
        self._cache.clear()

    def update_cache_if_changed(self) -> None:
        """Write what is new."""
        self._cache.update_cache_if_changed()

    def set_cache_plugin(self) -> None:
        """Write what is there."""
        self._cache.set_cache()


class Constructable(_InventoryPlugin):
    """For plugins that make variables and groups of expressions."""

    @cached_property
    def _composer(self) -> Composer:
        def sanitized(name: str) -> str:
            return self._sanitize_group_name(name)

        return Composer(self.inventory, lambda: self.templar, sanitized)

    def _compose(self, template: Any, variables: Any, disable_lookups: Any = None) -> Any:
        return self._composer.value(template, self._seen(variables))

    def _seen(self, variables: Mapping[str, Any]) -> Mapping[str, Any]:
        """The variables that expressions see; extra ones on top where the plugin's options say so."""
        try:
            wanted = self.get_option("use_extra_vars")
        except KeyError:
            wanted = False
        return {**variables, **self._vars} if wanted else variables

    def _set_composite_vars(self, compose: Any, variables: Any, host: str, strict: bool = False) -> None:
        self._composer.set_variables(compose, self._seen(variables), host, strict=strict)

    def _add_host_to_composed_groups(
        self, groups: Any, variables: Any, host: str, strict: bool = False, fetch_hostvars: bool = True
    ) -> None:
        self._composer.add_to_groups(groups, self._with_own(variables, host, fetch_hostvars), host, strict=strict)

    def _add_host_to_keyed_groups(
        self, keys: Any, variables: Any, host: str, strict: bool = False, fetch_hostvars: bool = True
    ) -> None:
        seen = self._seen(self._with_own(variables, host, fetch_hostvars))
        try:
            leading = self.get_option("leading_separator")
        except KeyError:
            leading = True
        self._composer.add_to_keyed_groups(keys, seen, host, strict=strict, leading=leading is not False)

    def _with_own(self, variables: Mapping[str, Any], host: str, fetch: bool) -> Mapping[str, Any]:
        known = self.inventory.get_host(host) if fetch else None
        return {**variables, **known.get_vars()} if known is not None else variables


def located(origin: Origin | None, error: BaseException) -> Origin | None:
    """The place that an error of a plugin names, else ``origin``."""
    found = getattr(error, "obj", None)
    if isinstance(found, Origin):
        return found
    place = getattr(found, "origin", None)
    return place if isinstance(place, Origin) else origin

"""The documentation fragments that come with ansible-core and that plugins extend, as data: option name -> declaration.

Only what decides about a value is here: type, default, and where it may be set.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def _option(kind: str, default: Any = None, *, ini: str = "", env: str = "", **more: Any) -> Mapping[str, Any]:
    """A declaration; ``ini`` holds ``section.key`` words, ``env`` names of variables, the strongest last."""
    places = [word.split(".") for word in ini.split()]
    return {
        "type": kind,
        "default": default,
        "ini": [{"section": section, "key": key} for section, key in places],
        "env": [{"name": name} for name in env.split()],
        **more,
    }


def _cache_option(kind: str, default: Any, fact: str, own: str, env: str) -> Mapping[str, Any]:
    """An option of an inventory's cache, which goes by that of facts where it is not set itself."""
    variables = f"ANSIBLE_CACHE_PLUGIN{env} ANSIBLE_INVENTORY_CACHE_{own.removeprefix('cache_').upper()}"
    if own in ("cache_plugin", "cache_prefix"):
        variables = f"ANSIBLE_CACHE_PLUGIN{env} ANSIBLE_INVENTORY_CACHE_PLUGIN{env}"
    return _option(kind, default, ini=f"defaults.fact_caching{fact} inventory.{own}", env=variables)


FRAGMENTS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "connection_pipelining": {
        "pipelining": _option(
            "bool",
            False,
            ini="defaults.pipelining connection.pipelining",
            env="ANSIBLE_PIPELINING",
            vars=[{"name": "ansible_pipelining"}],
        ),
    },
    "constructed": {
        "strict": _option("bool", False),
        "compose": _option("dict", {}),
        "groups": _option("dict", {}),
        "keyed_groups": _option("list", []),
        "use_extra_vars": _option(
            "bool", False, ini="inventory_plugins.use_extra_vars", env="ANSIBLE_INVENTORY_USE_EXTRA_VARS"
        ),
        "leading_separator": _option("bool", True),
    },
    "inventory_cache": {
        "cache": _option("bool", False, ini="inventory.cache", env="ANSIBLE_INVENTORY_CACHE"),
        "cache_plugin": _cache_option("str", "memory", "", "cache_plugin", ""),
        "cache_timeout": _cache_option("int", 3600, "_timeout", "cache_timeout", "_TIMEOUT"),
        "cache_connection": _cache_option("str", None, "_connection", "cache_connection", "_CONNECTION"),
        "cache_prefix": _cache_option("str", "ansible_inventory_", "_prefix", "cache_prefix", "_PREFIX"),
    },
    "vars_plugin_staging": {
        "stage": _option("str", None, choices=["all", "task", "inventory"]),
    },
}

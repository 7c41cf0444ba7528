"""An inventory as text: the inventory room's listing, laid out as JSON, YAML or TOML."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, time
from typing import TYPE_CHECKING, Any

from orchestra.errors import OrchestraError
from orchestra.inventory.listing import Listing
from orchestra.inventory.values import SEALED

if TYPE_CHECKING:
    import yaml


def show(listing: Listing, group: str, flags: Mapping[str, Any]) -> str:
    """The text that ``flags`` ask for. Raises UsageError for an unknown host or group."""
    if flags["graph"]:
        return listing.graph(group, with_vars=flags["with_vars"])
    host = flags["host"]
    if flags["as_yaml"]:
        return _yaml(listing.nested() if host is None else listing.host(host, natively=True))
    if flags["as_toml"]:
        return _toml(listing.tables() if host is None else listing.host(host, natively=True))
    data = listing.flat() if host is None else listing.host(host)
    return json.dumps(data, indent=4, sort_keys=True, ensure_ascii=False)


def _yaml(data: Any) -> str:
    import yaml

    class InventoryDumper(yaml.SafeDumper):
        """Writes encrypted values as ``!vault`` blocks."""

        def ignore_aliases(self, data: Any) -> bool:
            return isinstance(data, (date, time)) or bool(super().ignore_aliases(data))

        def represent_mapping_or_vault(self, data: dict[str, Any]) -> yaml.Node:
            if set(data) == {SEALED}:
                return self.represent_scalar("!vault", data[SEALED], style="|")
            return self.represent_dict(data)

    InventoryDumper.add_representer(dict, InventoryDumper.represent_mapping_or_vault)
    text: str = yaml.dump(data, Dumper=InventoryDumper, default_flow_style=False, allow_unicode=True)
    return text


def _toml(data: Mapping[str, Any]) -> str:
    try:
        from tomli_w import dumps
    except ImportError:
        raise OrchestraError(
            "the TOML form needs the Python package tomli-w", hint="pip install 'orchestra[toml]'"
        ) from None
    _refuse_null(data, "")
    text: str = dumps(data)
    return text


def _refuse_null(value: Any, path: str) -> None:
    """Say which value TOML has no word for."""
    if value is None:
        raise OrchestraError(f"TOML has no null, which {path} is", hint="use --list, or --list --yaml")
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        _refuse_null(item, f"{path}.{key}" if path else str(key))

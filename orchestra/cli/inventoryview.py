"""An inventory as text: the JSON and the tree come from the inventory's own listing; the YAML is laid out here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from orchestra.inventory.listing import draw_graph, group_variables, host_variables, list_inventory, show_host
from orchestra.inventory.patterns import HostSelector
from orchestra.inventory.variables import HostVariables
from orchestra.model.host import Inventory

if TYPE_CHECKING:
    import yaml

_SEALED = "__ansible_vault"


def show(inventory: Inventory, variables: HostVariables, group: str, limit: str, flags: Mapping[str, Any]) -> str:
    """The text that ``flags`` ask for. Raises UsageError for an unknown host or group."""
    if flags["graph"]:
        return draw_graph(inventory, group, variables if flags["with_vars"] else None)
    if flags["host"] is not None:
        data: Any = show_host(inventory, variables, flags["host"])
    elif flags["as_yaml"]:
        data = nested(inventory, variables, limit, export=flags["export"])
    else:
        data = list_inventory(inventory, variables, limit=limit, export=flags["export"])
    return _yaml(data) if flags["as_yaml"] else json.dumps(data, indent=4, sort_keys=True, ensure_ascii=False)


def nested(inventory: Inventory, variables: HostVariables, limit: str, *, export: bool) -> dict[str, Any]:
    """Groups inside groups, as in a YAML inventory; a host's variables stand where it is named first."""
    shown = {host.name for host in HostSelector(inventory).select("all", limit)}
    seen: set[str] = set()

    def hosts_of(name: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for host in sorted(set(inventory.groups[name].hosts) & shown) if name != "all" else ():
            found[host] = {} if host in seen else host_variables(variables, host, export=export)
            seen.add(host)
        return found

    def entry(name: str) -> dict[str, Any]:
        group = inventory.groups[name]
        children: dict[str, Any] = {}
        for child in sorted(group.children):
            known = child in seen_groups
            seen_groups.add(child)
            content = {} if known else entry(child)
            if content or known or child != "ungrouped":
                children[child] = content
        parts = {
            "children": children,
            "hosts": hosts_of(name),
            "vars": group_variables(variables, inventory, name) if export else {},
        }
        return {key: value for key, value in parts.items() if value}

    seen_groups: set[str] = set()
    return {"all": entry("all")}


def _yaml(data: Any) -> str:
    import yaml

    class InventoryDumper(yaml.SafeDumper):
        """Writes encrypted values as ``!vault`` blocks."""

        def ignore_aliases(self, data: Any) -> bool:
            return True

        def represent_mapping_or_vault(self, data: dict[str, Any]) -> yaml.Node:
            if set(data) == {_SEALED}:
                return self.represent_scalar("!vault", data[_SEALED], style="|")
            return self.represent_dict(data)

    InventoryDumper.add_representer(dict, InventoryDumper.represent_mapping_or_vault)
    text: str = yaml.dump(data, Dumper=InventoryDumper, default_flow_style=False, allow_unicode=True)
    return text.rstrip("\n")

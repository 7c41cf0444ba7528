"""An inventory for people and programs: the JSON of ``--list`` and ``--host``, the tree of ``--graph``.

The JSON is what ansible-inventory prints, so that it can be fed back as an inventory. Vault values stay encrypted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from orchestra.errors import UsageError, nearest
from orchestra.inventory.localhost import find_host
from orchestra.inventory.patterns import HostSelector
from orchestra.inventory.variables import HostVariables
from orchestra.model.host import Inventory
from orchestra.model.origin import TemplateText
from orchestra.model.secret import MASK, Sealed, Secret

#: Variables that every run makes anew, and that are therefore not part of an inventory.
_MADE_BY_RUNS = frozenset(("inventory_file", "inventory_dir", "inventory_hostname", "inventory_hostname_short"))


def list_inventory(
    inventory: Inventory, variables: HostVariables, *, limit: str = "", export: bool = False
) -> dict[str, Any]:
    """Groups, their hosts and children, and all variables of each host.

    With ``export`` groups keep their variables and hosts have only their own.
    """
    shown = {host.name for host in HostSelector(inventory).select("all", limit)}
    result: dict[str, Any] = {}
    for name in _walk(inventory, "all"):
        entry = _group_entry(inventory, name, shown)
        if export:
            entry |= _nonempty("vars", group_variables(variables, inventory, name))
        if entry:
            result[name] = entry
    hosts = HostSelector(inventory).select("all", limit)
    hostvars = {host.name: host_variables(variables, host.name, export=export) for host in hosts}
    result["_meta"] = {
        "hostvars": {name: found for name, found in hostvars.items() if found},
        "profile": "inventory_legacy",
    }
    return result


def host_variables(variables: HostVariables, name: str, *, export: bool = False) -> dict[str, Any]:
    """One host's variables for JSON."""
    found = variables.own_part(name) if export else variables.for_host(name).merged()
    return {key: plain(value) for key, value in found.items() if key not in _MADE_BY_RUNS}


def group_variables(variables: HostVariables, inventory: Inventory, name: str) -> dict[str, Any]:
    """One group's own variables for JSON."""
    found = {key: plain(value) for key, value in variables.of_group(name).items()}
    priority = inventory.groups[name].priority
    return found if priority == 1 else {**found, "ansible_group_priority": priority}


def show_host(inventory: Inventory, variables: HostVariables, name: str) -> dict[str, Any]:
    """What ``--host`` prints.

    Raises:
        UsageError: no such host; says the nearest.
    """
    host = find_host(inventory, name)
    if host is None:
        near = nearest(name, inventory.hosts)
        raise UsageError(f"there is no host {name!r}", hint=f"near: {', '.join(near)}" if near else "")
    return host_variables(variables, host.name)


def draw_graph(inventory: Inventory, top: str = "all", variables: HostVariables | None = None) -> str:
    """The tree of groups and hosts as text, with variables if they are given.

    Raises:
        UsageError: no such group.
    """
    if top not in inventory.groups:
        near = nearest(top, inventory.groups)
        raise UsageError(f"there is no group {top!r}", hint=f"near: {', '.join(near)}" if near else "")
    return "\n".join(_graph_lines(inventory, top, variables, 0))


def plain(value: Any) -> Any:
    """A raw value as JSON can hold it; templates as they stand in the file, vault values as their ciphertext."""
    if isinstance(value, Sealed):
        return {"__ansible_vault": value.ciphertext}
    if isinstance(value, Secret):
        return MASK
    if isinstance(value, TemplateText):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(item) for item in value]
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)


def _walk(inventory: Inventory, top: str) -> Iterable[str]:
    """A group and all below it, each once, a branch at a time."""
    seen: dict[str, None] = {}

    def visit(name: str) -> None:
        if name not in seen:
            seen[name] = None
            for child in inventory.groups[name].children:
                visit(child)

    visit(top)
    return seen


def _group_entry(inventory: Inventory, name: str, shown: set[str]) -> dict[str, Any]:
    group = inventory.groups[name]
    hosts = [host for host in group.hosts if host in shown] if name != "all" else []
    return _nonempty("hosts", hosts) | _nonempty("children", list(group.children))


def _nonempty(key: str, value: Any) -> dict[str, Any]:
    return {key: value} if value else {}


def _graph_lines(inventory: Inventory, name: str, variables: HostVariables | None, depth: int) -> list[str]:
    group = inventory.groups[name]
    lines = [_branch(f"@{name}:", depth)]
    for child in group.children:
        lines += _graph_lines(inventory, child, variables, depth + 1)
    for host in group.hosts if name != "all" else ():
        lines.append(_branch(host, depth + 1))
        if variables:
            lines += _variable_lines(host_variables(variables, host), depth + 2)
    if variables:
        lines += _variable_lines(group_variables(variables, inventory, name), depth + 1)
    return lines


def _variable_lines(found: Mapping[str, Any], depth: int) -> list[str]:
    return [_branch(f"{{{key} = {value}}}", depth) for key, value in sorted(found.items())]


def _branch(text: str, depth: int) -> str:
    return f"{'  |' * depth}--{text}" if depth else text

"""From inventory sources to one frozen Inventory, the patterns that select hosts, and the variables that hosts get."""

from orchestra.inventory.change import with_group, with_host
from orchestra.inventory.load import load_inventory
from orchestra.inventory.localhost import find_host, implicit_localhost
from orchestra.inventory.patterns import HostSelector
from orchestra.inventory.variables import HostVariables

__all__ = [
    "HostSelector",
    "HostVariables",
    "find_host",
    "implicit_localhost",
    "load_inventory",
    "with_group",
    "with_host",
]

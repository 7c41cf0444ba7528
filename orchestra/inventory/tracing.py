"""Where a host's variables come from: every layer that gives one, from the weakest to the one that wins.

Values are raw, as the file has them; what is secret is never in what this room gives away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from orchestra.errors import UsageError, nearest
from orchestra.inventory.localhost import find_host
from orchestra.inventory.merging import merge_mappings
from orchestra.inventory.values import hidden
from orchestra.inventory.variables import HostVariables, Layer
from orchestra.model.host import Inventory
from orchestra.model.origin import LocatedDict, Origin, origin_of
from orchestra.model.record import record


@record
class Definition:
    """One layer's word on a variable."""

    #: The layer for people: ``host_vars of 'web1'``.
    layer: str
    #: The value, without secrets.
    value: Any
    origin: Origin | None


@record
class Traced:
    """A variable of a host: its definitions from the weakest to the strongest, and the value that comes of them."""

    name: str
    value: Any
    definitions: Sequence[Definition]


class Tracer:
    """Traces the variables of one host.

    Args:
        facts: the host's kept facts.
        extra_vars: variables of the command line, which win.
        merging: mappings of one name are joined (``hash_behaviour``).

    Raises:
        UsageError: no such host; says the nearest.
    """

    def __init__(
        self,
        inventory: Inventory,
        variables: HostVariables,
        host: str,
        *,
        facts: Mapping[str, Any],
        extra_vars: Mapping[str, Any],
        merging: bool = False,
    ) -> None:
        if find_host(inventory, host) is None:
            near = nearest(host, inventory.hosts)
            raise UsageError(f"there is no host {host!r}", hint=f"near: {', '.join(near)}" if near else "")
        self._merging = merging
        more = (("facts that are kept", facts), ("-e on the command line", extra_vars))
        # Where the inventory lies beside the playbook a file is met twice; it counts where it is stronger.
        last = {id(layer): (label, layer) for label, layer in reversed(variables.layers(host))}
        self._layers: list[Layer] = [*reversed(last.values()), *((label, layer) for label, layer in more if layer)]

    def names(self) -> list[str]:
        """The names of all variables."""
        return sorted({str(name) for _, layer in self._layers for name in layer})

    def variable(self, name: str) -> Traced:
        """One variable.

        Raises:
            UsageError: no layer gives it; says the nearest.
        """
        found = list(self._definitions(name))
        if not found:
            near = nearest(name, self.names())
            hint = f"near: {', '.join(near)}" if near else "plays, roles and tasks may still set it"
            raise UsageError(f"no layer of the inventory gives the variable {name!r}", hint=hint)
        value = found[-1].value
        if self._merging and isinstance(value, Mapping):
            value = self._merged(found)
        return Traced(name, value, tuple(found))

    def _definitions(self, name: str) -> Iterator[Definition]:
        for label, layer in self._layers:
            if name in layer:
                yield Definition(label, hidden(layer[name]), _place(layer, name))

    @staticmethod
    def _merged(found: Sequence[Definition]) -> Mapping[Any, Any]:
        joined: dict[Any, Any] = {}
        for one in found:
            joined = merge_mappings(joined, one.value) if isinstance(one.value, Mapping) else {}
        return joined


def _place(layer: Mapping[str, Any], name: str) -> Origin | None:
    if isinstance(layer, LocatedDict):
        return layer.value_origins.get(name) or origin_of(layer[name]) or layer.origin
    return origin_of(layer[name])

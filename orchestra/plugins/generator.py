"""The inventory source ``generator``: hosts and groups named by templates over every combination of some layers."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

from orchestra.ansible_api.errors import AnsibleParserError
from orchestra.ansible_api.inventory import BaseInventoryPlugin
from orchestra.model.origin import LocatedDict, origin_of
from orchestra.plugins.constructed import is_configuration

DOCUMENTATION = """
options:
  plugin: {required: true}
  hosts: {type: dict}
  layers: {type: dict}
"""


class InventoryModule(BaseInventoryPlugin):
    """Makes hosts out of nothing."""

    NAME = "generator"

    def verify_file(self, path: str) -> bool:
        """Whether this may be its configuration."""
        return super().verify_file(path) and is_configuration(path, self.loader.yaml_endings)

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = False) -> None:
        """Add a host for each combination, and the groups above it."""
        super().parse(inventory, loader, path, cache)
        config = self._read_config_data(path)
        layers = _part(config, "layers", config)
        hosts = _part(config, "hosts", config)
        for name, values in layers.items():
            if not isinstance(values, list):
                raise AnsibleParserError(f"the layer {name!r} is a list of values", obj=_place(layers, name))
        for combination in product(*layers.values()):
            variables = dict(zip(layers, combination, strict=True))
            host = str(self._rendered(hosts.get("name"), variables) or "")
            if not host:
                raise AnsibleParserError("the hosts need a name: a template over the layers", obj=_place(hosts, "name"))
            inventory.add_host(host)
            self._add_parents(host, hosts.get("parents") or [], variables)

    def _add_parents(self, child: str, parents: Any, variables: Mapping[str, Any]) -> None:
        for parent in parents:
            group = self._rendered(parent.get("name"), variables)
            if not group:
                raise AnsibleParserError(f"Element {child} has a parent with no name.", obj=origin_of(parent))
            group = self.inventory.add_group(str(group))
            for name, value in (parent.get("vars") or {}).items():
                self.inventory.set_variable(group, name, self._rendered(value, variables), passed=variables.values())
            self.inventory.add_child(group, child)
            self._add_parents(group, parent.get("parents") or [], variables)

    def _rendered(self, text: Any, variables: Mapping[str, Any]) -> Any:
        """A template's value; lists and mappings stay what they are, for whoever uses them."""
        if not isinstance(text, str):
            return text
        return self.templar.copy_with_new_env(available_variables=variables).template(text)


def _part(config: Mapping[str, Any], name: str, whole: Any) -> Mapping[str, Any]:
    part = config.get(name)
    if not isinstance(part, Mapping):
        raise AnsibleParserError(f"a generator needs {name!r}: a mapping", obj=_place(whole, name) or origin_of(whole))
    return part


def _place(values: Any, name: str) -> Any:
    return values.value_origins.get(name) if isinstance(values, LocatedDict) else None

"""The inventory source ``constructed``: variables and groups made of what earlier sources said of each host."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from orchestra.ansible_api.inventory import BaseInventoryPlugin, Constructable
from orchestra.ansible_api.values import combine_vars

DOCUMENTATION = """
extends_documentation_fragment: [constructed]
options:
  plugin: {required: true}
  use_vars_plugins:
    type: bool
    default: false
    ini: [{section: inventory_plugins, key: use_vars_plugins}]
    env: [{name: ANSIBLE_INVENTORY_USE_VARS_PLUGINS}]
"""
#: Endings of its configuration beside those of YAML; a file may also have none.
ENDINGS = ("", ".config")


def is_configuration(path: str, yaml_endings: Iterable[str]) -> bool:
    """Whether a file's name is one that a plugin's configuration may have."""
    return os.path.splitext(path)[1] in (*ENDINGS, *yaml_endings)


class InventoryModule(BaseInventoryPlugin, Constructable):
    """Looks at every host that is there."""

    NAME = "constructed"

    def verify_file(self, path: str) -> bool:
        """Whether this may be its configuration."""
        return super().verify_file(path) and is_configuration(path, self.loader.yaml_endings)

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = False) -> None:
        """Compose, then group by conditions, then by keys; each step sees what the one before has made of the host."""
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        strict = self.get_option("strict")
        parts = {name: self.get_option(name) for name in ("compose", "groups", "keyed_groups")}
        for host in list(inventory.hosts):
            self._set_composite_vars(parts["compose"], self._variables_of(host), host, strict=strict)
            variables = self._variables_of(host)
            for fill, part in (
                (self._add_host_to_composed_groups, "groups"),
                (self._add_host_to_keyed_groups, "keyed_groups"),
            ):
                fill(parts[part], variables, host, strict=strict, fetch_hostvars=False)

    def _variables_of(self, name: str) -> Mapping[str, Any]:
        """The variables of a host: its groups', its own, its facts."""
        host = self.inventory.hosts[name]
        groups = host.get_groups()
        layers = [group.vars for group in groups]
        if self.get_option("use_vars_plugins"):
            layers += [self.inventory.beside("group_vars", group.name) for group in groups]
        layers.append(host.get_vars())
        if self.get_option("use_vars_plugins"):
            layers.append(self.inventory.beside("host_vars", name))
        found: dict[str, Any] = {}
        for layer in (*layers, self.loader.facts(name)):
            found = combine_vars(found, layer) if layer else found
        return found

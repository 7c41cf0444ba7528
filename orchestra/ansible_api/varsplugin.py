"""The base of vars plugins, ``ansible.plugins.vars``, and the hosts and groups that they are asked about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from orchestra.ansible_api.base import AnsiblePlugin
from orchestra.ansible_api.display import Display

__all__ = ["BaseVarsPlugin", "Group", "Host", "InventoryObjectType"]


class InventoryObjectType(Enum):
    """What an entity is."""

    HOST = "host"
    GROUP = "group"


class Entity:
    """A host or a group, by name, with what the inventory gives to it."""

    base_type: InventoryObjectType

    def __init__(self, name: str, variables: Mapping[str, Any] | None = None, groups: Sequence[str] = ()) -> None:
        self.name = name
        self.vars = dict(variables or {})
        self._groups = tuple(groups)

    def get_name(self) -> str:
        """The name."""
        return self.name

    def get_vars(self) -> dict[str, Any]:
        """What the inventory gives to it."""
        return dict(self.vars)

    def __str__(self) -> str:
        return self.name

    __repr__ = __str__


class Group(Entity):
    """A group."""

    base_type = InventoryObjectType.GROUP


class Host(Entity):
    """A host."""

    base_type = InventoryObjectType.HOST

    @property
    def address(self) -> str:
        """What it is reached by where nothing else says it."""
        return self.name

    @property
    def groups(self) -> list[Group]:
        """Every group it is in."""
        return self.get_groups()

    def get_groups(self) -> list[Group]:
        """Every group it is in."""
        return [Group(name) for name in self._groups]


class BaseVarsPlugin(AnsiblePlugin):
    """Gives hosts and groups variables: ``get_vars(loader, path, entities)`` for the folder ``path``."""

    is_stateless = False

    def __init__(self) -> None:
        if not hasattr(self, "_given"):
            self.declare(self._declared)
        self._display = Display()

    def get_vars(self, loader: Any, path: str, entities: Any) -> dict[str, Any]:
        """The variables of ``entities``; plugins override this."""
        self._basedir = path
        return {}

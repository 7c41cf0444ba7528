"""What an inner task inherits: keywords of its play, role and blocks, joined on the way down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any

from orchestra.language.keywords import KEYWORDS, Join
from orchestra.model.origin import TemplateText
from orchestra.model.play import RoleRef
from orchestra.model.record import record


@record
class Scope:
    """The sum of all keywords around a place in a playbook. Never changed; ``enter`` makes an inner one."""

    single: Mapping[str, Any] = field(default_factory=dict)
    lists: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    var_layers: tuple[Mapping[str, Any], ...] = ()
    #: Variables of dynamic includes on the way.
    param_layers: tuple[Mapping[str, Any], ...] = ()
    role: RoleRef | None = None
    handler: bool = False
    #: The collection that the playbook is part of: where its short names are looked for first.
    collection: str = ""

    def enter(self, values: Mapping[str, Any], *, with_vars: bool = True) -> Scope:
        """The scope inside something that sets ``values`` (keyword -> value as written)."""
        single, lists, layers = dict(self.single), dict(self.lists), self.var_layers
        for name, value in values.items():
            join = KEYWORDS[name].join if name in KEYWORDS else Join.OWN
            if join is Join.INNERMOST:
                single[name] = value
            elif join is Join.REPLACE:
                lists[name] = self._with_own(as_tuple(name, value))
            elif join is Join.EXTEND:
                lists[name] = lists.get(name, ()) + as_tuple(name, value)
            elif join is Join.LAYERS and with_vars and value:
                layers = (*layers, value)
        return replace(self, single=single, lists=lists, var_layers=layers)

    def in_role(self, role: RoleRef) -> Scope:
        """The scope of the tasks of ``role``."""
        named = (role.collection or self.collection, *role.collections)  # not those of whoever asks for it
        return replace(self, role=role, lists={**self.lists, "collections": tuple(filter(None, dict.fromkeys(named)))})

    def of_collection(self, name: str) -> Scope:
        """The scope of a playbook that is part of the collection ``name``; "" for none."""
        return replace(self, collection=name, lists={**self.lists, "collections": (name,)}) if name else self

    def _with_own(self, collections: tuple[Any, ...]) -> tuple[Any, ...]:
        own = self.collection
        return (own, *collections) if own and own not in collections else collections

    def included_with(self, variables: Mapping[str, Any]) -> Scope:
        """The scope of tasks that an include brought in with ``variables``."""
        if not variables:
            return self
        return replace(self, var_layers=(*self.var_layers, variables), param_layers=(*self.param_layers, variables))


def as_tuple(name: str, value: Any) -> tuple[Any, ...]:
    """A keyword that takes one value or a list, as a tuple; texts of tags and collections are split at commas."""
    if value is None:
        return ()
    items = tuple(value) if isinstance(value, (list, tuple)) else (value,)
    if name != "tags":
        return items
    split: list[Any] = []
    for item in items:
        if isinstance(item, str) and not isinstance(item, TemplateText):
            split.extend(part.strip() for part in item.split(","))
        else:
            split.append(item)
    return tuple(split)

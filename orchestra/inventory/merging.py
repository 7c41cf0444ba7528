"""Layers of variables to one mapping that still knows where each value stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from orchestra.model.origin import LocatedDict, Origin


def merge_layers(layers: Sequence[LocatedDict], *, merge: bool = False) -> LocatedDict:
    """Later layers win; with ``merge`` mappings of one name are joined, all the way down."""
    if len(layers) == 1:
        return layers[0]
    items: dict[Any, Any] = {}
    keys: dict[Any, Origin] = {}
    values: dict[Any, Origin] = {}
    for layer in layers:
        items = merge_mappings(items, layer) if merge else items | layer
        keys.update(layer.key_origins)
        values.update(layer.value_origins)
    return LocatedDict(items, origin=layers[0].origin if layers else None, key_origins=keys, value_origins=values)


def merge_mappings(lower: Mapping[Any, Any], upper: Mapping[Any, Any]) -> dict[Any, Any]:
    """``lower`` with ``upper`` on top: mappings under one name are joined, everything else is replaced."""
    merged = dict(lower)
    for key, value in upper.items():
        below = merged.get(key)
        if isinstance(below, Mapping) and isinstance(value, Mapping):
            merged[key] = _joined(below, value)
        else:
            merged[key] = value
    return merged


def _joined(lower: Mapping[Any, Any], upper: Mapping[Any, Any]) -> LocatedDict:
    keys: dict[Any, Origin] = {}
    values: dict[Any, Origin] = {}
    for part in (lower, upper):
        if isinstance(part, LocatedDict):
            keys.update(part.key_origins)
            values.update(part.value_origins)
    return LocatedDict(
        merge_mappings(lower, upper),
        origin=upper.origin if isinstance(upper, LocatedDict) else None,
        key_origins=keys,
        value_origins=values,
    )

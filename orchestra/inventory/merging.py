"""Layers of variables to one mapping that still knows where each value stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from orchestra.model.origin import LocatedDict, Origin


def merge_layers(layers: Sequence[LocatedDict], *, merge: bool = False) -> LocatedDict:
    """Later layers win; with ``merge`` mappings of one name are joined, all the way down."""
    origin = layers[0].origin if layers else None
    layers = [layer for layer in layers if layer]
    if len(layers) == 1 and layers[0].origin == origin:
        return layers[0]
    items: dict[Any, Any] = {}
    for layer in layers:
        items = merge_mappings(items, layer) if merge else items | layer
    keys, values = (
        _LayeredOrigins([one.key_origins for one in layers]),
        _LayeredOrigins([one.value_origins for one in layers]),
    )
    return LocatedDict(items, origin=origin, key_origins=keys, value_origins=values)


class _LayeredOrigins(Mapping[Any, Origin]):
    """Origins of several layers, later ones first; they stay packed until somebody asks for one."""

    __slots__ = ("_layers",)

    def __init__(self, layers: Sequence[Mapping[Any, Origin]]) -> None:
        self._layers = layers[::-1]

    def __getitem__(self, key: Any) -> Origin:
        for layer in self._layers:
            if key in layer:
                return layer[key]
        raise KeyError(key)

    def __iter__(self) -> Iterator[Any]:
        return iter({key: None for layer in self._layers for key in layer})

    def __len__(self) -> int:
        return sum(1 for _ in self)


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

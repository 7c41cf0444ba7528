"""Variables as layers that are looked up, never merged: a host-task costs no copy of its variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from orchestra.model.origin import LocatedDict, origin_of

_MISSING = object()


class Layers(Mapping[str, Any]):
    """A read-only view over mappings; the first that has a name wins. Values are raw."""

    __slots__ = ("_layers",)

    def __init__(self, layers: tuple[Mapping[str, Any], ...]) -> None:
        self._layers = layers

    def __getitem__(self, name: str) -> Any:
        for layer in self._layers:
            if name in layer:
                return layer[name]
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        for layer in self._layers:  # noqa: SIM110 - asked for each name of each template; any() takes twice as long
            if name in layer:
                return True
        return False

    def __bool__(self) -> bool:
        """True without counting: there is always something in it."""
        return True

    def __iter__(self) -> Iterator[str]:
        seen: set[str] = set()
        for layer in self._layers:
            for name in layer:
                if name not in seen:
                    seen.add(name)
                    yield name

    def __len__(self) -> int:
        return sum(1 for _ in self)


class MergingLayers(Layers):
    """The view under ``hash_behaviour = merge``: mappings of the same name are joined, inner values winning."""

    __slots__ = ()

    def __getitem__(self, name: str) -> Any:
        values = [layer[name] for layer in self._layers if name in layer]
        if not values:
            raise KeyError(name)
        if not isinstance(values[0], Mapping):
            return values[0]
        merged: Any = {}
        for value in reversed(values):
            merged = merge(merged, value) if isinstance(value, Mapping) else {}
        return merged


def merge(outer: Mapping[Any, Any], inner: Mapping[Any, Any]) -> dict[Any, Any]:
    """Join two mappings deeply; ``inner`` wins. What holds project text stays project text: a LocatedDict."""
    joined = dict(outer)
    for key, value in inner.items():
        held = joined.get(key, _MISSING)
        joined[key] = merge(held, value) if isinstance(held, Mapping) and isinstance(value, Mapping) else value
    if isinstance(outer, LocatedDict) or isinstance(inner, LocatedDict):
        return LocatedDict(joined, origin=origin_of(inner) or origin_of(outer))
    return joined


def flatten(layers: tuple[Mapping[str, Any], ...], *, merging: bool = False) -> dict[str, Any]:
    """One dict of ``layers``, given from the outermost to the innermost. ``merging``: mappings are joined deeply."""
    joined: dict[str, Any] = {}
    for layer in layers:
        joined = merge(joined, layer) if merging else {**joined, **layer}
    return joined

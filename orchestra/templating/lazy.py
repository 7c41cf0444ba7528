"""Containers of the project whose templates are rendered when something looks at them, one by one.

``cfg: {port: 80, host: "{{ not_set }}"}`` lets ``{{ cfg.port }}`` work. They are real dicts and lists, so that type
tests hold, and every way that C code takes into a subclass (iteration, ``items``, ``keys`` and ``[]``) renders; what
has been rendered is kept in place. ``unwrapped`` makes plain ones. Who renders is the business of a ``Renderer``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol, SupportsIndex

from orchestra.model.deprecated import DeprecatedText
from orchestra.model.origin import LocatedDict, LocatedList, TemplateText
from orchestra.model.secret import Sealed


class Untrusted(str):
    """Text that looks like a template and is none of the project's, where somebody asked to be told of it."""

    __slots__ = ()


class Renderer(Protocol):
    """What a lazy container needs of the scope it was made in."""

    def wrap(self, raw: Any, where: str | tuple[int, Any]) -> Any:
        """The value of ``raw``: rendered text, a lazy container, or itself. ``where`` tells recursion apart."""


#: The types that still need work when they are found inside a lazy container.
_RAW = frozenset((TemplateText, LocatedDict, LocatedList, Sealed, DeprecatedText, Untrusted))


class LazyDict(dict[Any, Any]):
    """A mapping of the project with templates in it."""

    __slots__ = ("renderer",)

    def __init__(self, raw: Mapping[Any, Any], renderer: Renderer) -> None:
        super().__init__(raw)
        self.renderer = renderer

    def _settle(self, key: Any, value: Any) -> Any:
        if type(value) in _RAW:
            value = self.renderer.wrap(value, (id(self), key))
            dict.__setitem__(self, key, value)
        return value

    def __getitem__(self, key: Any) -> Any:
        return self._settle(key, super().__getitem__(key))

    def get(self, key: Any, default: Any = None) -> Any:
        """The rendered value of ``key``, else ``default``."""
        if key in self:
            return self[key]
        return default

    def __iter__(self) -> Iterator[Any]:
        # Overridden, so that dict() and update() take the way through __getitem__.
        return super().__iter__()

    def items(self) -> list[tuple[Any, Any]]:  # type: ignore[override]
        """Pairs, rendered."""
        return [(key, self[key]) for key in self]

    def values(self) -> list[Any]:  # type: ignore[override]
        """Values, rendered."""
        return [self[key] for key in self]

    def pop(self, key: Any, *default: Any) -> Any:
        """Remove a key and return its rendered value."""
        if key in self:
            value = self[key]
            del self[key]
            return value
        return super().pop(key, *default)

    def popitem(self) -> tuple[Any, Any]:
        """Remove and return the last pair."""
        key = next(reversed(self))
        return key, self.pop(key)

    def setdefault(self, key: Any, default: Any = None) -> Any:
        """The rendered value of ``key``, which is set to ``default`` first where it is missing."""
        if key not in self:
            self[key] = default
        return self[key]

    def copy(self) -> LazyDict:
        """A lazy copy; what is already rendered stays so."""
        return LazyDict(_Stored(self), self.renderer)

    __copy__ = copy

    def unwrapped(self) -> dict[Any, Any]:
        """A plain dict of the same values, all through."""
        return {str(key) if type(key) is TemplateText else key: unwrap(value) for key, value in self.items()}

    def __eq__(self, other: object) -> bool:
        return bool(self.unwrapped() == unwrap(other))

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None

    def __or__(self, other: Any) -> Any:
        return self.unwrapped() | unwrap(other)

    def __ror__(self, other: Any) -> Any:
        return unwrap(other) | self.unwrapped()

    def __repr__(self) -> str:
        return repr(self.unwrapped())

    def __reduce__(self) -> tuple[type[dict[Any, Any]], tuple[dict[Any, Any]]]:
        return dict, (self.unwrapped(),)


class _Stored(Mapping[Any, Any]):
    """A lazy dict's storage, seen without rendering it."""

    __slots__ = ("_lazy",)

    def __init__(self, lazy: LazyDict) -> None:
        self._lazy = lazy

    def __getitem__(self, key: Any) -> Any:
        return dict.__getitem__(self._lazy, key)

    def __iter__(self) -> Iterator[Any]:
        return dict.__iter__(self._lazy)

    def __len__(self) -> int:
        return len(self._lazy)


class LazyList(list[Any]):
    """A sequence of the project with templates in it."""

    __slots__ = ("renderer",)

    def __init__(self, raw: Iterable[Any], renderer: Renderer) -> None:
        super().__init__(raw)
        self.renderer = renderer

    def _settle(self, index: int, value: Any) -> Any:
        if type(value) in _RAW:
            value = self.renderer.wrap(value, (id(self), index))
            list.__setitem__(self, index, value)
        return value

    def __getitem__(self, key: SupportsIndex | slice) -> Any:
        if isinstance(key, slice):
            return LazyList(super().__getitem__(key), self.renderer)
        index = key.__index__()
        return self._settle(index, super().__getitem__(index))

    def __iter__(self) -> Iterator[Any]:
        for index in range(len(self)):
            yield self[index]

    def __reversed__(self) -> Iterator[Any]:
        for index in range(len(self) - 1, -1, -1):
            yield self[index]

    def unwrapped(self) -> list[Any]:
        """A plain list of the same values, all through."""
        return [unwrap(value) for value in self]

    def copy(self) -> LazyList:
        """A lazy copy; what is already rendered stays so."""
        return LazyList(list.__iter__(self), self.renderer)

    __copy__ = copy

    def pop(self, index: SupportsIndex = -1) -> Any:
        """Remove an item and return it rendered."""
        value = self[index]
        del self[index]
        return value

    def index(self, *args: Any) -> int:
        """As list's."""
        return self.unwrapped().index(*args)

    def count(self, value: Any) -> int:
        """As list's."""
        return self.unwrapped().count(value)

    def remove(self, value: Any) -> None:
        """As list's."""
        del self[self.index(value)]

    def sort(self, *, key: Callable[[Any], Any] | None = None, reverse: bool = False) -> None:
        """As list's."""
        self[:] = sorted(self.unwrapped(), key=key, reverse=reverse)

    def extend(self, values: Iterable[Any]) -> None:
        """As list's."""
        super().extend(iter(values))

    def __contains__(self, value: object) -> bool:
        return value in self.unwrapped()

    def __eq__(self, other: object) -> bool:
        return bool(self.unwrapped() == unwrap(other))

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None

    def __lt__(self, other: Any) -> bool:
        return bool(self.unwrapped() < unwrap(other))

    def __le__(self, other: Any) -> bool:
        return bool(self.unwrapped() <= unwrap(other))

    def __gt__(self, other: Any) -> bool:
        return bool(self.unwrapped() > unwrap(other))

    def __ge__(self, other: Any) -> bool:
        return bool(self.unwrapped() >= unwrap(other))

    def __add__(self, other: Any) -> Any:
        return self.unwrapped() + unwrap(other)

    def __radd__(self, other: Any) -> Any:
        return unwrap(other) + self.unwrapped()

    def __mul__(self, count: SupportsIndex) -> list[Any]:
        return self.unwrapped() * count

    def __rmul__(self, count: SupportsIndex) -> list[Any]:
        return self.unwrapped() * count

    def __repr__(self) -> str:
        return repr(self.unwrapped())

    def __reduce__(self) -> tuple[type[list[Any]], tuple[list[Any]]]:
        return list, (self.unwrapped(),)


def unwrap(value: Any) -> Any:
    """``value`` without lazy containers in it, at any depth; the same object where there are none."""
    kind = type(value)
    if kind is LazyDict or kind is LazyList:
        return value.unwrapped()
    if kind in _PLAIN and _holds_lazy(value):
        if kind is dict:
            return {key: unwrap(item) for key, item in value.items()}
        return kind(unwrap(item) for item in value)
    return value


_PLAIN = frozenset((dict, list, tuple))
_NESTED = frozenset((dict, list, tuple, LazyDict, LazyList))


def _holds_lazy(value: Any) -> bool:
    items = value.values() if type(value) is dict else value
    kinds = set(map(type, items))
    if kinds.isdisjoint(_NESTED):
        return False
    if LazyDict in kinds or LazyList in kinds:
        return True
    return any(_holds_lazy(item) for item in items if type(item) in _PLAIN)


def private_copy(value: Any) -> Any:
    """A copy that may be changed without anybody else seeing it; lazy parts stay lazy."""
    kind = type(value)
    if kind is LazyDict:
        return LazyDict({key: private_copy(item) for key, item in _Stored(value).items()}, value.renderer)
    if kind is LazyList:
        return LazyList([private_copy(item) for item in list.__iter__(value)], value.renderer)
    if isinstance(value, (LocatedDict, LocatedList)) and value.templated:
        return value
    if isinstance(value, dict):
        return {key: private_copy(item) for key, item in value.items()}
    if isinstance(value, list):
        return [private_copy(item) for item in value]
    return value

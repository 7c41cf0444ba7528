"""What is a sequence and what is text: Ansible's `common.collections`."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, MutableMapping, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Hashable", "ImmutableDict", "Iterable", "Mapping", "MutableMapping", "Sequence", "count", "is_iterable",
           "is_sequence", "is_string"]  # fmt: skip


class ImmutableDict(Hashable, Mapping):  # type: ignore[type-arg]
    """A mapping that does not change and can be hashed."""

    def __init__(self, *args: "Any", **kwargs: "Any") -> "None":
        self._store = dict(*args, **kwargs)

    def __getitem__(self, key: "Any") -> "Any":
        return self._store[key]

    def __iter__(self) -> "Iterator[Any]":
        return iter(self._store)

    def __len__(self) -> "int":
        return len(self._store)

    def __hash__(self) -> "int":
        return hash(frozenset(self._store.items()))

    def __eq__(self, other: "Any") -> "bool":
        return isinstance(other, Mapping) and dict(self) == dict(other)

    def __repr__(self) -> "str":
        return "ImmutableDict({!r})".format(self._store)

    def union(self, overriding_mapping: "Any") -> "ImmutableDict":
        """A new one with the other's items on top."""
        return ImmutableDict(self._store, **dict(overriding_mapping))

    def difference(self, subtractive_iterable: "Any") -> "ImmutableDict":
        """A new one without these keys."""
        gone = frozenset(subtractive_iterable)
        return ImmutableDict((key, value) for key, value in self._store.items() if key not in gone)


def is_string(seq: "Any") -> "bool":
    """Whether it is text or bytes."""
    return isinstance(seq, (str, bytes))


def is_iterable(seq: "Any", include_strings: "bool" = False) -> "bool":
    """Whether it can be walked through; text only where asked."""
    return (include_strings or not is_string(seq)) and isinstance(seq, Iterable)


def is_sequence(seq: "Any", include_strings: "bool" = False) -> "bool":
    """Whether it is a sequence; text only where asked."""
    return (include_strings or not is_string(seq)) and isinstance(seq, Sequence)


def count(seq: "Any") -> "dict[Any, int]":
    """How often each element is there."""
    if not is_iterable(seq):
        raise Exception("Argument provided  is not an iterable")
    counts = {}  # type: dict[Any, int]
    for element in seq:
        counts[element] = counts.get(element, 0) + 1
    return counts

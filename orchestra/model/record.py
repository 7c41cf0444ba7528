"""``@record``: a frozen dataclass with slots that costs next to nothing to define; ``@mutable``: one that changes.

A run loads about a hundred of them, and ``@dataclass(frozen=True, slots=True)`` compiles six functions for each: that
was a quarter of what a start costs. Here one function serves all classes where that is fast enough, and ``__init__``,
where it is not, is compiled when the class turns out to be one of those with many objects. To everything else
(``fields``, ``replace``, ``match``, type checkers) a record is a dataclass.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform

_T = TypeVar("_T")
#: Objects of a class that are filled field by field; to compile a function takes as long as some twenty of them.
_FEW = 12


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[_T]) -> type[_T]:
    """Make a class of annotated fields frozen data: compared, hashed and shown by its fields."""
    made: Any = dataclass(init=False, repr=False, eq=False, slots=True)(_documented(cls))
    #: All that two records are compared by.
    made._record_values = attrgetter(*made.__match_args__, "__class__")
    for name, function in (("__init__", _late_init(made)), *_SHARED.items()):
        if name not in cls.__dict__:
            setattr(made, name, function)
    return made  # type: ignore[no-any-return]


@dataclass_transform(eq_default=False, field_specifiers=(field,))
def mutable(cls: type[_T]) -> type[_T]:
    """Make a class of annotated fields data that changes: a dataclass with slots, equal to itself alone."""
    return dataclass(repr=False, eq=False, slots=True)(_documented(cls))


def _documented(cls: type[_T]) -> type[_T]:
    """A class with a docstring: to one without, a dataclass gives its signature, and tokenizes source to find it."""
    if cls.__doc__ is None:
        cls.__doc__ = cls.__qualname__
    return cls


def _late_init(cls: Any) -> Callable[..., None]:
    """An ``__init__`` for the first few objects, which then puts a compiled one in its place."""
    left = _FEW

    def first_init(self: object, *values: Any, **named: Any) -> None:
        nonlocal left
        left -= 1
        if left < 0 or not _fill(self, cls, values, named):
            cls.__init__ = init = _compile_init(cls)
            init(self, *values, **named)

    return first_init


def _fill(made: object, cls: type[Any], values: tuple[Any, ...], named: dict[str, Any]) -> bool:
    """Set the fields one by one; whether the arguments were what the fields want."""
    items = fields(cls)
    given = dict(zip(cls.__match_args__, values), **named)  # noqa: B905 - their numbers differ by what has a default
    if len(values) > len(items) or len(given) != len(values) + len(named):
        return False
    for item in items:
        value = given.pop(item.name, item.default)
        if value is MISSING:
            make: Any = item.default_factory
            if make is MISSING:
                return False
            value = make()
        getattr(cls, item.name).__set__(made, value)
    return not given


def _compile_init(cls: type[Any]) -> Callable[..., None]:
    """The function that a dataclass would have; slots are set by their own descriptors, past ``__setattr__``."""
    known: dict[str, Any] = {"MISSING": MISSING}
    parameters, body = [], []
    for item in fields(cls):
        known[f"set_{item.name}"] = getattr(cls, item.name).__set__
        known[f"default_{item.name}"] = item.default
        known[f"make_{item.name}"] = item.default_factory
        parameter, value = _parameter(item)
        parameters.append(parameter)
        body.append(f" set_{item.name}(self, {value})")
    lines = [f"def __init__(self, {', '.join(parameters)}):", *body, " pass"]
    exec("\n".join(lines), known)  # noqa: S102 - names of fields are all that goes in
    init: Callable[..., None] = known["__init__"]
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    return init


def _parameter(item: Field[Any]) -> tuple[str, str]:
    """A field as a parameter, and the value that it gets."""
    name = item.name
    if item.default is not MISSING:
        return f"{name}=default_{name}", name
    if item.default_factory is not MISSING:
        return f"{name}=MISSING", f"make_{name}() if {name} is MISSING else {name}"
    return name, name


def _equals(self: Any, other: Any) -> Any:
    if other.__class__ is not self.__class__:
        return NotImplemented
    values = self.__class__._record_values
    return values(self) == values(other)


def _hash(self: Any) -> int:
    return hash(self.__class__._record_values(self))


def _reduce(self: Any) -> tuple[type[Any], tuple[Any, ...]]:
    """How copies are made."""
    return self.__class__, tuple(getattr(self, name) for name in self.__match_args__)


def _show(self: Any) -> str:
    shown = (f"{item.name}={getattr(self, item.name)!r}" for item in fields(self) if item.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _refuse_set(self: object, name: str, value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_delete(self: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


_SHARED: dict[str, Callable[..., Any]] = {
    "__eq__": _equals,
    "__hash__": _hash,
    "__repr__": _show,
    "__reduce__": _reduce,
    "__setattr__": _refuse_set,
    "__delattr__": _refuse_delete,
}

"""Filters about lists as sets, and about combinations of their items. The order of items is kept."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import Any

from jinja2 import pass_environment
from jinja2.filters import do_unique

from orchestra.errors import TemplateError


@pass_environment
def unique(environment: Any, items: Any, case_sensitive: bool | None = None, attribute: Any = None) -> list[Any]:
    """The items without repetitions."""
    items = list(items)
    try:
        return list(do_unique(environment, items, bool(case_sensitive), attribute))
    except TypeError as error:
        if case_sensitive is False or attribute:
            raise TemplateError(f"unique cannot fall back to comparing whole items, with case: {error}") from error
    return _distinct(items)


def _distinct(items: Iterable[Any]) -> list[Any]:
    items = list(items)
    try:
        return list(dict.fromkeys(items))
    except TypeError:
        found: list[Any] = []
        for item in items:
            if item not in found:
                found.append(item)
        return found


def _lookup_table(items: Iterable[Any]) -> Any:
    """The items in the form that answers ``in`` fastest."""
    items = list(items)
    try:
        return frozenset(items)
    except TypeError:
        return items


def intersect(first: Any, second: Any) -> list[Any]:
    """The items that are in both."""
    return _picked(first, second, wanted=True)


def difference(first: Any, second: Any) -> list[Any]:
    """The items of the first that are not in the second."""
    return _picked(first, second, wanted=False)


def _picked(first: Any, second: Any, *, wanted: bool) -> list[Any]:
    known = _lookup_table(second)
    try:
        return _distinct(item for item in first if (item in known) is wanted)
    except TypeError:
        known = list(second)
        return _distinct(item for item in first if (item in known) is wanted)


def symmetric_difference(first: Any, second: Any) -> list[Any]:
    """The items that are in one of them only."""
    return difference(first, second) + difference(second, first)


def union(first: Any, second: Any) -> list[Any]:
    """The items that are in either."""
    return _distinct([*first, *second])


FILTERS: dict[str, Callable[..., Any]] = {
    "unique": unique,
    "intersect": intersect,
    "difference": difference,
    "symmetric_difference": symmetric_difference,
    "union": union,
    "product": itertools.product,
    "permutations": itertools.permutations,
    "combinations": itertools.combinations,
    "zip": zip,
    "zip_longest": itertools.zip_longest,
}

"""Filters of ansible.utils and community.general that find a way in data: paths, positions, lists as sets."""

from __future__ import annotations

import itertools
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jinja2 import pass_environment

from orchestra.errors import TemplateError
from orchestra.templating.finish import finish


@pass_environment
def get_path(environment: Any, var: Any, path: str, wantlist: bool = False) -> Any:
    """What a path like ``a.b[0]['c']`` leads to."""
    value = var
    for key in _keys(path):
        value = environment.getitem(value, key)
    return [value] if wantlist and not isinstance(value, list) else value


_STEP = re.compile(r"""\.?([^.\[\]]+)|\[(\d+)\]|\[(?:'([^']*)'|"([^"]*)")\]""")


def _keys(path: str) -> Iterator[Any]:
    at = 0
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None:
            raise TemplateError(f"the path '{path}' is not understood at '{path[at:]}'", hint="write a.b[0]['c d']")
        name, index, single, double = step.groups()
        yield int(index) if index is not None else next(text for text in (name, single, double) if text is not None)
        at = step.end()


def to_paths(var: Any, prepend: str | None = None, wantlist: bool | None = None) -> Any:
    """Every value in nested data by its path."""
    found = dict(_paths(finish(var), prepend or ""))
    return [found] if wantlist else found


def _paths(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _paths(item, _longer(path, key))
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from _paths(item, f"{path}[{index}]")
    else:
        yield path, value


def _longer(path: str, key: Any) -> str:
    if not isinstance(key, str):
        return f"{path}[{key}]"
    if re.fullmatch(r"[a-zA-Z_][a-zA-Z_0-9]*", key):
        return f"{path}.{key}" if path else key
    return f"{path}['{key}']" if "'" not in key else f'{path}["{key}"]'


@pass_environment
def index_of(
    environment: Any,
    data: Any,
    test: str,
    value: Any = None,
    key: Any = None,
    fail_on_missing: bool = False,
    wantlist: bool = False,
) -> Any:
    """The positions of the items for which a test holds: one alone, or a list."""
    data = data if isinstance(data, (list, tuple)) else [data]
    found = [at for at, item in enumerate(data) if _holds(environment, item, test, value, key, fail_on_missing)]
    return found[0] if len(found) == 1 and not wantlist else found


def _holds(environment: Any, item: Any, test: str, value: Any, key: Any, strict: bool) -> bool:
    if key is not None:
        if not isinstance(item, Mapping):
            raise TemplateError(f"a list of dictionaries was expected, not {item!r}")
        if key not in item:
            if strict:
                raise TemplateError(f"'{key}' was not found in {item!r}")
            return False
        item = item[key]
    return bool(environment.call_test(test, item, () if value is None else (value,)))


def accumulate(items: Any) -> list[Any]:
    """The running sums."""
    if not isinstance(items, (list, tuple, str)):
        raise TemplateError(f"Invalid value type ({type(items)}) for accumulate ({items!r})")
    return list(itertools.accumulate(items, operator.add))


def _lists(terms: tuple[Any, ...], flatten: bool) -> list[list[Any]]:
    if flatten:
        terms = tuple(item for term in terms for item in (term if _all_lists(term) else [term]))
    for term in terms:
        if not isinstance(term, (list, tuple)):
            raise TemplateError(f"All arguments must be lists, {term!r} is none")
    return [list(term) for term in terms]


def _all_lists(term: Any) -> bool:
    return isinstance(term, (list, tuple)) and bool(term) and all(isinstance(item, (list, tuple)) for item in term)


def _unique(items: list[Any]) -> list[Any]:
    found: list[Any] = []
    for item in items:
        if item not in found:
            found.append(item)
    return found


def _of_several(fold: Callable[[list[list[Any]]], list[Any]]) -> Callable[..., list[Any]]:
    """``fold`` over lists; one alone stays as it is."""

    def run(*terms: Any, flatten: bool = False) -> list[Any]:
        lists = _lists(terms, flatten)
        return fold(lists) if len(lists) > 1 else [item for items in lists for item in items]

    return run


def _union(lists: list[list[Any]]) -> list[Any]:
    return _unique([item for items in lists for item in items])


def _intersection(lists: list[list[Any]]) -> list[Any]:
    first, *others = lists
    return _unique([item for item in first if all(item in other for other in others)])


def _difference(lists: list[list[Any]]) -> list[Any]:
    first, *others = lists
    return _unique([item for item in first if not any(item in other for other in others)])


def _symmetric_difference(lists: list[list[Any]]) -> list[Any]:
    found = _unique(lists[0])
    for other in lists[1:]:
        found = [item for item in found if item not in other] + [item for item in _unique(other) if item not in found]
    return found


FILTERS: dict[str, Callable[..., Any]] = {
    "get_path": get_path,
    "to_paths": to_paths,
    "index_of": index_of,
    "accumulate": accumulate,
    "lists_union": _of_several(_union),
    "lists_intersect": _of_several(_intersection),
    "lists_difference": _of_several(_difference),
    "lists_symmetric_difference": _of_several(_symmetric_difference),
}

"""Filters of community.general and ansible.utils that projects use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from orchestra.errors import TemplateError
from orchestra.templating.finish import finish
from orchestra.templating.versions import loose


def json_query(data: Any, expression: str) -> Any:
    """What a JMESPath expression finds in the data."""
    try:
        import jmespath  # type: ignore[import-untyped,import-not-found,unused-ignore]
    except ImportError:
        raise TemplateError(
            "json_query needs the Python package jmespath", hint="pip install 'orchestra[jmespath]'"
        ) from None
    try:
        return jmespath.search(expression, finish(data))
    except jmespath.exceptions.JMESPathError as error:
        raise TemplateError(f"json_query does not understand '{expression}': {error}") from None


def dict_kv(value: Any, key: Any) -> dict[Any, Any]:
    """A dictionary with one entry."""
    return {key: value}


def to_dict(pairs: Any) -> dict[Any, Any]:
    """A dictionary of a list of pairs."""
    return dict(pairs)


def counter(items: Any) -> dict[Any, int]:
    """How often each item occurs."""
    if isinstance(items, str) or not isinstance(items, Sequence):
        raise TemplateError(f"counter takes a list, not a {type(items).__name__}")
    return dict(Counter(items))


def version_sort(items: Any, reverse: bool = False) -> list[Any]:
    """The items in the order of versions."""
    return sorted(items, key=lambda item: loose(str(item)), reverse=reverse)


def keep_keys(records: Any, target: Any = None, matching_parameter: str = "equal") -> list[dict[Any, Any]]:
    """The records with only the keys that match."""
    matches = _matcher(target, matching_parameter)
    return [{key: value for key, value in record.items() if matches(str(key))} for record in _records(records)]


def remove_keys(records: Any, target: Any = None, matching_parameter: str = "equal") -> list[dict[Any, Any]]:
    """The records without the keys that match."""
    matches = _matcher(target, matching_parameter)
    return [{key: value for key, value in record.items() if not matches(str(key))} for record in _records(records)]


def replace_keys(records: Any, target: Any = None, matching_parameter: str = "equal") -> list[dict[Any, Any]]:
    """The records with keys renamed; ``target`` is a list of ``before`` and ``after``."""
    rules = [(_matcher([rule["before"]], matching_parameter), rule["after"]) for rule in target or ()]
    return [{_renamed(key, rules): value for key, value in record.items()} for record in _records(records)]


def _renamed(key: Any, rules: list[tuple[Callable[[str], bool], Any]]) -> Any:
    return next((after for matches, after in rules if matches(str(key))), key)


def _records(records: Any) -> Sequence[Mapping[Any, Any]]:
    if not isinstance(records, (list, tuple)) or not all(isinstance(record, Mapping) for record in records):
        raise TemplateError("a list of dictionaries was expected")
    return records


def _matcher(target: Any, how: str) -> Callable[[str], bool]:
    import re

    names = [target] if isinstance(target, str) else list(target or ())
    if how == "equal":
        return lambda key: key in names
    if how == "starts_with":
        return lambda key: key.startswith(tuple(names))
    if how == "ends_with":
        return lambda key: key.endswith(tuple(names))
    if how == "regex":
        pattern = re.compile(names[0])
        return lambda key: pattern.match(key) is not None
    raise TemplateError(f"'{how}' is no way to match keys", hint="there are equal, starts_with, ends_with and regex")


def lists_mergeby(*terms: Any, recursive: bool = False, list_merge: str = "replace") -> list[Any]:
    """Lists of dictionaries merged by the value of a key, which is the last argument."""
    from orchestra.templating.filters.structures import combine

    *lists, index = terms
    if len(lists) == 1 and all(isinstance(item, list) for item in lists[0]):
        lists = lists[0]
    if len(lists) == 1:
        return list(lists[0])
    merged: dict[Any, Any] = {}
    for item in (item for items in lists for item in items):
        if not isinstance(item, Mapping):
            raise TemplateError(f"a list of dictionaries was expected, not {item!r}")
        if index not in item:
            continue
        below = merged.get(item[index], {})
        merged[item[index]] = combine(below, item, recursive=recursive, list_merge=list_merge)
    return [merged[key] for key in sorted(merged)]


def groupby_as_dict(records: Any, attribute: str) -> dict[Any, Any]:
    """The records keyed by one of their members, which has to differ in each."""
    found: dict[Any, Any] = {}
    for record in _records(records):
        if attribute not in record:
            raise TemplateError(f"Attribute '{attribute}' not contained in an element")
        if record[attribute] in found:
            raise TemplateError(f"Multiple sequence entries have attribute value {record[attribute]!r}")
        found[record[attribute]] = record
    return found


def fact_diff(before: Any, after: Any, plugin: Any = None, common: bool = True) -> str:
    """How two structures differ, as a unified diff of their YAML."""
    import difflib

    from orchestra.templating.filters.serial import to_nice_yaml

    texts = [to_nice_yaml(value, sort_keys=True).splitlines() for value in (before, after)]
    context = max(map(len, texts)) if common else 0
    return "\n".join(difflib.unified_diff(texts[0], texts[1], "before", "after", lineterm="", n=context))


FILTERS: dict[str, Callable[..., Any]] = {
    "json_query": json_query,
    "dict_kv": dict_kv,
    "dict": to_dict,
    "counter": counter,
    "version_sort": version_sort,
    "keep_keys": keep_keys,
    "remove_keys": remove_keys,
    "replace_keys": replace_keys,
    "lists_mergeby": lists_mergeby,
    "groupby_as_dict": groupby_as_dict,
    "fact_diff": fact_diff,
}

"""Filters about dictionaries and lists as structures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from jinja2 import pass_environment
from jinja2.filters import sync_do_groupby

from orchestra.errors import TemplateError
from orchestra.templating.faults import type_name
from orchestra.templating.marker import Marker

_LIST_MERGES = ("replace", "keep", "append", "prepend", "append_rp", "prepend_rp")


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple))


def flatten(items: Any, levels: int | None = None, skip_nulls: bool = True) -> list[Any]:
    """The items with lists among them undone, all or ``levels`` deep."""
    found: list[Any] = []
    for item in items:
        if skip_nulls and not isinstance(item, Marker) and (item is None or item in ("None", "null")):
            continue
        if _is_list(item) and (levels is None or levels >= 1):
            found.extend(flatten(item, None if levels is None else int(levels) - 1, skip_nulls))
        else:
            found.append(item)
    return found


def combine(*terms: Any, recursive: bool = False, list_merge: str = "replace", **unknown: Any) -> Any:
    """One dictionary of several; later ones win."""
    if unknown:
        raise TemplateError("'recursive' and 'list_merge' are the only valid keyword arguments")
    if list_merge not in _LIST_MERGES:
        raise TemplateError(
            f"'list_merge' argument can not be '{list_merge}'", hint=f"there are {', '.join(_LIST_MERGES)}"
        )
    dictionaries = flatten(terms, levels=1)
    for dictionary in dictionaries:
        if isinstance(dictionary, Marker):
            dictionary._marker_trip()
        if not isinstance(dictionary, Mapping):
            raise _not_all_dictionaries(dictionaries)
    if len(dictionaries) == 1:
        return dictionaries[0]
    result: dict[Any, Any] = {}
    for dictionary in dictionaries:
        result = _merged(result, dictionary, recursive, list_merge)
    return result


def _not_all_dictionaries(terms: list[Any]) -> TemplateError:
    kinds = " and a ".join(f"'{type_name(term)}'" for term in terms)
    wrong = next(term for term in terms if not isinstance(term, Mapping))
    return TemplateError(
        f"failed to combine variables, expected dicts but got a {kinds}.", hint=f"this is no dictionary: {wrong!r}"
    )


def _merged(below: Mapping[Any, Any], above: Mapping[Any, Any], recursive: bool, list_merge: str) -> dict[Any, Any]:
    result = dict(below.items())
    if not below:
        return dict(above.items())
    for key, value in above.items():
        old = result.get(key)
        if recursive and isinstance(old, Mapping) and isinstance(value, Mapping):
            result[key] = _merged(old, value, recursive, list_merge)
        elif key in result and isinstance(old, list) and isinstance(value, list):
            result[key] = _merged_list(old, value, list_merge)
        else:
            result[key] = value
    return result


def _merged_list(below: list[Any], above: list[Any], how: str) -> list[Any]:
    if how == "keep":
        return below
    if how == "append":
        return below + above
    if how == "prepend":
        return above + below
    if how == "append_rp":
        return [item for item in below if item not in above] + above
    if how == "prepend_rp":
        return above + [item for item in below if item not in above]
    return above


@pass_environment
def extract(environment: Any, item: Any, container: Any, morekeys: Any = None) -> Any:
    """What ``container`` has under the key ``item``, and under further keys in that."""
    keys = [item]
    if morekeys is not None:
        keys.extend(morekeys if isinstance(morekeys, list) else [morekeys])
    value = container
    for key in keys:
        value = value if isinstance(value, Marker) else environment.getitem(value, key)
    return value


def dict2items(dictionary: Any, key_name: str = "key", value_name: str = "value") -> list[dict[str, Any]]:
    """A list of the dictionary's entries as small dictionaries."""
    if not isinstance(dictionary, Mapping):
        raise TemplateError(f"dict2items requires a dictionary, got <class '{type_name(dictionary)}'> instead")
    return [{key_name: key, value_name: dictionary[key]} for key in dictionary]


def items2dict(items: Any, key_name: str = "key", value_name: str = "value") -> dict[Any, Any]:
    """A dictionary of a list of small dictionaries with keys and values."""
    if not _is_list(items):
        raise TemplateError(f"items2dict requires a list, got <class '{type_name(items)}'> instead")
    try:
        return {item[key_name]: item[value_name] for item in items}
    except KeyError as missing:
        raise TemplateError(
            "items2dict requires each dictionary in the list to contain the keys"
            f" '{key_name}' and '{value_name}', {missing} is missing",
            hint="name the keys: items2dict(key_name='name', value_name='x')",
        ) from None
    except TypeError:
        raise TemplateError("items2dict requires a list of dictionaries") from None


def subelements(records: Any, path: Any, skip_missing: bool = False) -> list[tuple[Any, Any]]:
    """Each record with each item of a list inside it, as a pair."""
    if not isinstance(records, (dict, list)):
        raise TemplateError("obj must be a list of dicts or a nested dict")
    if not isinstance(path, (str, list)):
        raise TemplateError("subelements must be a list or a string")
    keys = path.split(".") if isinstance(path, str) else list(path)
    found: list[tuple[Any, Any]] = []
    for record in records.values() if isinstance(records, dict) else records:
        items = _inside(record, keys, skip_missing)
        found.extend((record, item) for item in items)
    return found


def _inside(record: Any, keys: list[Any], skip_missing: bool) -> list[Any]:
    value = record
    for key in keys:
        try:
            value = value[key]
        except KeyError:
            if skip_missing:
                return []
            raise TemplateError(f"could not find {key!r} key in iterated item {value!r}") from None
        except TypeError:
            raise TemplateError(f"the key {key} should point to a dictionary, got '{value}'") from None
    if not isinstance(value, list):
        raise TemplateError(f"the key {keys[-1]!r} should point to a list, got {value!r}")
    return value


def rekey_on_member(data: Any, key: Any, duplicates: str = "error") -> dict[Any, Any]:
    """A dictionary of dictionaries, keyed by one of their members."""
    if duplicates not in ("error", "overwrite"):
        raise TemplateError(f"duplicates parameter to rekey_on_member has unknown value {duplicates!r}")
    if isinstance(data, str) or not isinstance(data, Iterable):
        raise TemplateError("Type is not a valid list, set, or dict")
    found: dict[Any, Any] = {}
    for item in data.values() if isinstance(data, Mapping) else data:
        if not isinstance(item, Mapping):
            raise TemplateError(f"List item is not a valid dict: {item!r}")
        if key not in item:
            raise TemplateError(f"Key {key!r} was not found.")
        if item[key] in found and duplicates == "error":
            raise TemplateError(f"Key {item[key]!r} is not unique, cannot convert to dict.")
        found[item[key]] = item
    return found


class Group(NamedTuple):
    """What groupby makes: the value that the items share, and the items."""

    grouper: Any
    list: list[Any]


@pass_environment
def groupby(*args: Any, **kwargs: Any) -> list[Group]:
    """The items in groups that share an attribute's value."""
    return [Group(found.grouper, found.list) for found in sync_do_groupby(*args, **kwargs)]


FILTERS: dict[str, Callable[..., Any]] = {
    "flatten": flatten,
    "combine": combine,
    "extract": extract,
    "dict2items": dict2items,
    "items2dict": items2dict,
    "subelements": subelements,
    "rekey_on_member": rekey_on_member,
    "groupby": groupby,
}

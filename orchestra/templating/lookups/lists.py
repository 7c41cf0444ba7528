"""Lookups that make lists out of lists: what ``with_items``, ``with_dict``, ``with_nested`` ... go through."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from orchestra.errors import TemplateError
from orchestra.templating.faults import type_name
from orchestra.templating.lookups.call import Lookup, LookupCall

_SEQUENCE_OPTIONS = ("start", "end", "stride", "count", "format")
_NUMBER = "(?:0?x?[0-9a-f]+)"
_SHORT_SEQUENCE = re.compile(
    rf"(?:(?P<start>{_NUMBER})-)?(?P<end>{_NUMBER})(?:/(?P<stride>{_NUMBER}))?(?::(?P<format>.+))?", re.IGNORECASE
)


def _flat(terms: Iterable[Any]) -> list[Any]:
    """One level of lists undone."""
    flat: list[Any] = []
    for term in terms:
        if isinstance(term, (list, tuple)):
            flat.extend(iter(term))
        else:
            flat.append(term)
    return flat


def items(call: LookupCall) -> Sequence[Any]:
    """The terms, with one level of lists undone."""
    return _flat(call.terms)


def plain_list(call: LookupCall) -> Sequence[Any]:
    """The terms as they are."""
    return list(call.terms)


def pairs(call: LookupCall) -> Sequence[Any]:
    """Each dictionary's entries as ``key`` and ``value``."""
    found: list[Any] = []
    for term in call.terms:
        if not isinstance(term, Mapping):
            raise TemplateError(
                f"the 'dict' lookup plugin expects a dictionary, got '{term}' of type <class '{type_name(term)}'>"
            )
        found.extend({"key": key, "value": term[key]} for key in term)
    return found


def nested(call: LookupCall) -> Sequence[Any]:
    """Every combination of one item of each list."""
    if not call.terms:
        raise TemplateError("with_nested requires at least one element in the nested list")
    found = [[item] if not isinstance(item, (list, tuple)) else list(item) for item in _as_list(call.terms[0])]
    for term in call.terms[1:]:
        found = [_flat([head, tail]) for head in found for tail in _as_list(term)]
    return [_flat(row) for row in found]


def cartesian(call: LookupCall) -> Sequence[Any]:
    """The product of all lists."""
    if not call.terms:
        raise TemplateError("with_cartesian requires at least one element in each list")
    return [_flat(row) for row in itertools.product(*map(_as_list, call.terms))]


def together(call: LookupCall) -> Sequence[Any]:
    """The first of every list, then the second; None where one is shorter."""
    if not call.terms:
        raise TemplateError("with_together requires at least one element in each list")
    return [_flat(row) for row in itertools.zip_longest(*map(_as_list, call.terms))]


def indexed_items(call: LookupCall) -> Sequence[Any]:
    """Each item with its index in front."""
    return list(enumerate(_flat(call.terms)))


def flattened(call: LookupCall) -> Sequence[Any]:
    """All items, with every level of lists undone; null items are left out."""
    return list(_flat_deeply(call.terms))


def _flat_deeply(terms: Iterable[Any]) -> Iterator[Any]:
    for term in terms:
        if isinstance(term, (list, tuple)):
            yield from _flat_deeply(term)
        elif term not in (None, "None", "null"):
            yield term


def random_choice(call: LookupCall) -> Sequence[Any]:
    """One of the terms, drawn."""
    return [random.SystemRandom().choice(call.terms)] if call.terms else []


def _as_list(term: Any) -> Any:
    return term if isinstance(term, Iterable) else [term]


def subelements(call: LookupCall) -> Sequence[Any]:
    """Each record with each item of a list inside it, as a pair."""
    if not 2 <= len(call.terms) <= 3:
        raise TemplateError(
            "subelements lookup expects a list of two or three items", hint="records, the key of a list, flags"
        )
    records, path = call.terms[0], call.terms[1]
    flags = call.terms[2] if len(call.terms) == 3 else {}
    if not isinstance(records, (list, dict)) or not isinstance(path, str):
        raise TemplateError("first a dict or a list, second a string pointing to the subkey")
    if not isinstance(flags, Mapping):
        raise TemplateError("the optional third item must be a dict with flags skip_missing")
    if isinstance(records, dict) and records.get("skipped", False) is not False:
        return []
    skip = LookupCall([], dict(flags)).flag("skip_missing")
    found: list[Any] = []
    for record in records.values() if isinstance(records, dict) else records:
        found.extend(_subelements_of(record, path.split("."), skip))
    return found


def _subelements_of(record: Any, path: list[str], skip_missing: bool) -> Iterator[tuple[Any, Any]]:
    if not isinstance(record, dict):
        raise TemplateError(f"a dictionary was expected, not {record!r}")
    if record.get("skipped", False) is not False:
        return
    record, holder = _copy_along(record, path[:-1])
    last = path[-1]
    if holder is None or last not in holder:
        if skip_missing:
            return
        raise TemplateError(f"could not find '{last}' key in iterated item '{record!r}'")
    if not isinstance(holder[last], list):
        raise TemplateError(f"the key {last} should point to a list, got '{holder[last]}'")
    for item in holder.pop(last):
        yield record, item


def _copy_along(record: dict[str, Any], path: list[str]) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """A copy of the record and the dictionary in it that ``path`` leads to, so that this one can be changed."""
    record = dict(record.items())
    holder = record
    for key in path:
        inner = holder.get(key)
        if inner is not None and not isinstance(inner, dict):
            raise TemplateError(f"the key {key} should point to a dictionary, got '{inner}'")
        if inner is None:
            return record, None
        holder[key] = holder = dict(inner.items())
    return record, holder


def sequence(call: LookupCall) -> Sequence[Any]:
    """Numbers from start to end, as formatted text."""
    found: list[str] = []
    for term in call.terms or ([""] if call.options else []):
        found.extend(_numbers(_sequence_call(call, str(term))))
    return found


def _sequence_call(call: LookupCall, term: str) -> LookupCall:
    short = _SHORT_SEQUENCE.fullmatch(term)
    if short is None:
        rest, inline = call.inline(term)
        unknown = sorted(inline.options.keys() - {*_SEQUENCE_OPTIONS, *call.options})
        if unknown:
            hint = f"there are {', '.join(_SEQUENCE_OPTIONS)}"
            raise TemplateError(f"unrecognized arguments to with_sequence: {unknown}", hint=hint)
        if rest:
            raise TemplateError(f"'{rest}' is not understood", hint="write start=1 end=10 stride=2 format=web%02d")
        return inline
    given = {name: value for name, value in short.groupdict().items() if value is not None}
    return LookupCall([], {**call.options, **given})


def _numbers(call: LookupCall) -> list[str]:
    start, count, end = call.number("start", 1), call.number("count"), call.number("end")
    stride, pattern = call.number("stride", 1), call.text("format", "%d")
    assert start is not None
    assert stride is not None
    if count is None and end is None:
        raise TemplateError("must specify count or end in with_sequence")
    if count is not None and end is not None:
        raise TemplateError("can't specify both count and end in with_sequence")
    if count == 0 or stride == 0:
        return []
    if end is None:
        end = start + (count or 0) * stride - 1
    if stride > 0 and end < start:
        raise TemplateError("to count backwards make stride negative")
    if stride < 0 and end > start:
        raise TemplateError("to count forward don't make stride negative")
    if pattern.count("%") != 1:
        raise TemplateError(f"bad formatting string: {pattern}", hint="it needs one place for the number, like %02d")
    try:
        return [pattern % number for number in range(start, end + (1 if stride > 0 else -1), stride)]
    except (TypeError, ValueError) as error:
        raise TemplateError(f"bad formatting string: {pattern} ({error})") from None


LOOKUPS: dict[str, Lookup] = {
    "items": items,
    "list": plain_list,
    "dict": pairs,
    "nested": nested,
    "cartesian": cartesian,
    "together": together,
    "indexed_items": indexed_items,
    "flattened": flattened,
    "random_choice": random_choice,
    "subelements": subelements,
    "sequence": sequence,
}

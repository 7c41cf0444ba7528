"""What is derived from a secret is a secret.

The rule for a call: when it returned text and a secret was among its arguments, at any depth, the text is one too,
unless it is one of the arguments' own innocent items. A container keeps its items as they are, except where the
call took a secret text apart (``split``, ``from_json``): then every text in it is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from orchestra.model.origin import ProjectText
from orchestra.model.secret import MIN_MATCH_LENGTH, Redactor, Secret

#: Filters whose result says nothing by itself and can only come from the secret: it is masked by matching as well.
ENCODERS = frozenset(
    ("b64encode", "checksum", "hash", "md5", "password_hash", "quote", "sha1", "to_json", "to_nice_json", "urlencode")
)
_NESTED = (dict, list, tuple)
_TEXTS = (str, ProjectText)


def keep_secret(result: Any, given: Iterable[Any], redactor: Redactor, encoder: bool = False) -> Any:
    """Return ``result`` of a call with the arguments ``given``, as a Secret where it has to be one."""
    kind = type(result)
    if kind in _TEXTS:
        if not _is_derived(result, given):
            return result
        if encoder and len(result) > MIN_MATCH_LENGTH:
            redactor.add(result)
        return Secret(result)
    if kind in _NESTED and any(type(item) is Secret for item in given):
        return _taint(result)
    return result


def _is_derived(text: str, given: Iterable[Any]) -> bool:
    """Say whether a secret is in ``given``, and ``text`` is not simply another item of it."""
    found = False
    for item in leaves(given):
        if item is text:
            return False
        found = found or type(item) is Secret
    return found


def leaves(items: Iterable[Any]) -> Iterable[Any]:
    """Every scalar inside, at any depth (not the keys of mappings)."""
    for item in items:
        if isinstance(item, dict):
            yield from leaves(item.values())
        elif isinstance(item, (list, tuple)):
            yield from leaves(item)
        else:
            yield item


def _taint(value: Any) -> Any:
    if type(value) in _TEXTS:
        return Secret(value)
    if isinstance(value, Mapping):
        return {key: _taint(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_taint(item) for item in value) if type(value) in _NESTED else list(map(_taint, value))
    return value


def arguments(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Iterable[Any]:
    """All arguments of a call."""
    return chain(args, kwargs.values())

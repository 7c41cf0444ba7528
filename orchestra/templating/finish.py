"""The last step of rendering: from what a template computed to the plain data that leaves the room.

No lazy containers, no markers, no iterators, no values to omit; a marker found here is the error that it stands for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time
from typing import Any

from jinja2 import Undefined
from jinja2.environment import TemplateModule

from orchestra.errors import TemplateError
from orchestra.model.origin import ProjectText
from orchestra.model.secret import Sealed, Secret
from orchestra.templating.marker import Marker
from orchestra.templating.omit import OMIT

_SCALARS = frozenset((str, ProjectText, int, float, bool, type(None), Secret, datetime, date, time, bytes))


class Embedded(str):
    """A quoted text in a template that itself holds template marks; lookups render it, all else takes it as text."""

    __slots__ = ()


def finish(value: Any) -> Any:
    """Plain data for ``value``, all through; the same object for a scalar.

    Raises:
        Tripped: an undefined value is in it.
        TemplateError: a value that no variable can hold.
    """
    kind = type(value)
    if kind in _SCALARS:
        return value
    if kind is list or kind is tuple:
        if _SCALARS.issuperset(map(type, value)):
            return list(value)
        return [finish(item) for item in value if item is not OMIT]
    if isinstance(value, Mapping):
        return {_key(key): finish(item) for key, item in value.items() if item is not OMIT}
    return _finish_rare(value)


def _key(key: Any) -> Any:
    return key if type(key) in _SCALARS else finish(key)


def _finish_rare(value: Any) -> Any:
    if isinstance(value, Marker):
        value._marker_trip()
    if value is OMIT:
        return value
    if isinstance(value, Undefined):
        raise TemplateError("an inline 'if' without 'else' has no value here", hint="add: else '' (or: else omit)")
    if isinstance(value, (list, tuple, AbstractSet, Iterator, range)):
        return [finish(item) for item in value if item is not OMIT]
    if isinstance(value, (str, TemplateModule)):
        return str(value)
    if isinstance(value, Sealed):
        return value.reveal()
    for kind in (bool, int, float):
        if isinstance(value, kind):
            return kind(value)
    if callable(value):
        name = getattr(value, "__name__", type(value).__name__)
        raise TemplateError(f"the result is the function '{name}', not a value", hint=f"call it: {name}()")
    return value


def finish_partly(value: Any, stand_in: Callable[[Marker], Any]) -> Any:
    """As ``finish``, with what ``stand_in`` says in place of each undefined part.

    Raises:
        OrchestraError: a part's template failed.
    """
    if type(value) is Marker:
        return stand_in(value)
    if isinstance(value, Mapping):
        return {_key(key): finish_partly(item, stand_in) for key, item in value.items() if item is not OMIT}
    if isinstance(value, (list, tuple)):
        return [finish_partly(item, stand_in) for item in value if item is not OMIT]
    return finish(value)


def written_text(value: Any) -> str:
    """As ``text_of``, inside an expression: there a tuple is still one."""
    return text_of(value) if not isinstance(value, (Mapping, list, tuple)) else _text(_with_tuples(value))


def _with_tuples(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {_key(key): _with_tuples(item) for key, item in value.items() if item is not OMIT}
    if isinstance(value, (list, tuple)):
        items = [_with_tuples(item) for item in value if item is not OMIT]
        return tuple(items) if isinstance(value, tuple) else items
    return finish(value)


def text_of(value: Any) -> str:
    """``value`` as text, the way Python writes it; a Secret if one is in it."""
    kind = type(value)
    if kind is str or kind is Secret:
        return value  # type: ignore[no-any-return]
    if kind in _SCALARS or not isinstance(value, (Mapping, list, tuple)):
        return str(value)
    return _text(finish(value))


def _text(value: Any) -> str:
    found: list[Secret] = []
    text = str(_bared(value, found))
    return Secret(text) if found else text


def join_text(parts: Iterable[Any]) -> str:
    """The text of all parts together; secret if one is."""
    texts = [part if type(part) is str else text_of(part) for part in parts]
    text = "".join(texts)
    return Secret(text) if Secret in map(type, texts) else text


def joined_text(parts: Iterable[Any]) -> str:
    """As ``join_text``, for ``~`` inside an expression."""
    return join_text(part if type(part) is str else written_text(part) for part in parts)


def _bared(value: Any, found: list[Secret]) -> Any:
    """``value`` with secrets as plain text, because they do not show themselves otherwise."""
    if type(value) is Secret:
        found.append(value)
        return str(value)
    if type(value) is dict:
        return {key: _bared(item, found) for key, item in value.items()}
    if type(value) is list or type(value) is tuple:
        return type(value)(_bared(item, found) for item in value)
    return value

"""Reads one mapping's keywords: types checked, unknown names reported, everything located."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestra.errors import nearest
from orchestra.language.keywords import KINDS, TASKS, TITLES, Keyword, keyword_at, names_at
from orchestra.language.problems import Problems
from orchestra.model.origin import LocatedDict, Origin, ProjectText, TemplateText


def key_origin(mapping: Mapping[Any, Any], key: Any) -> Origin | None:
    """Where ``key`` stands, else where the mapping starts."""
    if isinstance(mapping, LocatedDict):
        return mapping.key_origins.get(key) or mapping.origin
    return None


def value_origin(mapping: Mapping[Any, Any], key: Any) -> Origin | None:
    """Where the value of ``key`` stands, else where the key does."""
    if isinstance(mapping, LocatedDict):
        return mapping.value_origins.get(key) or key_origin(mapping, key)
    return None


def read_keywords(mapping: Mapping[Any, Any], place: str, problems: Problems) -> tuple[dict[str, Any], dict[Any, Any]]:
    """Split ``mapping`` into keywords that may stand at ``place`` and everything else."""
    keywords: dict[str, Any] = {}
    rest: dict[Any, Any] = {}
    for name, value in mapping.items():
        row = keyword_at(name, place)
        if row is None:
            rest[name] = value
        elif _is_judged_later(row, value, place) or _fits(row, name, value, mapping, problems):
            keywords[name] = (
                _locate_conditions(value, value_origin(mapping, name)) if row.kind == "conditions" else value
            )
    return keywords, rest


def _is_judged_later(row: Keyword, value: Any, place: str) -> bool:
    """A task fails with a text that is no truth value or number; nothing else does, and somebody may catch it."""
    return place in TASKS and row.kind in ("bool", "int") and isinstance(value, str)


def _locate_conditions(value: Any, origin: Origin | None) -> Any:
    """Conditions are project text without template marks: keep where they stand."""
    if isinstance(value, list):
        places = getattr(value, "item_origins", ())
        return [_locate_conditions(item, places[i] if i < len(places) else origin) for i, item in enumerate(value)]
    return TemplateText(value, origin) if type(value) in (str, ProjectText) else value


def _fits(row: Keyword, name: str, value: Any, mapping: Mapping[Any, Any], problems: Problems) -> bool:
    test, expected = KINDS[row.kind]
    if test(value):
        return True
    text = _MALFORMED.get(row.kind, _MALFORMED.get(name, "{name!r} must be {expected}, this is {value}"))
    problems.add(
        text.format(name=name, expected=expected, value=_describe(value)),
        value_origin(mapping, name) or key_origin(mapping, name),
    )
    return False


#: What ansible-core says in its own words: by kind or name of the keyword.
_MALFORMED = {
    "steps": "A malformed block was encountered while loading {name}: {value} should be a list or None",
    "roles": "A malformed role declaration was encountered. {name!r} must be {expected}, this is {value}",
}


def _describe(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return f"{value!r}"


def refuse_unknown(rest: Mapping[Any, Any], mapping: Mapping[Any, Any], place: str, problems: Problems) -> None:
    """Report each key of ``rest`` as a keyword that does not exist here."""
    for name in rest:
        unknown_keyword(problems, name, place, key_origin(mapping, name))


def unknown_keyword(problems: Problems, name: object, place: str, origin: Origin | None) -> None:
    """Report a keyword that does not exist at ``place``."""
    known = names_at(place) if keyword_at(name, place) is None else ()
    close = nearest(str(name), known)
    problems.add(
        f"{str(name)!r} is not a valid attribute for a {TITLES.get(place, place.capitalize())}",
        origin,
        f"did you mean {' or '.join(close)}?" if close else "",
    )

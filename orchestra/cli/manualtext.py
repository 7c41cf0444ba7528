"""Pages of plugins, roles and keywords as text for people, and as data in ansible-doc's shape."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from orchestra.language.keywords import Keyword
from orchestra.language.rolemanual import RoleManual
from orchestra.plugins.manual import Manual

_WIDTH = 88
_SOURCES = ("env", "ini", "vars", "cli")


def plugin_text(manual: Manual) -> str:
    """Everything about a plugin."""
    lines = [f"{manual.kind.upper()} {manual.name}    ({manual.path or 'built in'})", "", *_said(manual.doc)]
    if manual.doc.get("options"):
        lines += ["OPTIONS (= is required)", "", *option_lines(manual.doc["options"], 0)]
    for title in ("notes", "author"):
        if manual.doc.get(title):
            lines += [f"{title.upper()}: {'; '.join(_texts(manual.doc[title]))}", ""]
    if manual.examples.strip():
        lines += ["EXAMPLES", "", *(f"  {line}".rstrip() for line in manual.examples.strip().splitlines()), ""]
    if manual.returns:
        lines += ["RETURN VALUES", "", *option_lines(manual.returns, 0)]
    return "\n".join(lines)


def role_text(manual: RoleManual, entry: str = "") -> str:
    """A role's entry points, or one of them."""
    lines = [f"ROLE {manual.name}    ({manual.path})", ""]
    for name, spec in manual.entries.items():
        if entry in ("", name):
            short = spec.get("short_description")
            lines += [f"ENTRY POINT: {name}" + (f" - {short}" if short else ""), "", *_said(spec)]
            lines += ["OPTIONS (= is required)", "", *option_lines(spec.get("options") or {}, 0)]
    return "\n".join(lines)


def keyword_text(keyword: Keyword, sentence: str) -> str:
    """What a keyword is for, and where it may stand."""
    places = "".join(f"  - {place}\n" for place in keyword.places)
    return f"{keyword.name}:\n  description: {sentence}\n  type: {keyword.kind}\n  applies_to:\n{places}"


def _said(doc: Mapping[str, Any]) -> Iterator[str]:
    for paragraph in _texts(doc.get("description") or doc.get("short_description") or ()):
        yield from textwrap.wrap(paragraph, _WIDTH, initial_indent="  ", subsequent_indent="  ")
        yield ""


def option_lines(options: Mapping[str, Any], depth: int) -> Iterator[str]:
    """Options, or returned values, with what is inside them."""
    margin = "  " * depth
    for name, option in sorted(options.items(), key=_name):
        known: Mapping[str, Any] = option if isinstance(option, Mapping) else {"description": option}
        yield f"{margin}{'=' if known.get('required') else '-'} {name}"
        for paragraph in _texts(known.get("description") or ()):
            indent = margin + "    "
            yield from textwrap.wrap(paragraph, _WIDTH, initial_indent=indent, subsequent_indent=indent)
        yield from (f"{margin}    {key}: {value}" for key, value in _properties(known))
        yield ""
        for below in ("suboptions", "options", "contains"):
            if isinstance(known.get(below), Mapping):
                yield from option_lines(known[below], depth + 2)


def _name(item: tuple[Any, Any]) -> str:
    """Names in YAML need not be text: `on` is none."""
    return str(item[0])


def _properties(option: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key in ("type", "elements", "default", "choices", "aliases", "returned", "version_added"):
        value = option.get(key)
        if value is not None:
            yield key, ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    for source in _SOURCES:
        given = option.get(source)
        places = [place for place in given if isinstance(place, Mapping)] if isinstance(given, list) else ()
        if places:
            yield source, ", ".join(_place(place) for place in places)


def _place(place: Mapping[str, Any]) -> str:
    return f"[{place['section']}] {place.get('key')}" if "section" in place else str(place.get("name"))


def _texts(value: Any) -> Iterable[str]:
    return [" ".join(str(one).split()) for one in (value if isinstance(value, (list, tuple)) else [value])]


def listed(found: Mapping[str, str], *, as_json: bool) -> str:
    """A line for each name."""
    if as_json:
        return data_text(found)
    width = max(map(len, found), default=0)
    return "\n".join(f"{name:<{width}}  {text}" for name, text in found.items())


def data_text(data: Mapping[str, Any]) -> str:
    """As JSON."""
    return json.dumps(_by_text(data), indent=4, sort_keys=True, default=str)


def _by_text(data: Any) -> Any:
    if isinstance(data, Mapping):
        return {str(name): _by_text(value) for name, value in data.items()}
    return [_by_text(value) for value in data] if isinstance(data, (list, tuple)) else data


def plugin_data(manual: Manual) -> dict[str, Any]:
    """A plugin's page as ansible-doc has it."""
    doc = {**manual.doc, "name": manual.doc.get("name", manual.name), "filename": manual.path}
    return {"doc": doc, "examples": manual.examples or None, "metadata": None, "return": manual.returns or None}


def role_data(manual: RoleManual, entry: str = "") -> dict[str, Any]:
    """A role's page as ansible-doc has it."""
    entries = {name: spec for name, spec in manual.entries.items() if entry in ("", name)}
    return {"path": manual.path, "entry_points": entries}


def snippet(manual: Manual) -> str:
    """A start for those that are configured by a file or called in a template."""
    options = manual.doc.get("options") or {}
    if manual.kind == "inventory":
        return "".join([f"plugin: {manual.name}\n", *(f"# {name}:\n" for name in sorted(options) if name != "plugin")])
    words = "".join(f", {name}={option.get('default')!r}" for name, option in sorted(options.items()) if name[0] != "_")
    return f"lookup({manual.name!r}, 'TERM'{words})\n"

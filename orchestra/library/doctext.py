"""A module's declaration as text for people, as JSON, and as a task to paste."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from orchestra.library.catalogue import Library
from orchestra.library.declaration import ModuleDeclaration
from orchestra.runner.options import Option, declared

_WIDTH = 88
_INTERNAL = "Internal:"


def list_modules(library: Library, prefixes: Sequence[str], *, as_json: bool = False) -> str:
    """A line for each module: its name and first sentence."""
    return _listed({name: _summary(library, name) for name in _named(library, prefixes)}, as_json=as_json)


def list_files(library: Library, prefixes: Sequence[str], *, as_json: bool = False) -> str:
    """A line for each module: its name and its file."""
    found = {name: library.find(name) for name in _named(library, prefixes)}
    return _listed({name: one.path if one else "" for name, one in found.items()}, as_json=as_json)


def _named(library: Library, prefixes: Sequence[str]) -> list[str]:
    wanted = tuple(map(_short, prefixes))
    return [name for name in library.names() if name.startswith(wanted or "") and not name.startswith("_")]


def _listed(found: Mapping[str, str], *, as_json: bool) -> str:
    if as_json:
        return json.dumps(found, indent=4, sort_keys=True)
    width = max(map(len, found), default=0)
    return "\n".join(f"{name:<{width}}  {text}" for name, text in found.items())


def _short(name: str) -> str:
    return name.rpartition(".")[2]


def _summary(library: Library, name: str) -> str:
    declaration = library.find(name)
    return declaration.summary if declaration else ""


def public_options(options: Mapping[str, Option]) -> dict[str, Option]:
    """The options that a user may give."""
    return {name: option for name, option in options.items() if not option.help.startswith(_INTERNAL)}


def describe(module: ModuleDeclaration) -> str:
    """Everything about a module, for reading."""
    lines = [f"{module.name.upper()}    ({module.path})", ""]
    for paragraph in module.description.split("\n\n"):
        lines += [*textwrap.wrap(" ".join(paragraph.split()), _WIDTH, initial_indent="  ", subsequent_indent="  "), ""]
    if module.names:
        lines += [f"  Names: {', '.join(module.names)}", ""]
    if module.action:
        lines += ["  Done by the controller.", ""]
    if module.check_mode:
        lines += [f"  Check mode: {module.check_mode}", ""]
    lines += ["OPTIONS (= is required)", "", *_option_lines(module.options, 0)]
    if module.examples:
        lines += ["EXAMPLES", "", *(f"  {line}".rstrip() for line in module.examples.splitlines()), ""]
    if module.returns:
        lines += ["RETURN VALUES", "", *(f"  {name}: {text}" for name, text in module.returns.items()), ""]
    return "\n".join(lines)


def _option_lines(options: Mapping[str, Option], depth: int) -> Iterator[str]:
    margin = "  " * depth
    for name, option in sorted(public_options(options).items()):
        yield f"{margin}{'=' if option.required else '-'} {name}"
        indent = f"{margin}    "
        yield from textwrap.wrap(option.help, _WIDTH, initial_indent=indent, subsequent_indent=indent)
        yield from (f"{indent}{key}: {value}" for key, value in _properties(option))
        yield ""
        if option.options is not None:
            yield from _option_lines(declared(option.options), depth + 2)


def _properties(option: Option) -> Iterator[tuple[str, str]]:
    kind = f"{option.kind} of {option.elements}" if option.elements is not None else str(option.kind)
    yield "type", kind
    if option.default is not None:
        yield "default", json.dumps(option.default, default=str)
    if option.choices is not None:
        yield "choices", ", ".join(map(str, option.choices))
    if option.aliases:
        yield "aliases", ", ".join(option.aliases)
    if option.secret:
        yield "secret", "never shown"


def snippet(module: ModuleDeclaration) -> str:
    """A task with every option, the required ones marked."""
    lines = [f"- name: {module.summary}", f"  {module.name}:"]
    options = sorted(public_options(module.options).items(), key=lambda pair: (not pair[1].required, pair[0]))
    for name, option in options:
        mark = "(required) " if option.required else ""
        default = json.dumps(option.default, default=str) if option.default is not None else ""
        lines.append(f"      {name + ':':<24} {default:<12} # {mark}{textwrap.shorten(option.help, 70)}")
    return "\n".join(lines) + "\n"


def to_json(modules: Sequence[ModuleDeclaration]) -> str:
    """All that is declared, in ansible-doc's shape."""
    return json.dumps({module.name: page(module) for module in modules}, indent=4, sort_keys=True, default=str)


def page(module: ModuleDeclaration) -> dict[str, Any]:
    """A module's page as data."""
    return {
        "doc": {
            "module": module.name,
            "filename": module.path,
            "short_description": module.summary,
            "description": [" ".join(text.split()) for text in module.description.split("\n\n")],
            "options": {name: _option_data(option) for name, option in public_options(module.options).items()},
            "names": list(module.names),
        },
        "examples": module.examples,
        "return": {name: {"description": text} for name, text in module.returns.items()},
    }


def _option_data(option: Option) -> dict[str, Any]:
    data: dict[str, Any] = {"type": str(option.kind), "description": [option.help], "required": bool(option.required)}
    more = {
        "default": option.default,
        "choices": option.choices and list(option.choices),
        "aliases": list(option.aliases),
        "elements": option.elements and str(option.elements),
        "no_log": option.secret or None,
        "suboptions": option.options
        and {name: _option_data(one) for name, one in public_options(declared(option.options)).items()},
    }
    return data | {key: value for key, value in more.items() if value not in (None, [], "")}

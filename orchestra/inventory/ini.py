"""Inventories in INI form: ``[group]``, ``[group:children]``, ``[group:vars]``, and host lines with variables.

Values are typed as Python literals where they are some (``8080``, ``True``, ``['a']``) and are text otherwise; a host
line's are first split as a shell splits words. All problems of a file are collected.
"""

from __future__ import annotations

import ast
import re
import shlex
import warnings
from collections.abc import Callable, Container
from typing import Any

from orchestra.errors import LanguageError, ParseErrors, nearest
from orchestra.inventory.draft import Draft, located
from orchestra.inventory.hostnames import expand
from orchestra.language.yamltext import wrap
from orchestra.model.origin import LocatedDict, Origin, ProjectText

_SECTION = re.compile(r"\[(?P<name>[^:\]\s]+)(?::(?P<kind>\w+))?\]\s*(?:#.*)?")
_GROUP = re.compile(r"(?P<name>[^:\]\s]+)\s*(?:#.*)?")
#: Words that are text in any case, so that most values need no parser.
_PLAIN_WORD = re.compile(r"[A-Za-z_][\w./@~-]*|/[\w./@:~-]*|[0-9]+(?:\.[0-9]+){2,}")
_WHOLE_NUMBER = re.compile(r"-?[1-9][0-9]*")
_LITERAL_WORDS = {"True", "False", "None"}
_NEEDS_SHELL = re.compile(r"[\"'\\#]")
_KINDS = ("hosts", "children", "vars")


def parse_ini(
    text: str, file: str, *, known_groups: Container[str] = (), group_name: Callable[[str], str] = str
) -> Draft:
    """Read an INI inventory.

    ``known_groups`` are those of earlier sources; ``group_name`` may mend the names of groups.

    Raises:
        LanguageError: located; ParseErrors for several problems.
    """
    return _IniReader(file, known_groups, group_name).read(text)


class _IniReader:
    def __init__(self, file: str, known_groups: Container[str], group_name: Callable[[str], str]) -> None:
        self._file = file
        self._known_groups = known_groups
        self._group_name = group_name
        self._draft = Draft()
        self._problems: list[LanguageError] = []
        self._group, self._kind = "ungrouped", "hosts"
        #: Groups that a section or a host list declares; what else is named must be one of them in the end.
        self._declared = {"all", "ungrouped"}
        self._wanted: list[tuple[str, str, Origin]] = []
        self._vars: dict[str, tuple[dict[str, Any], dict[str, Origin]]] = {}

    def read(self, text: str) -> Draft:
        for number, raw in enumerate(text.splitlines(), 1):
            line = raw.strip()
            if line and line[0] not in "#;":
                self._line(line, Origin(self._file, number, len(raw) - len(raw.lstrip()) + 1))
        self._check_wanted()
        for group, (items, places) in self._vars.items():
            self._set_vars(group, items, places)
        if self._problems:
            self._problems.sort(key=lambda problem: problem.origin.line if problem.origin else 0)
            raise self._problems[0] if len(self._problems) == 1 else ParseErrors(self._problems)
        return self._draft

    def _set_vars(self, group: str, items: dict[str, Any], places: dict[str, Origin]) -> None:
        try:
            self._draft.set_group_vars(group, located(items, places, next(iter(places.values()))))
        except LanguageError as problem:
            self._problems.append(problem)

    def _problem(self, message: str, origin: Origin, hint: str = "") -> None:
        self._problems.append(LanguageError(message, origin=origin, hint=hint))

    def _line(self, line: str, origin: Origin) -> None:
        section = _SECTION.fullmatch(line)
        if section:
            self._section(section["name"], section["kind"] or "hosts", origin)
        elif line.startswith("[") and "]" not in line and "=" not in line:
            self._problem("this section's name is not closed", origin, f"write {line}]")
            self._kind = ""
        elif line.startswith("[") and line.endswith("]"):
            self._problem(
                f"{line} is no section", origin, "write [group], [group:children] or [group:vars], without spaces"
            )
            self._kind = ""
        elif self._kind == "hosts":
            self._host_line(line, origin)
        elif self._kind == "vars":
            self._variable(line, origin)
        elif self._kind == "children":
            self._child(line, origin)

    def _section(self, name: str, kind: str, origin: Origin) -> None:
        self._group, self._kind = self._group_name(name), kind
        if kind not in _KINDS:
            near = nearest(kind, _KINDS, 1) or ["children"]
            self._problem(
                f"[{name}:{kind}] is of no known kind", origin, f"write [{name}:{near[0]}]; known: {', '.join(_KINDS)}"
            )
            self._kind = ""
            return
        self._draft.add_group(self._group, origin)
        if kind == "vars":
            self._wanted.append((self._group, f"[{name}:vars] is about", origin))
        else:
            self._declared.add(self._group)

    def _child(self, line: str, origin: Origin) -> None:
        match = _GROUP.fullmatch(line)
        if not match:
            self._problem(f"{line!r} is no group name", origin, f"one group to a line in [{self._group}:children]")
            return
        child = self._group_name(match["name"])
        self._wanted.append((child, f"[{self._group}:children] names", origin))
        self._draft.add_child(self._group, child, origin)

    def _check_wanted(self) -> None:
        for name, who, origin in self._wanted:
            if name not in self._declared and name not in self._known_groups:
                near = nearest(name, self._declared - {"all", "ungrouped"}, 1)
                hint = f"did you mean {near[0]!r}? else " if near else ""
                self._problem(f"{who} the undefined group {name!r}", origin, f"{hint}declare it with [{name}]")

    def _variable(self, line: str, origin: Origin) -> None:
        key, equals, value = line.partition("=")
        if not equals:
            self._problem(f"{line!r} is no variable", origin, f"write name=value in [{self._group}:vars]")
            return
        items, places = self._vars.setdefault(self._group, ({}, {}))
        items[key.strip()] = typed_value(value.strip(), origin)
        places[key.strip()] = origin

    def _host_line(self, line: str, origin: Origin) -> None:
        first = line.split(maxsplit=1)[0]
        if first == "---":
            self._problem("'---' is no host name", origin, "a YAML inventory is called NAME.yml")
            return
        try:
            words = shlex.split(line, comments=True) if _NEEDS_SHELL.search(line) else line.split()
            if not words or not words[0]:
                raise ValueError("this is no host name")
            names, port = expand(words[0])
        except ValueError as error:
            self._problem(f"{first!r}: {error}", origin, _looks_like_yaml(line))
            return
        layer = self._host_variables(words[1:], line, origin, port)
        for name in names:
            self._draft.add_host(name, self._group, origin, layer)

    def _host_variables(self, words: list[str], line: str, origin: Origin, port: int | None) -> LocatedDict | None:
        items: dict[str, Any] = {} if port is None else {"ansible_port": port}
        places = dict.fromkeys(items, origin)
        searched = 0
        for word in words:
            key, equals, value = word.partition("=")
            searched = max(line.find(key, searched), searched)
            place = Origin(origin.file, origin.line, origin.column + searched)
            if not equals:
                hint = (
                    _looks_like_yaml(line)
                    or "write name=value; a name with spaces is no host, a value with spaces is quoted"
                )
                self._problem(f"{word!r} after a host name is no variable", place, hint)
                continue
            items[key] = typed_value(value, place)
            places[key] = place
        return located(items, places, origin) if items else None


def _looks_like_yaml(line: str) -> str:
    return "this looks like YAML: call the file NAME.yml" if line.endswith(":") or line.startswith("- ") else ""


def typed_value(text: str, origin: Origin) -> Any:
    """A value of an INI inventory: a Python literal if it is one, else text (which may be a template)."""
    if _PLAIN_WORD.fullmatch(text) and text not in _LITERAL_WORDS:
        return ProjectText(text)
    if _WHOLE_NUMBER.fullmatch(text):
        return int(text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        value = text
    return wrap(_plain(value), origin)


def _plain(value: Any) -> Any:
    """Literals that variables can not hold, as the nearest that they can."""
    if isinstance(value, (tuple, set, list)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    if value is ...:
        return "..."
    return str(value) if isinstance(value, complex) else value

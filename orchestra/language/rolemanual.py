"""What roles say of themselves to people: the entry points of their argument specifications."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from orchestra.errors import LanguageError
from orchestra.language.keywordreader import value_origin
from orchestra.language.project import first_existing
from orchestra.language.yamltext import load_file
from orchestra.model.record import record

_FILES = ("argument_specs.yml", "argument_specs.yaml", "main.yml", "main.yaml")


@record
class RoleManual:
    """One role: its name, its folder, and its entry points with what their specifications hold."""

    name: str
    path: str
    entries: Mapping[str, Mapping[str, Any]]


def roles_in(folders: Iterable[str], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Name and folder of each role that has a specification's file; those that win first. ``prefix``: a collection."""
    seen = set()
    for folder in folders:
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
            path = os.path.join(folder, name)
            if name not in seen and _file_of(path):
                seen.add(name)
                yield prefix + name, path


def manual_of(name: str, path: str) -> RoleManual:
    """A role's page; without entry points where it specifies none. Raises LanguageError."""
    data = load_file(_file_of(path) or "")
    specs = data.get("argument_specs") if isinstance(data, Mapping) else None
    found = specs.items() if isinstance(specs, Mapping) else ()
    entries = {str(entry): spec for entry, spec in found if isinstance(spec, Mapping)}
    for entry, spec in entries.items():
        if not isinstance(spec.get("options") or {}, Mapping):
            text = f"the options of the entry point {entry!r} of the role {name} must be a mapping"
            raise LanguageError(text, origin=value_origin(spec, "options"))
    return RoleManual(name, path, entries)


def _file_of(path: str) -> str | None:
    return first_existing([os.path.join(path, "meta", name) for name in _FILES])

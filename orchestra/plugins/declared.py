"""What a plugin's file declares of itself, read from its text: nothing of it runs."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Sequence
from typing import Any

from orchestra.ansible_api.documents import FindFragment, Options, declared_options
from orchestra.errors import LanguageError, UsageError
from orchestra.model.origin import Origin
from orchestra.plugins.places import PluginPlaces


def declared_in(path: str, find: FindFragment | None = None) -> Options:
    """The options in the ``DOCUMENTATION`` of a plugin's file; none where it has no such text.

    Raises:
        LanguageError: the file is no Python.
        OSError: it cannot be read.
    """
    return declared_options(assigned_texts(path, ("DOCUMENTATION",)).get("DOCUMENTATION"), find)


def assigned_texts(path: str, names: Iterable[str]) -> dict[str, Any]:
    """The constants that a Python file assigns to ``names`` at its top.

    Raises:
        LanguageError: the file is no Python.
        OSError: it cannot be read.
    """
    with open(path, "rb") as file:
        source = file.read()
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        raise LanguageError(f"this is no Python: {getattr(error, 'msg', error)}", origin=Origin(path, line)) from None
    found: dict[str, Any] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            targets = {target.id for target in node.targets if isinstance(target, ast.Name)}
            found.update(dict.fromkeys(targets.intersection(names), node.value.value))
    return found


def declared_by(places: PluginPlaces, kind: str, names: Sequence[str] = ()) -> dict[str, Options]:
    """The options of a project's plugins of a kind, those of ``names`` alone where there are any.

    Raises:
        UsageError: there is none of a name.
    """
    if not names:
        files = {os.path.basename(path)[: -len(".py")]: path for path in reversed([*places.files(kind)])}
        return {name: declared_in(files[name]) for name in sorted(files)}
    found = {name: places.find(kind, name) for name in names}
    missing = [name for name, place in found.items() if place is None]
    if missing:
        raise UsageError(f"there is no {kind} plugin {', '.join(map(repr, missing))}")
    return {name: declared_in(place.path) for name, place in found.items() if place is not None}

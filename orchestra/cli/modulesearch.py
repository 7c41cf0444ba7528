"""Finds the modules that a command line names, with the folders that settings and flags add."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from orchestra.cli.request import read_settings
from orchestra.errors import UsageError, nearest
from orchestra.library.catalogue import Library
from orchestra.library.declaration import ModuleDeclaration


def open_library(flags: Mapping[str, Any]) -> Library:
    """Our modules and those of the project in the current folder (or ``--playbook-dir``)."""
    settings = read_settings(flags)
    beside = os.path.join(settings.playbook_dir or os.getcwd(), "library")
    return Library([*settings.library, beside])


def find_modules(library: Library, names: Sequence[str]) -> list[ModuleDeclaration]:
    """The declarations of ``names``.

    Raises:
        UsageError: a name that is none; all of them at once, with the nearest.
    """
    found = [(name, library.find(name)) for name in names]
    problems = [_missing(library, name) for name, declaration in found if declaration is None]
    if problems:
        raise UsageError("\n".join(problems))
    return [declaration for _, declaration in found if declaration is not None]


def _missing(library: Library, name: str) -> str:
    if library.lacks(name):
        return f"module {name!r} exists in the Ansible world and not here"
    near = nearest(name.rpartition(".")[2], library.names())
    return f"there is no module {name!r}" + (f"; did you mean {' or '.join(near)}?" if near else "")

"""Wrappers under Ansible's command names, for scripts and CI jobs that call these names."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from orchestra.dropin.translate import TOOLS
from orchestra.errors import UsageError

_MARK = "# Written by `orchestra shims`: Orchestra answers to this name, ansible-core does not."


def wrapper(tool: str, python: str) -> str:
    """The text of the wrapper for ``tool``. The current folder is kept out of the interpreter's path."""
    return f'#!/bin/sh\n{_MARK}\nexec {shlex.quote(python)} -P -m orchestra as {tool} "$@"\n'


def write_wrappers(folder: str, *, python: str = sys.executable, force: bool = False) -> Sequence[str]:
    """Write all wrappers into ``folder``, which is made; returns their paths.

    Raises:
        UsageError: something else has such a name there already, and ``force`` is not given.
    """
    target = Path(folder)
    paths = [target / tool for tool in TOOLS]
    foreign = [str(path) for path in paths if os.path.lexists(path) and not _ours(path)]
    if foreign and not force:
        raise UsageError(
            f"not written by Orchestra, and not replaced: {', '.join(foreign)}",
            hint="choose another folder, or give --force",
        )
    target.mkdir(parents=True, exist_ok=True)
    for path in paths:
        _write(path, wrapper(path.name, python))
    return [str(path) for path in paths]


def _write(path: Path, text: str) -> None:
    """Replace ``path`` at once: a shell that runs the old wrapper goes on with that."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.write_text(text)
    new.chmod(0o755)
    new.replace(path)


def _ours(path: Path) -> bool:
    try:
        return _MARK in path.read_text(errors="replace")
    except OSError:
        return False

"""Filters about paths on the controller (and names of Windows paths)."""

from __future__ import annotations

import glob
import ntpath
import os.path
from collections.abc import Callable
from typing import Any

from orchestra.errors import TemplateError
from orchestra.templating.faults import type_name
from orchestra.templating.filters.text import as_text


def path_join(paths: Any) -> str:
    """The parts joined to one path."""
    if isinstance(paths, str):
        return os.path.join(paths)
    if isinstance(paths, (list, tuple)):
        return os.path.join(*paths)
    raise TemplateError(f"|path_join expects string or sequence, got <class '{type_name(paths)}'> instead.")


def commonpath(paths: Any) -> str:
    """The longest path that all paths begin with."""
    if not isinstance(paths, (list, tuple)):
        raise TemplateError(f"|commonpath expects sequence, got <class '{type_name(paths)}'> instead.")
    return os.path.commonpath(paths)


def fileglob(pattern: Any) -> list[str]:
    """The files that match a pattern."""
    return [path for path in glob.glob(as_text(pattern)) if os.path.isfile(path)]


FILTERS: dict[str, Callable[..., Any]] = {
    "basename": os.path.basename,
    "dirname": os.path.dirname,
    "expanduser": os.path.expanduser,
    "expandvars": os.path.expandvars,
    "realpath": os.path.realpath,
    "relpath": os.path.relpath,
    "normpath": os.path.normpath,
    "splitext": os.path.splitext,
    "win_basename": ntpath.basename,
    "win_dirname": ntpath.dirname,
    "win_splitdrive": ntpath.splitdrive,
    "path_join": path_join,
    "commonpath": commonpath,
    "fileglob": fileglob,
}

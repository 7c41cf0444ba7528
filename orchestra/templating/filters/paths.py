"""Filters about paths on the controller (and names of Windows paths)."""

from __future__ import annotations

import glob
import ntpath
import os.path
from collections.abc import Callable
from typing import Any

from orchestra.errors import TemplateError
from orchestra.templating.filters.text import as_text


def _on_text(function: Callable[..., Any]) -> Callable[..., Any]:
    def filter_path(value: Any, *args: Any, **kwargs: Any) -> Any:
        return function(as_text(value), *args, **kwargs)

    return filter_path


def path_join(paths: Any) -> str:
    """The parts joined to one path."""
    if isinstance(paths, str):
        return os.path.join(paths)
    if isinstance(paths, (list, tuple)):
        return os.path.join(*paths)
    raise TemplateError(f"text or a list was expected, not a {type(paths).__name__}")


def commonpath(paths: Any) -> str:
    """The longest path that all paths begin with."""
    if not isinstance(paths, (list, tuple)):
        raise TemplateError(f"a list of paths was expected, not a {type(paths).__name__}")
    return os.path.commonpath(paths)


def fileglob(pattern: Any) -> list[str]:
    """The files that match a pattern."""
    return [path for path in glob.glob(as_text(pattern)) if os.path.isfile(path)]


FILTERS: dict[str, Callable[..., Any]] = {
    "basename": _on_text(os.path.basename),
    "dirname": _on_text(os.path.dirname),
    "expanduser": _on_text(os.path.expanduser),
    "expandvars": _on_text(os.path.expandvars),
    "realpath": _on_text(os.path.realpath),
    "relpath": _on_text(os.path.relpath),
    "normpath": _on_text(os.path.normpath),
    "splitext": _on_text(os.path.splitext),
    "win_basename": _on_text(ntpath.basename),
    "win_dirname": _on_text(ntpath.dirname),
    "win_splitdrive": _on_text(ntpath.splitdrive),
    "path_join": path_join,
    "commonpath": commonpath,
    "fileglob": fileglob,
}

"""What is wrong with a plugin's file, and where in it. Loads nothing."""

from __future__ import annotations

import traceback
from types import ModuleType
from typing import Any

from orchestra.errors import OrchestraError
from orchestra.model.origin import Origin


class PluginFault(OrchestraError):
    """A plugin's file can not be loaded; located in it."""


def place_in(path: str, error: BaseException) -> Origin:
    """The line of ``path`` that an error went through last."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
    return Origin(path, (lines[-1] if lines else None) or 1, 1)


def class_in(module: ModuleType, cls: str, kind: str, name: str, path: str) -> type[Any]:
    """The class by which a file of this kind is a plugin. Raises PluginFault where it has none."""
    found: type[Any] | None = getattr(module, cls, None)
    if found is None:
        raise PluginFault(f"the {kind} plugin '{name}' has no class {cls}", origin=Origin(path, 1, 1))
    return found

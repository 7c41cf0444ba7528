"""Executes a plugin's file, with the names of Ansible importable, and says where one is at fault.

Knows nothing of what a plugin is for.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from types import ModuleType

from orchestra.ansible_api import hook
from orchestra.ansible_api.current import begin
from orchestra.model.origin import Origin
from orchestra.plugins.faults import PluginFault, place_in
from orchestra.plugins.places import PluginPlaces


class Loader:
    """Loads files of one project, each once."""

    def __init__(self, places: PluginPlaces, run: hook.Run) -> None:
        self._places = places
        self._run = run
        self._loaded: dict[str, ModuleType] = {}

    def begin(self) -> None:
        """From now on plugins ask this project's run for settings; ``load`` sees to that itself."""
        begin(self._run)

    def load(self, path: str, kind: str, collection: str = "") -> ModuleType:
        """The module of a plugin's file.

        Raises:
            PluginFault: it does not run, or needs what is not here.
        """
        known = self._loaded.get(path)
        if known is None:
            hook.install(self._run, self._places.folders("module_utils"), self._places.collection_roots())
            known = self._loaded[path] = _execute(path, kind, collection)
        return known


def _execute(path: str, kind: str, collection: str) -> ModuleType:
    stem = os.path.basename(path)[: -len(".py")]
    try:
        if collection:
            return importlib.import_module(f"ansible_collections.{collection}.plugins.{kind}.{stem}")
        return _execute_file(path, _name(path, kind, stem))
    except SyntaxError as error:
        raise PluginFault(f"{error.msg}", origin=Origin(error.filename or path, error.lineno or 1, 1)) from error
    except Exception as error:
        raise PluginFault(
            f"The {kind} plugin '{stem}' failed to load: {_said(error)}",
            origin=place_in(path, error),
            hint=_hint(error),
        ) from error


def _said(error: Exception) -> str:
    """What it says, and its type where that says more."""
    if isinstance(error, (ImportError, KeyError)) or not str(error):
        return f"{type(error).__name__}: {error}"
    return str(error)


def _name(path: str, kind: str, stem: str) -> str:
    """The name that a plugin's file knows itself by, as in Ansible; files of one name do not shadow each other."""
    return f"ansible.plugins.lookup.{stem}" if kind == "lookup" else f"ansible.plugins.{kind}.{stem}_{abs(hash(path))}"


def _execute_file(path: str, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None, "the file's name ends in .py"
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _hint(error: Exception) -> str:
    missing = getattr(error, "name", None) if isinstance(error, ImportError) else None
    if not missing:
        return ""
    if missing.split(".")[0] in ("ansible", "ansible_collections"):
        return (
            "Orchestra does not have this part of Ansible's Python interface; an ansible-core beside it would be used"
        )
    return f"install the Python package that has {missing!r} beside Orchestra"

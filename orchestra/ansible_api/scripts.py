"""What a Python program gets that imports ``ansible`` by itself: a project's script, a module that is tried by hand.

There is no run, so settings are read from the configuration that Orchestra would read here, and what is said goes to
the terminal. The finder that Python asks (backend/site/_orchestra_ansible.py) comes here only when nobody else has
``ansible``; within a run ``hook`` stands before it.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from _frozen_importlib import ModuleSpec
from collections.abc import Callable, Mapping
from functools import cache
from importlib.abc import InspectLoader
from types import CodeType, ModuleType
from typing import Any

from orchestra import ansible_api
from orchestra.ansible_api.byhand import HandSession
from orchestra.ansible_api.current import Run, begin, current
from orchestra.ansible_api.hook import ControllerFinder
from orchestra.runner.foreign import session
from orchestra.runner.foreign.finder import full

__all__ = ["find_spec"]


def find_spec(name: str) -> ModuleSpec | None:
    """Where a name of Ansible's Python interface is; None where it is not among ours."""
    return _finder().find_spec(name)


@cache
def _finder() -> _ScriptsFinder:
    return _ScriptsFinder()


class _ScriptsFinder(ControllerFinder):
    """The same names as in a run; the first that is imported begins what takes a run's place."""

    #: By this the finder that Python asks tells ours from an ansible-core.
    serves_scripts = True

    def exec_module(self, module: ModuleType) -> None:
        """Part of Python's import protocol."""
        if current() is None:
            begin(Run(_setting, _from_file, _warn, outputs=Spoken))
            session.begin(HandSession())
        super().exec_module(module)
        if module.__name__ in self.names:
            module.__file__ = self._file(module.__name__)

    def get_code(self, name: str) -> CodeType | None:
        """What ``python -m NAME`` runs; None: nothing."""
        found = importlib.util.find_spec(full(self.names[name])) if name in self.names else None
        loader = found.loader if found is not None else None
        return loader.get_code(found.name) if isinstance(loader, InspectLoader) and found is not None else None

    def _file(self, name: str) -> str:
        """Scripts look at where things lie: the top is this room."""
        source = ansible_api if name == "ansible" else sys.modules[full(self.names[name])]
        return source.__file__ or ""


@cache
def _settings() -> Any:
    from orchestra.settings.load import load_settings

    return load_settings(os.environ, os.getcwd())


def _setting(name: str) -> Any:
    return _settings().get(name)


def _from_file(section: str, key: str) -> Any:
    return _settings().file_values.get(section, {}).get(key)


def _warn(text: str) -> None:
    sys.stderr.write(f"[WARNING]: {text}\n")


class Spoken:
    """What a program says through Ansible's Display: its own standard output and errors."""

    wanted = ""
    wants_ours = True
    verbosity = 0

    @property
    def columns(self) -> int:
        """How wide a banner is."""
        import shutil

        return shutil.get_terminal_size().columns

    def knows(self, callback: str) -> bool:
        """There is no run to show."""
        return False

    def show(self, text: str, colour: str = "", *, error: bool = False, newline: bool = True) -> None:
        """Write a text."""
        stream = sys.stderr if error else sys.stdout
        stream.write(text + "\n" * newline)
        stream.flush()

    def add(self, sink: Callable[[Any], None]) -> None:
        """There are no events."""

    replace = add

    def standard(self, dump: Callable[[dict[str, Any]], str] | None = None) -> Callable[[Any], None]:
        """There are no events."""
        return lambda event: None

    def dump(self, result: Mapping[str, Any], indent: int | None = None) -> str:
        """A result as text."""
        from orchestra.runner.foreign.text import jsonify

        return jsonify(dict(result), indent=indent)

    def diff(self, diffs: Any) -> str:
        """Differences are a run's."""
        return ""

    def mask(self, value: Any) -> Any:
        """Data as it is: there are no secrets but the program's own."""
        return value

"""Serves ``import ansible`` to programs: a project's script, a module that is tried by hand, ``python -m ansible``.

The finder that Python asks (backend/site/_orchestra_ansible.py) comes here only when nobody else has ``ansible``;
within a run ``ansible_api.hook`` stands before it. Nothing of the engine is imported until a program needs it.
"""

from __future__ import annotations

import importlib.util
import sys
from _frozen_importlib import ModuleSpec
from functools import cache
from importlib.abc import InspectLoader
from types import CodeType, ModuleType

from orchestra import ansible_api
from orchestra.ansible_api.current import begin, current
from orchestra.ansible_api.hook import ControllerFinder
from orchestra.runner.foreign import session
from orchestra.runner.foreign.finder import full
from orchestra.scripts.byhand import HandSession
from orchestra.scripts.project import run

__all__ = ["find_spec"]

#: Names that only programs outside a run have.
_NAMES = {
    "ansible.__main__": "orchestra.scripts.asmain",
    "ansible.inventory.manager": "orchestra.scripts.inventories",
    "ansible.module_utils.testing": "orchestra.scripts.byhand",
    "ansible.vars.manager": "orchestra.scripts.inventories",
}


def find_spec(name: str) -> ModuleSpec | None:
    """Where a name of Ansible's Python interface is; None where it is not among ours."""
    return _finder().find_spec(name)


@cache
def _finder() -> _ScriptsFinder:
    return _ScriptsFinder()


class _ScriptsFinder(ControllerFinder):
    """The same names as in a run, and some more; the first that is imported begins what takes a run's place."""

    #: By this the finder that Python asks tells ours from an ansible-core.
    serves_scripts = True

    def __init__(self) -> None:
        super().__init__()
        self.names.update(_NAMES)
        self.renew()

    def exec_module(self, module: ModuleType) -> None:
        """Part of Python's import protocol."""
        if current() is None:
            begin(run())
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
        """Scripts look at where things lie: the top is the room of these names."""
        source = ansible_api if name == "ansible" else sys.modules[full(self.names[name])]
        return source.__file__ or ""

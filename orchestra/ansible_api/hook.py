"""Makes the names of Ansible's Python interface importable on the controller, where no ansible-core is installed.

What modules and plugins share (``ansible.module_utils``) is the code that also runs on hosts; the rest is in this room.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from _frozen_importlib import ModuleSpec
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from orchestra.ansible_api.bases import BASES
from orchestra.ansible_api.current import Run, begin
from orchestra.runner.foreign import finder
from orchestra.runner.foreign.names import STAND_INS as SHARED

__all__ = ["ControllerFinder", "Run", "install"]

_HERE = "orchestra.ansible_api."
#: Name of Ansible -> file of this room.
NAMES = {
    "ansible.constants": "constants",
    "ansible.errors": "errors",
    "ansible.executor.stats": "outcomes",
    "ansible.executor.task_result": "outcomes",
    "ansible.parsing.ajson": "texts",
    "ansible.parsing.dataloader": "files",
    "ansible.parsing.quoting": "texts",
    "ansible.parsing.splitter": "texts",
    "ansible.parsing.vault": "vaults",
    "ansible.parsing.yaml.dumper": "yamls",
    "ansible.parsing.yaml.loader": "yamls",
    "ansible.parsing.yaml.objects": "yamls",
    "ansible._internal._templating._jinja_common": "undefined",
    "ansible._internal._testing": "selftest",
    "ansible.inventory.group": "inventory",
    "ansible.inventory.data": "varsplugin",
    "ansible.inventory.host": "varsplugin",
    "ansible.plugins.vars": "varsplugin",
    "ansible.inventory.helpers": "inventoryviews",
    "ansible.plugins": "base",
    "ansible.plugins.action": "action",
    "ansible.plugins.cache": "cache",
    "ansible.plugins.inventory": "inventory",
    "ansible.playbook.task": "tasks",
    "ansible.plugins.become": "becoming",
    "ansible.plugins.callback": "callback",
    "ansible.plugins.callback.default": "callback_default",
    "ansible.plugins.connection": "connection",
    "ansible.plugins.loader": "loader",
    "ansible.plugins.lookup": "lookup",
    "ansible.plugins.strategy": "strategy",
    "ansible.template": "templates",
    "ansible.utils": "texts",
    "ansible.utils.color": "colours",
    "ansible.utils.display": "display",
    "ansible.utils.encrypt": "values",
    "ansible.utils.listify": "texts",
    "ansible.utils.path": "values",
    "ansible.utils.unsafe_proxy": "values",
    "ansible.utils.vars": "values",
    "ansible.vars.clean": "cleaning",
}


def install(run: Run, shared: Sequence[str], roots: Sequence[str]) -> None:
    """Let plugins of ``run`` import; ``shared`` are folders named module_utils, ``roots`` those with collections."""
    begin(run)
    known = next((one for one in sys.meta_path if isinstance(one, ControllerFinder)), None)
    if known is None:
        known = ControllerFinder(_installed())
        sys.meta_path.insert(0, known)  # before an installed ansible-core, whose classes need its own engine
    known.packages["ansible.module_utils"][:] = shared
    if not set(known.packages["ansible_collections"]) <= set(roots):
        _forget_collections()
    known.packages["ansible_collections"][:] = roots


def _installed() -> Sequence[str]:
    """The folders of an ansible-core that is installed beside us; what the room scripts serves is none."""
    top = sys.modules.get("ansible")
    found = top.__spec__ if top is not None else importlib.util.find_spec("ansible")
    if found is None or isinstance(found.loader, ControllerFinder):
        return ()
    return list(found.submodule_search_locations or ())


def _forget_collections() -> None:
    """Another run, with collections elsewhere: those of the same names are not the same ones."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "ansible_collections"]:
        del sys.modules[name]


class ControllerFinder(finder.Finder):
    """The names of this room and those that hosts have."""

    def __init__(self, installed: Sequence[str] = ()) -> None:
        """``installed`` are the folders of an ansible-core beside us: what is not here is taken from there."""
        names = {name: _HERE + file for name, file in NAMES.items()} | SHARED
        names["ansible"] = names["ansible.release"] = "release"
        super().__init__(names, {})
        for package in ("ansible_collections", *BASES):
            self.packages.setdefault(package, [])
        self._installed = installed

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Part of Python's import protocol; what plugins build on is made when it is asked for."""
        found = super().find_spec(name, path, target)
        parent, _, short = name.rpartition(".")
        if found is None and parent in BASES and short in BASES[parent][0]:
            return ModuleSpec(name, self)  # type: ignore[arg-type]  # it has what the protocol asks for
        if found is not None and found.submodule_search_locations is not None and name.partition(".")[0] == "ansible":
            below = name.split(".")[1:]
            found.submodule_search_locations += [os.path.join(folder, *below) for folder in self._installed]
        return found

    def exec_module(self, module: ModuleType) -> None:
        """Part of Python's import protocol."""
        parent, _, short = module.__name__.rpartition(".")
        if parent in BASES and module.__name__ not in self.names:
            vars(module).update(BASES[parent][1](short))
        else:
            super().exec_module(module)

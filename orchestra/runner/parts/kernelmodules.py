"""Kernel modules: which are loaded, and the effect that loads or unloads one."""

import os

from orchestra.runner.sdk import NOTHING, Command, Failed, Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.system import System


def _name(text: "str") -> "str":
    return text.replace("-", "_")


def builtin_modules(system: "System") -> "set[str]":
    """Names of modules that are part of the kernel."""
    try:
        text = system.read_text("/lib/modules/{}/modules.builtin".format(os.uname()[2]))
    except OSError:
        return set()
    return {_name(line.rpartition("/")[2].partition(".")[0]) for line in text.splitlines()}


def is_loaded(system: "System", name: "str") -> "bool":
    """Whether a module is loaded or built in."""
    foretold = system.foreseen("kernel module", _name(name))
    if foretold is not NOTHING:
        return bool(foretold)
    try:
        rows = system.read_text("/proc/modules").splitlines()
    except OSError:
        rows = []
    return any(row.split(" ")[0] == _name(name) for row in rows) or _name(name) in builtin_modules(system)


class SetModule(Command):
    """modprobe NAME, or modprobe -r NAME."""

    predicts = True  # type: Any
    repeats = True  # type: Any
    undoes = True  # type: Any

    def __init__(self, name: "str", loaded: "bool", params: "Any" = ()) -> "None":
        super().__init__(["modprobe"] + ([name] + list(params) if loaded else ["-r", name]), touches=[], ok=None)
        self.name = name
        self.loaded = loaded
        self.params = list(params)

    def record(self) -> "dict[str, Any]":
        return {"name": self.name, "loaded": self.loaded, "params": self.params}

    def undo(self, system: "System") -> "Any":
        return [SetModule(self.name, not self.loaded)]

    def apply(self, system: "System") -> "Result":
        result = super().apply(system)
        if result.rc != 0:
            raise Failed(result.stderr.strip() or "modprobe failed", rc=result.rc, name=self.name)
        return result

    def predict(self, system: "System") -> "Result":
        system.foresee("kernel module", _name(self.name), self.loaded)
        return Result(True)

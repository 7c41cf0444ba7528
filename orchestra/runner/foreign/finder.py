"""Makes the names of Ansible's Python interface importable: ours under their names, and texts that a project brought.

The same finder works in a worker on a host and, with more names, on the controller. It stands last among the finders,
so that an installed ansible-core is taken first.
"""

import sys
from _frozen_importlib import ModuleSpec
from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

HERE = "orchestra.runner.foreign."
TOPS = ("ansible", "ansible_collections")
KEPT = ("__getattr__", "__doc__", "__version__", "__author__")  # not __all__: star imports get what we import too


class Finder:
    """`names`: dotted name -> `file of this folder`, `=module` or `full.name`; `texts`: dotted name -> (file, text)."""

    def __init__(self, names: "dict[str, str]", texts: "dict[str, tuple[str, str]]") -> "None":
        self.names = names
        self.texts = texts
        self.packages = {}  # type: dict[str, list[str]]  # folders of each
        self.renew()

    def renew(self) -> "None":
        """Find out which names are packages; after names or texts have joined."""
        for name in list(self.names) + list(self.texts):
            parent = name.rpartition(".")[0]
            while parent:
                self.packages.setdefault(parent, [])
                parent = parent.rpartition(".")[0]
        for name, (file, _) in self.texts.items():
            if file.endswith("/__init__.py"):
                self.packages.setdefault(name, [])

    def find_spec(self, name: "str", path: "Any" = None, target: "Any" = None) -> "ModuleSpec | None":
        """Part of Python's import protocol."""
        if name.partition(".")[0] not in TOPS:
            return None
        package = name in self.packages
        if not package and name not in self.names and name not in self.texts:
            return None
        spec = ModuleSpec(name, self, is_package=package)  # type: ignore[arg-type]
        if package:
            spec.submodule_search_locations = list(self.packages[name])
        if name in self.texts:
            spec.origin = self.texts[name][0]
        return spec

    def create_module(self, spec: "ModuleSpec") -> "None":
        """Part of Python's import protocol: the usual empty module."""

    def exec_module(self, module: "ModuleType") -> "None":
        """Part of Python's import protocol."""
        name = module.__name__
        if name in self.texts:
            file, text = self.texts[name]
            module.__file__ = file
            exec(compile(text, file, "exec", dont_inherit=True), module.__dict__)
        elif name in self.names:
            source = import_module(full(self.names[name]))
            for key, value in vars(source).items():
                if not key.startswith("__") or key in KEPT:
                    setattr(module, key, value)


def full(place: "str") -> "str":
    """The dotted name that a place of the table means."""
    if place[0] == "=":
        return place[1:]
    return place if "." in place else HERE + place


def install(finder: "Finder") -> "None":
    """Let imports ask `finder`, after all others."""
    if finder not in sys.meta_path:
        sys.meta_path.append(finder)

"""The first thing that runs on a host: makes the sources that came over the wire importable, then starts the runner.

Sources are text by module name; each is compiled when it is first imported, because compiling is what a start costs.
"""

import sys
from _frozen_importlib import ModuleSpec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

PACKAGES = {"orchestra", "orchestra.runner", "orchestra.runner.parts", "orchestra.modules"}


class Sources:
    """A finder and loader over a dict: module name -> (file name, text or zlib-compressed text)."""

    def __init__(self, texts: "dict[str, Any]") -> "None":
        self.texts = texts
        self.want = None  # type: Any  # a worker's way to ask the controller for one of the runner's files

    def add(self, name: "str", file: "str", text: "bytes | str") -> "None":
        """Make one more module importable."""
        self.texts[name] = (file, text)
        PACKAGES.add(name.rpartition(".")[0])

    def find_spec(self, name: "str", path: "Any" = None, target: "Any" = None) -> "ModuleSpec | None":
        """Part of Python's import protocol."""
        known = name in self.texts or name in PACKAGES
        if not known and not (self.want and name.startswith("orchestra.runner.") and self.want(name)):
            return None
        return ModuleSpec(name, self, is_package=name in PACKAGES)  # type: ignore[arg-type]

    def create_module(self, spec: "ModuleSpec") -> "None":
        """Part of Python's import protocol: the usual empty module."""

    def exec_module(self, module: "ModuleType") -> "None":
        """Part of Python's import protocol."""
        if module.__name__ in self.texts:
            file, text = self.texts[module.__name__]
            if isinstance(text, bytes):
                import zlib

                text = zlib.decompress(text).decode()
            module.__file__ = file
            exec(compile(text, file, "exec", dont_inherit=True), module.__dict__)


def start(texts: "dict[str, Any]") -> "None":
    """Serve requests until the controller hangs up; never returns."""
    sources = Sources(texts)
    sys.meta_path.insert(0, sources)
    from orchestra.runner.main import main

    main(sources, sys.argv[1])

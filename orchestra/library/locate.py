"""Finds module files in folders and loads them by path. Knows nothing of what a module declares."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from orchestra.errors import OrchestraError


@dataclass(frozen=True, slots=True)
class ModuleFile:
    """One module file: its short name, and whether it came with the product or from a project."""

    name: str
    path: str
    ours: bool


class ModuleFileError(OrchestraError):
    """A module file can not be read as one: a syntax error, or a failing import."""


def packaged_folder() -> Path:
    """Where the product's own modules are: orchestra/modules when installed, ../modules in a checkout."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "modules", package.parent / "modules"):
        if (folder / "ping.py").is_file():
            return folder
    raise ModuleFileError("the installation is incomplete: the folder of modules is missing beside " + str(package))


def module_files(folders: Iterable[str | os.PathLike[str]], ours: bool = False) -> Iterator[ModuleFile]:
    """Every module file in these folders, sorted within each."""
    for folder in folders:
        for entry in sorted(Path(folder).glob("*.py")):
            if not entry.name.startswith("_"):
                yield ModuleFile(entry.stem, str(entry), ours)


def load_file(path: str, prefix: str = "orchestra_modules") -> ModuleType:
    """Execute a module file under a name of its own; raises ModuleFileError with the place of the mistake."""
    name = f"{prefix}.{Path(path).stem}_{abs(hash(path)):x}"
    known = sys.modules.get(name)
    if known is not None:
        return known
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ModuleFileError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        del sys.modules[name]
        raise ModuleFileError(f"{path}:{error.lineno}: {error.msg}") from error
    except Exception as error:
        del sys.modules[name]
        raise ModuleFileError(f"{path}: {type(error).__name__}: {error}") from error
    return module

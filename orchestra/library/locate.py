"""Finds module files in folders and loads them by path. Knows nothing of what a module declares."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType

from orchestra.errors import OrchestraError
from orchestra.model.record import record


@record
class ModuleFile:
    """One module file: its short name, and whether it came with the product or from a project.

    ``action`` is a declaration alone: what it says is done by the controller.
    """

    name: str
    path: str
    ours: bool
    action: bool = False
    #: Of a collection's module: its package, and its full name.
    package: str = ""
    full_name: str = ""


#: Endings of files that lie among modules and are none.
_NO_MODULES = (".pyc", ".pyo", ".swp", ".bak", "~", ".rpm", ".md", ".txt", ".rst", ".yml", ".yaml", ".ini",
               ".ps1", ".orig")  # fmt: skip


class ModuleFileError(OrchestraError):
    """A module file can not be read as one: a syntax error, or a failing import."""


def packaged_folder() -> Path:
    """Where the product's own modules are: orchestra/modules when installed, ../modules in a checkout."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "modules", package.parent / "modules"):
        if (folder / "ping.py").is_file():
            return folder
    raise ModuleFileError("the installation is incomplete: the folder of modules is missing beside " + str(package))


def actions_folder() -> Path:
    """Where the declarations of the controller's own actions are."""
    return Path(__file__).resolve().parent / "actions"


def module_files(
    folders: Iterable[str | os.PathLike[str]], ours: bool = False, action: bool = False
) -> Iterator[ModuleFile]:
    """Every module file in these folders, sorted; ``_name.py`` is the module ``name`` where no other one is."""
    for folder in [os.fspath(one) for one in folders]:
        names = _module_names(folder, ".py" if ours else "")
        stems = [os.path.splitext(name)[0] for name in names]
        plain = set(stems)
        for stem, file in zip(stems, names, strict=True):
            name = stem.removeprefix("_")
            if name == stem or (not ours and name not in plain):
                yield ModuleFile(name, os.path.join(folder, file), ours, action)


def _module_names(folder: str, ending: str) -> list[str]:
    """The names of a folder's module files; none where there is no such folder."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries if entry.name.endswith(ending) and _is_module(entry))
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return []


def _is_module(entry: os.DirEntry[str]) -> bool:
    return not entry.name.startswith((".", "__")) and not entry.name.endswith(_NO_MODULES) and entry.is_file()


def collection_file(name: str, path: str) -> ModuleFile:
    """A collection's module by its full name and path."""
    collection, _, short = name.rpartition(".")
    package = f"ansible_collections.{collection}.plugins.modules"
    return ModuleFile(short, path, False, package=package, full_name=name)


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

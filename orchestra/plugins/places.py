"""Where a project keeps what it brings: beside its playbooks, in roles, in folders of the settings, in collections.

Folders are only listed here; nothing is loaded. A project without such folders pays for one listing of each folder.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from orchestra.model.record import record
from orchestra.plugins.groups import members
from orchestra.plugins.routing import Routing

#: Kind -> the folder's name beside a playbook or in a role, and below a collection's ``plugins/``.
FOLDERS = {
    "filter": "filter_plugins",
    "test": "test_plugins",
    "lookup": "lookup_plugins",
    "modules": "library",
    "module_utils": "module_utils",
    "action": "action_plugins",
    "callback": "callback_plugins",
    "connection": "connection_plugins",
    "become": "become_plugins",
    "strategy": "strategy_plugins",
    "inventory": "inventory_plugins",
    "vars": "vars_plugins",
    "cache": "cache_plugins",
    "doc_fragments": "doc_fragments",
}
_KINDS = {folder: kind for kind, folder in FOLDERS.items()}
_NOT_PYTHON = ("__init__.py",)


@record
class CollectionPlace:
    """One installed collection: its full name and its ``plugins`` folder."""

    name: str
    plugins: str

    def folder(self, kind: str) -> str:
        """Where its plugins of a kind are; it need not exist."""
        return os.path.join(self.plugins, kind)


@record
class Found:
    """One plugin's file: its kind, the name it goes by, and the collection it is of ("" for the project's own)."""

    kind: str
    name: str
    path: str
    collection: str = ""


def _root_of(folder: str) -> str:
    """The folder above ``ansible_collections``, where a path names that one itself."""
    above, last = os.path.split(folder.rstrip("/"))
    return above if last == "ansible_collections" else folder


class PluginPlaces:
    """The folders of one project, those that win first. Playbooks and roles join while they are read."""

    def __init__(self, settings: object, on_folder: Callable[[str, str], None] = lambda kind, path: None) -> None:
        """``settings`` has <kind>_plugins, library, module_utils and collections_path; ``on_folder`` hears of more."""
        self._found: dict[str, list[str]] = {kind: [] for kind in FOLDERS}
        self._asked: set[str] = set()
        #: Grows with every folder that joins, for those who keep what they found.
        self.version = 0
        self._on_folder = on_folder
        self._collections: dict[str, CollectionPlace | None] = {}
        self.routing = Routing(self._runtime_file)
        self.roots = [_root_of(folder) for folder in getattr(settings, "collections_path", ()) if folder]
        self._settled = {kind: tuple(_existing(getattr(settings, folder, ()))) for kind, folder in FOLDERS.items()}

    def add(self, folder: str) -> None:
        """A playbook's folder or a role: what it has of ours-to-be is found from now on."""
        folder = os.path.abspath(folder)
        if folder in self._asked:
            return
        self._asked.add(folder)
        self.version += 1
        for name in sorted(_names_in(folder)):
            kind = _KINDS.get(name)
            if kind is not None and os.path.isdir(os.path.join(folder, name)):
                path = os.path.join(folder, name)
                self._found[kind].append(path)
                self._on_folder(kind, path)

    def add_root(self, folder: str) -> None:
        """A folder that may hold ``ansible_collections``; it wins over those of the settings."""
        if folder not in self.roots:
            self.roots.insert(0, folder)
            self.version += 1
            self._collections.clear()

    def knows(self, kind: str) -> bool:
        """Whether a project may bring plugins of a kind."""
        return kind in self._found

    def folders(self, kind: str) -> Sequence[str]:
        """Every folder for a kind: playbooks' and roles' before those of the settings."""
        return (*self._found[kind], *self._settled[kind])

    def files(self, kind: str) -> Iterable[str]:
        """Every Python file of a kind, those that win first."""
        for folder in self.folders(kind):
            yield from python_files(folder)

    def collection_roots(self) -> list[str]:
        """Folders named ``ansible_collections`` that are there, also those beside the installed Python packages."""
        roots = [os.path.join(os.path.expanduser(root), "ansible_collections") for root in [*self.roots, *sys.path]]
        return [root for root in dict.fromkeys(roots) if os.path.isdir(root)]

    def collection(self, name: str) -> CollectionPlace | None:
        """An installed collection by ``namespace.name``."""
        if name not in self._collections:
            self._collections[name] = self._find_collection(name)
        return self._collections[name]

    def _find_collection(self, name: str) -> CollectionPlace | None:
        namespace, _, short = name.partition(".")
        for root in self.collection_roots():
            folder = os.path.join(root, namespace, short)
            if os.path.isdir(folder):
                return CollectionPlace(name, os.path.join(folder, "plugins"))
        return None

    def _runtime_file(self, collection: str) -> str:
        place = self.collection(collection)
        return os.path.join(os.path.dirname(place.plugins), "meta", "runtime.yml") if place is not None else ""

    def routed(self, kind: str, name: str) -> str:
        """The full name that a collection has moved a plugin to; ``name`` itself where it has not.

        Raises:
            PluginGone: the collection says that it was removed.
        """
        return self.routing.routed(kind, name) if name.count(".") >= 2 else name

    def action_group(self, name: str) -> frozenset[str]:
        """The full names of the modules in an action group; nothing for one that nobody has."""
        return members(name, self.routing.groups)

    def module(self, name: str) -> str | None:
        """The file of a collection's module by its full name, wherever the collection has moved it to."""
        found = self.find("modules", name) if name.count(".") >= 2 else None
        return found.path if found is not None else None

    def find(self, kind: str, name: str) -> Found | None:
        """The file of one plugin: by its file's name in the project's folders, by its full name in a collection.

        Raises:
            PluginGone: the collection says that it was removed.
        """
        if "." not in name:
            return next((one for folder in self.folders(kind) if (one := _in_folder(kind, name, folder))), None)
        name = self.routed(kind, name)
        namespace, collection, *rest = name.split(".")
        if not rest or (namespace == "ansible" and collection in ("builtin", "legacy")):
            return self.find(kind, rest[0]) if collection == "legacy" and len(rest) == 1 else None
        place = self.collection(f"{namespace}.{collection}")
        if place is None:
            return None
        folder = os.path.join(place.folder(kind), *rest[:-1])
        found = _in_folder(kind, rest[-1], folder)
        return replace(found, collection=place.name, name=name) if found is not None else None


def _in_folder(kind: str, name: str, folder: str) -> Found | None:
    path = os.path.join(folder, name + ".py")
    return Found(kind, name, path) if os.path.isfile(path) else None


def python_files(folder: str) -> list[str]:
    """The Python files in a folder, sorted; nothing where there is no such folder."""
    names = sorted(name for name in _names_in(folder) if name.endswith(".py") and name not in _NOT_PYTHON)
    return [os.path.join(folder, name) for name in names]


def _names_in(folder: str) -> Iterable[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return ()


def _existing(folders: Iterable[str]) -> Iterable[str]:
    return [path for path in map(os.path.expanduser, folders) if os.path.isdir(path)]

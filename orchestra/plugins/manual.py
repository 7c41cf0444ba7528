"""What plugins say of themselves to people: DOCUMENTATION, EXAMPLES and RETURN of a file, or of the YAML beside it.

Everything is read from text; no plugin runs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from orchestra.ansible_api.documents import declared_options, read_documentation
from orchestra.model.record import record
from orchestra.plugins.declared import assigned_texts
from orchestra.plugins.places import Found, PluginPlaces

#: Kinds that have a manual; modules have one of their own.
KINDS = (
    "become", "cache", "callback", "connection", "filter", "inventory", "lookup", "strategy", "test", "vars",
)  # fmt: skip
_BESIDE = (".yml", ".yaml")
_PARTS = ("DOCUMENTATION", "EXAMPLES", "RETURN")


@record
class Manual:
    """One plugin's page. ``doc`` is what DOCUMENTATION holds; ``path`` is empty for what is built in."""

    kind: str
    name: str
    path: str
    doc: Mapping[str, Any]
    examples: str = ""
    returns: Mapping[str, Any] | None = None

    @property
    def summary(self) -> str:
        """One sentence."""
        said = self.doc.get("short_description") or self.doc.get("description") or "UNDOCUMENTED"
        return str(said[0] if isinstance(said, list) else said)


def of_project(places: PluginPlaces, kind: str) -> Iterator[Found]:
    """The plugins of a kind in the project's own folders, by the names of their files; those that win first."""
    for folder in places.folders(kind):
        yield from _in_tree(kind, folder)


def of_collection(places: PluginPlaces, kind: str, name: str) -> Iterator[Found]:
    """The plugins of a kind in one collection, with their full names."""
    place = places.collection(name)
    if place is not None:
        for found in _in_tree(kind, place.folder(kind)):
            yield Found(kind, f"{name}.{found.name}", found.path, name)


def collections(places: PluginPlaces) -> list[str]:
    """The full names of all installed collections."""
    found = []
    for root in places.collection_roots():
        for namespace in _folders(root):
            found += [f"{namespace}.{name}" for name in _folders(os.path.join(root, namespace))]
    return sorted(dict.fromkeys(found))


def manual_of(found: Found) -> Manual:
    """A plugin's page: what its own file says, else the YAML of its name beside it.

    Raises:
        LanguageError: the file is no Python.
        OSError: it cannot be read.
    """
    texts = assigned_texts(found.path, _PARTS) if found.path.endswith(".py") else {}
    if not texts.get("DOCUMENTATION"):
        texts = next((_sidecar(path) for path in _beside(found.path)), texts)
    documentation = texts.get("DOCUMENTATION", "")
    doc = dict(read_documentation(documentation))
    if doc:
        doc["options"] = declared_options(documentation)
    returns = read_documentation(texts.get("RETURN", ""))
    return Manual(found.kind, found.name, found.path, doc, str(texts.get("EXAMPLES") or ""), returns)


def _in_tree(kind: str, folder: str) -> Iterator[Found]:
    """Files with the suffixes of plugins; below a collection's folder, those in it too, with dots between names."""
    files: dict[str, str] = {}
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        below = os.path.relpath(root, folder)
        prefix = "" if below == "." else below.replace(os.sep, ".") + "."
        for name in sorted(names):
            stem, suffix = os.path.splitext(name)
            if suffix == ".py" or suffix in _BESIDE:
                files.setdefault(prefix + stem, os.path.join(root, name))
    for name, path in files.items():
        if name.rpartition(".")[2] != "__init__":
            yield Found(kind, name, path)


def _beside(path: str) -> Iterator[str]:
    stem = os.path.splitext(path)[0]
    yield from (stem + suffix for suffix in _BESIDE if os.path.isfile(stem + suffix))


def _sidecar(path: str) -> dict[str, Any]:
    import yaml

    with open(path, encoding="utf-8") as file:
        read = read_documentation(file.read())
    parts = {name: read.get(name) for name in _PARTS if read.get(name)}
    return {name: part if isinstance(part, str) else yaml.safe_dump(part) for name, part in parts.items()}


def _folders(path: str) -> Sequence[str]:
    try:
        return sorted(entry.name for entry in os.scandir(path) if entry.is_dir() and entry.name.isidentifier())
    except OSError:
        return ()

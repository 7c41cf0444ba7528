"""A project's filters, tests and lookups as the tables that templates ask; loaded when a name is first looked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from orchestra.errors import OrchestraError
from orchestra.plugins.faults import PluginFault, place_in
from orchestra.plugins.loading import Loader
from orchestra.plugins.lookups import adapted
from orchestra.plugins.places import PluginPlaces, python_files

Warn = Callable[[OrchestraError], None]
#: Kind -> the class of a plugin file, and its method that names what is in it.
_SHAPES = {"filter": ("FilterModule", "filters"), "test": ("TestModule", "tests")}
_OURS = ("ansible.builtin.", "ansible.legacy.")


class JinjaPlugins(Mapping[str, Callable[..., Any]]):
    """Filters or tests by name: short ones of the project's own files, full ones of installed collections."""

    def __init__(self, kind: str, places: PluginPlaces, loader: Loader, warn: Warn) -> None:
        self._kind = kind
        self._places = places
        self._loader = loader
        self._warn = warn
        self._seen: set[str] = set()
        self._known: dict[str, Callable[..., Any]] = {}
        #: What can not be loaded, by the name that a plugin of that file most likely has.
        self._broken: dict[str, OrchestraError] = {}

    def __getitem__(self, name: str) -> Callable[..., Any]:
        if "." in name:
            self._read_collection(name)
        else:
            self._read_folders()
        if name not in self._known and name in self._broken:
            return _refusing(self._broken[name])
        return self._known[name]

    def __contains__(self, name: object) -> bool:
        try:
            return isinstance(name, str) and self[name] is not None
        except KeyError:
            return False

    def __iter__(self) -> Iterator[str]:
        self._read_folders()
        return iter(self._known)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _read_folders(self) -> None:
        """Load what was not seen before; folders may have joined."""
        for folder in self._places.folders(self._kind):
            if folder not in self._seen:
                self._seen.add(folder)
                for path in python_files(folder):
                    self._add(self._read(path), "")

    def _read_collection(self, name: str) -> None:
        collection, _, short = name.rpartition(".")
        place = None if name.startswith(_OURS) else self._places.collection(collection)
        if place is None or name in self._known:
            return
        files = python_files(place.folder(self._kind))
        for path in sorted(files, key=lambda path: os.path.basename(path) != short + ".py"):
            if path not in self._seen:
                self._seen.add(path)
                self._add(self._read(path, collection), collection + ".")
            if name in self._known:
                return

    def _add(self, found: Mapping[str, Callable[..., Any]], prefix: str) -> None:
        for name, func in found.items():
            self._known.setdefault(prefix + name, func)

    def _read(self, path: str, collection: str = "") -> Mapping[str, Callable[..., Any]]:
        """What a file has; one that can not be loaded has nothing, and the user hears why."""
        shape, method = _SHAPES[self._kind]
        try:
            cls = getattr(self._loader.load(path, self._kind, collection), shape, None)
            return dict(getattr(cls(), method)()) if cls is not None else {}
        except PluginFault as fault:
            self._skip(path, collection, fault)
        except Exception as error:
            text = f"The {self._kind} plugin {path} failed to load: {type(error).__name__}: {error}"
            self._skip(path, collection, PluginFault(text, origin=place_in(path, error)))
        return {}

    def _skip(self, path: str, collection: str, fault: PluginFault) -> None:
        stem = os.path.basename(path)[: -len(".py")]
        self._broken[f"{collection}.{stem}" if collection else stem] = fault
        why = fault.message.rpartition(" failed to load: ")[2]
        text = f"Skipping plugin ({path}), cannot load: {why}"
        if collection:
            text = f"Skipping {self._kind} plugins in {path!r}; an error occurred while loading: {why}"
        self._warn(PluginFault(text, origin=fault.origin, hint=fault.hint))


def _refusing(fault: OrchestraError) -> Callable[..., Any]:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise fault

    return refuse


class LookupPlugins(Mapping[str, Callable[..., Sequence[Any]]]):
    """Lookups by name; a lookup's name is that of its file, so one file is loaded for each that is used."""

    def __init__(self, places: PluginPlaces, loader: Loader) -> None:
        self._places = places
        self._loader = loader
        self._known: dict[str, Callable[..., Sequence[Any]]] = {}

    def __getitem__(self, name: str) -> Callable[..., Sequence[Any]]:
        if name not in self._known:
            path, collection = self._find(name)
            module = self._loader.load(path, "lookup", collection)
            self._known[name] = adapted(module, name, path)
        return self._known[name]

    def __contains__(self, name: object) -> bool:
        try:
            return isinstance(name, str) and bool(self._find(name))
        except KeyError:
            return False

    def __iter__(self) -> Iterator[str]:
        return (os.path.basename(path)[:-3] for path in self._places.files("lookup"))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _find(self, name: str) -> tuple[str, str]:
        """The file of a lookup and the collection that it is of. Raises KeyError."""
        if "." not in name:
            for folder in self._places.folders("lookup"):
                path = os.path.join(folder, name + ".py")
                if os.path.isfile(path):
                    return path, ""
            raise KeyError(name)
        collection, _, short = name.rpartition(".")
        place = None if name.startswith(_OURS) else self._places.collection(collection)
        path = os.path.join(place.folder("lookup"), short + ".py") if place is not None else ""
        if not os.path.isfile(path):
            raise KeyError(name)
        return path, collection

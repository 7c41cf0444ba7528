"""A lookup context over folders, for tests of templates without an engine."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from orchestra.errors import VaultError
from orchestra.model.origin import Origin

T = TypeVar("T")


class FolderLookups:
    """Finds files in the given folders (each with its ``files``, ``templates`` ... first), and keeps warnings."""

    def __init__(self, *folders: str | os.PathLike[str], settings: Mapping[str, Any] | None = None) -> None:
        self.folders = [os.fspath(folder) for folder in folders]
        self.settings = dict(settings or {})
        #: What the user would have been told.
        self.warnings: list[str] = []
        #: And where it was said to be.
        self.places: dict[str, Origin | None] = {}

    def search_paths(self, kind: str) -> Sequence[str]:
        """The folders a file of ``kind`` is looked for in."""
        return [path for folder in self.folders for path in (os.path.join(folder, kind), folder)]

    def search(self, kind: str, name: str) -> str | None:
        """The first file of that name, or None."""
        candidates = [os.path.join(folder, name) for folder in self.search_paths(kind)] or [name]
        return next((os.path.normpath(path) for path in candidates if os.path.exists(path)), None)

    def read(self, path: str) -> bytes:
        """A file's content."""
        with open(path, "rb") as file:
            return file.read()

    def open_vault(self, text: str) -> str:
        """There are no passwords. Raises VaultError."""
        raise VaultError("there are no vault passwords")

    def wait(self, work: Callable[[], T]) -> T:
        """The result of ``work``; there are no others who could go on."""
        return work()

    def setting(self, name: str) -> Any:
        """A setting that the test gave; KeyError for another."""
        return self.settings[name]

    def plugin_setting(self, kind: str, plugin: str, name: str, variables: Mapping[str, Any]) -> Any:
        """A setting that the test gave under the plugin's name."""
        return self.settings[f"{kind} {plugin} {name}"]

    def warn(self, message: str, origin: Origin | None = None) -> None:
        """Keep a warning."""
        if message not in self.warnings:
            self.warnings.append(message)
            self.places[message] = origin

    def deprecate(self, message: str, origin: Origin | None = None) -> None:
        """Keep a deprecation among the warnings."""
        self.warn(message, origin)

    def deprecated_value(self, notice: Mapping[str, Any], origin: Origin | None = None) -> None:
        """Keep what is said of a value among the warnings."""
        self.warn(str(notice.get("msg")), origin)

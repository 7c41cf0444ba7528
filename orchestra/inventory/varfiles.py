"""The files of ``group_vars/`` and ``host_vars/``: which ones there are for a name, and what they hold; read once.

For a name there is a folder (all its files, deeper ones too, in the order of their names) or a file without an ending,
else one with the first configured ending. Knows nothing of hosts, groups and what wins over what.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from orchestra.errors import LanguageError, VaultError
from orchestra.inventory.merging import merge_layers
from orchestra.language.vault import VaultOpener
from orchestra.language.yamltext import load_file
from orchestra.model.origin import LocatedDict, Origin

Warn = Callable[[str, Origin | None], None]


class VariableFiles:
    """Reads variable files; each file and each folder's listing once."""

    def __init__(
        self,
        *,
        extensions: Sequence[str],
        vault: VaultOpener | None = None,
        warn: Warn | None = None,
        on_duplicates: Callable[[str, Origin], None] | None = None,
        merge: bool = False,
    ) -> None:
        self._extensions = tuple(extensions)
        self._vault = vault
        self._warn = warn or _ignore
        self._on_duplicates = on_duplicates or self._warn
        self._merge = merge
        self._listings: dict[str, frozenset[str]] = {}
        self._found: dict[tuple[str, str], LocatedDict | None] = {}

    def read(self, folder: str, name: str) -> LocatedDict | None:
        """What ``folder`` (a group_vars or host_vars) holds for ``name``; None for nothing.

        Raises:
            LanguageError: a file that can not be understood; VaultError: or opened.
        """
        key = (folder, name)
        if key not in self._found:
            layers = [layer for path in self.paths(folder, name) if (layer := self._load(path)) is not None]
            self._found[key] = merge_layers(layers, merge=self._merge) if layers else None
        return self._found[key]

    def paths(self, folder: str, name: str) -> list[str]:
        """The files that count for ``name``."""
        listing = self._listing(folder)
        if not listing or name.startswith(os.sep):
            return []
        if "/" in name:
            return self._paths_below(folder, name)
        present = [name + extension for extension in ("", *self._extensions) if name + extension in listing]
        if not present:
            return []
        for other in present[1:]:
            self._warn(f"{os.path.join(folder, other)} is not read, because {present[0]} is there", None)
        return self._files(os.path.join(folder, present[0]))

    def _paths_below(self, folder: str, name: str) -> list[str]:
        """For names that hold a slash, which no listing shows."""
        for extension in ("", *self._extensions):
            path = os.path.join(folder, name + extension)
            if os.path.exists(path):
                return self._files(path)
        return []

    def _listing(self, folder: str) -> frozenset[str]:
        found = self._listings.get(folder)
        if found is None:
            try:
                found = frozenset(os.listdir(folder))
            except NotADirectoryError:
                self._warn(f"{folder} is not a folder, so it is passed over", None)
                found = frozenset()
            except OSError:
                found = frozenset()  # there is none, which is usual
            self._listings[folder] = found
        return found

    def _files(self, path: str) -> list[str]:
        if not os.path.isdir(path):
            return [path]
        files: list[str] = []
        for name in sorted(os.listdir(path)):
            if name.startswith(".") or name.endswith("~"):
                continue
            extension = os.path.splitext(name)[1]
            inner = os.path.join(path, name)
            if os.path.isdir(inner):
                files += self._files(inner) if not extension else []
            elif not extension or extension in self._extensions:
                files.append(inner)
        return files

    def _load(self, path: str) -> LocatedDict | None:
        try:
            data = load_file(path, vault=self._vault, on_warning=self._on_duplicates)
        except VaultError as error:
            error.exit_code = LanguageError.exit_code  # part of the inventory that cannot be understood
            raise
        if not data:
            return None
        if not isinstance(data, LocatedDict):
            raise LanguageError(
                f"a variable file is a mapping, not a {type(data).__name__.removeprefix('Located').lower()}",
                origin=getattr(data, "origin", None) or Origin(path, 1, 1),
                hint="write:  name: value",
            )
        return data


def inventory_folders(sources: Sequence[str]) -> tuple[str, ...]:
    """The folders beside which group_vars/ and host_vars/ are looked for, in the order of the sources."""
    folders: dict[str, None] = {}
    for source in sources:
        if "," in source and not os.path.exists(source):
            continue
        folder = source if os.path.isdir(source) else os.path.dirname(source)
        folders[os.path.realpath(folder)] = None
    return tuple(folders)


def _ignore(message: str, origin: Origin | None) -> None:
    """Nobody listens."""

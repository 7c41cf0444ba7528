"""How plugins read the project's files: ``ansible.parsing.dataloader``. Vaults are opened, as everywhere."""

from __future__ import annotations

import json
import os
from typing import Any


class DataLoader:
    """Files as the task that uses the plugin finds them; ``lookups`` is the run's LookupContext."""

    def __init__(self, lookups: Any = None, scope: Any = None) -> None:
        self._lookups = lookups
        self.scope = scope

    def find(self, kind: str, name: str) -> Any:
        """Absolute path of a file below the role's or the playbook's folder of a kind; None where it is not there."""
        if self._lookups is not None:
            return self._lookups.search(kind, name)
        return os.path.abspath(name) if os.path.exists(name) else None

    def get_basedir(self) -> str:
        """The playbook's folder."""
        folders = list(self._lookups.search_paths("")) if self._lookups is not None else []
        return folders[-1].rstrip("/") if folders else os.getcwd()

    def set_basedir(self, basedir: str) -> None:
        """Part of the interface; the playbook's folder does not change."""

    def path_dwim(self, given: str) -> str:
        """An absolute path, from the playbook's folder."""
        return os.path.normpath(os.path.join(self.get_basedir(), os.path.expanduser(given)))

    def path_dwim_relative(self, path: str, dirname: str, source: str, is_role: bool = False) -> str:
        """``source`` in the folder ``dirname`` of a role or beside a file, else in the playbook's folder."""
        base = os.path.dirname(path) if os.path.basename(path) == "tasks" else path
        places = [os.path.join(base, dirname, source), os.path.join(base, source), self.path_dwim(source)]
        return next((place for place in places if os.path.exists(place)), places[0])

    def path_dwim_relative_stack(self, paths: Any, dirname: str, source: str, is_role: bool = False) -> Any:
        """The first of these folders' files of that name, or None."""
        for path in paths:
            for place in (os.path.join(path, dirname, source), os.path.join(path, source)):
                if os.path.exists(place):
                    return place
        return self.find(dirname, source)

    def path_exists(self, path: str) -> bool:
        """Whether there is something."""
        return os.path.exists(self.path_dwim(path))

    def is_file(self, path: str) -> bool:
        """Whether there is a file."""
        return os.path.isfile(self.path_dwim(path))

    def is_directory(self, path: str) -> bool:
        """Whether there is a folder."""
        return os.path.isdir(self.path_dwim(path))

    def list_directory(self, path: str) -> list[str]:
        """The names in a folder."""
        return os.listdir(self.path_dwim(path))

    def get_real_file(self, file_path: str, decrypt: bool = True) -> str:
        """A file's own path; content is read by get_text_file_contents, so that no decrypted copy lies about."""
        return self.path_dwim(file_path)

    def get_text_file_contents(self, file_name: str) -> str:
        """A file's text, opened if it is a vault."""
        return self._read(file_name).decode("utf-8", "surrogateescape")

    def _get_file_contents(self, file_name: str) -> tuple[bytes, bool]:
        return self._read(file_name), True

    def _read(self, file_name: str) -> bytes:
        path = self.path_dwim(file_name)
        if self._lookups is not None:
            return bytes(self._lookups.read(path))
        with open(path, "rb") as file:
            return file.read()

    def load(self, data: str, file_name: str = "<string>", show_content: bool = True, **more: Any) -> Any:
        """The value of YAML or JSON text."""
        import yaml

        try:
            return json.loads(data)
        except ValueError:
            return yaml.safe_load(data)

    def load_from_file(self, file_name: str, *args: Any, **more: Any) -> Any:
        """The value of a YAML or JSON file."""
        return self.load(self.get_text_file_contents(file_name), file_name)

"""How plugins read the project's files: ``ansible.parsing.dataloader``. Vaults are opened, as everywhere."""

from __future__ import annotations

import json
import os
from typing import Any

from orchestra.ansible_api import vaults
from orchestra.ansible_api.errors import AnsibleFileNotFound, AnsibleParserError


class DataLoader:
    """Files as the task that uses the plugin finds them; ``lookups`` is the run's LookupContext."""

    def __init__(self, lookups: Any = None, scope: Any = None) -> None:
        self._lookups = lookups
        self.scope = scope
        self._basedir = ""
        self._secrets: list[tuple[Any, Any]] = []

    def find(self, kind: str, name: str) -> Any:
        """Absolute path of a file below the role's or the playbook's folder of a kind; None where it is not there."""
        if self._lookups is not None:
            return self._lookups.search(kind, name)
        return os.path.abspath(name) if os.path.exists(name) else None

    def get_basedir(self) -> str:
        """The playbook's folder."""
        folders = list(self._lookups.search_paths("")) if self._lookups is not None else []
        return folders[-1].rstrip("/") if folders else self._basedir or os.getcwd()

    def set_basedir(self, basedir: str) -> None:
        """Part of the interface; a playbook's folder does not change. A script has none, so it may say one."""
        self._basedir = os.path.abspath(basedir)

    def set_vault_secrets(self, vault_secrets: Any) -> None:
        """The passwords of a script; a run has its own."""
        self._secrets = list(vault_secrets or ())

    @property
    def vault_secrets(self) -> list[tuple[Any, Any]]:
        """The passwords that a script gave."""
        return list(self._secrets)

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
        try:
            with open(path, "rb") as file:
                found = file.read()
        except FileNotFoundError as error:
            raise AnsibleFileNotFound(f"Unable to retrieve file contents: {error.strerror}", file_name=path) from error
        except OSError as error:
            raise AnsibleParserError(f"an error occurred while trying to read the file {path!r}: {error}") from error
        return vaults.VaultLib(self._secrets).decrypt(found, path) if vaults.is_encrypted(found) else found

    def load(self, data: str, file_name: str = "<string>", show_content: bool = True, **more: Any) -> Any:
        """The value of YAML or JSON text. Raises AnsibleParserError where it is neither."""
        import yaml

        from orchestra.ansible_api.yamls import AnsibleLoader

        try:
            return json.loads(data)
        except ValueError:
            pass
        open_vault = self._lookups.open_vault if self._lookups is not None else None
        try:
            return AnsibleLoader(data, file_name, self._secrets, open_vault).get_single_data()
        except yaml.YAMLError as error:
            raise AnsibleParserError(f"YAML parsing failed: {error}", orig_exc=error) from error

    def load_from_file(self, file_name: str, *args: Any, **more: Any) -> Any:
        """The value of a YAML or JSON file."""
        return self.load(self.get_text_file_contents(file_name), file_name)

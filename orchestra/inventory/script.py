"""Executables that print an inventory: ``--list``, with ``_meta.hostvars`` or a call of ``--host`` for each host.

What they print is the user's own: variables may hold templates. Knows JSON and processes; not which source is a script.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from typing import Any

from orchestra.errors import LanguageError
from orchestra.inventory.draft import Draft
from orchestra.language.vault import VaultOpener
from orchestra.language.yamltext import wrap
from orchestra.model.origin import LocatedDict, LocatedList, Origin, UnsafeText

Warn = Callable[[str, Origin | None], None]
_PARTS = ("hosts", "vars", "children")


def parse_script(path: str, warn: Warn, vault: VaultOpener, *, group_name: Callable[[str], str] = str) -> Draft:
    """Run ``path --list`` and read what it prints.

    Raises:
        LanguageError: it can not be run, fails, or prints something else.
    """
    return _ScriptReader(path, warn, vault, group_name).read()


class _ScriptReader:
    def __init__(self, path: str, warn: Warn, vault: VaultOpener, group_name: Callable[[str], str]) -> None:
        self._path = path
        self._origin = Origin(path)
        self._warn = warn
        self._vault = vault
        self._group_name = group_name
        self._draft = Draft()

    def read(self) -> Draft:
        data = self._run("--list")
        hostvars = self._hostvars(data.pop("_meta", None))
        for name, body in data.items():
            self._group(name, body)
        for host in list(self._draft.hosts):
            values = hostvars.get(host, {}) if hostvars is not None else self._run("--host", host)
            self._host_vars(host, values)
        return self._draft

    def _run(self, *options: str) -> dict[str, Any]:
        text = self._output(*options)
        try:
            data = json.loads(text or "{}") if options[0] == "--host" else json.loads(text)
        except ValueError as error:
            raise self._error(
                f"it is executable, and what it prints with {options[0]} is not JSON: {error}",
                "if it is no script, remove its executable bit: chmod -x",
            ) from error
        if not isinstance(data, dict):
            raise self._error(f"with {options[0]} it must print a JSON object, not {type(data).__name__}")
        return data

    def _output(self, *options: str) -> str:
        try:
            done = subprocess.run([self._path, *options], capture_output=True, check=False)
        except OSError as error:
            raise self._error(
                f"it is executable and can not be run: {error.strerror}",
                "give it a first line such as #!/usr/bin/env python3, or, if it is no script, chmod -x",
            ) from error
        said = done.stderr.decode(errors="replace").strip()
        if done.returncode:
            raise self._error(f"the inventory script failed with {' '.join(options)} (exit {done.returncode})", said)
        if said:
            self._warn(f"the inventory script says: {said}", self._origin)
        try:
            return done.stdout.decode().strip()
        except UnicodeDecodeError as error:
            raise self._error("the inventory script printed something that is not UTF-8") from error

    def _error(self, message: str, hint: str = "") -> LanguageError:
        return LanguageError(message, origin=self._origin, hint=hint)

    def _hostvars(self, meta: Any) -> Mapping[str, Any] | None:
        """The variables of all hosts, or None when the script must be asked for each one."""
        if meta is None:
            return None
        found = meta.get("hostvars") if isinstance(meta, dict) else None
        if found is None and isinstance(meta, dict):
            return None
        if not isinstance(found, dict):
            raise self._error("'_meta' must be an object with an object 'hostvars'")
        return found

    def _group(self, name: str, body: Any) -> None:
        group = self._group_name(name)
        self._draft.add_group(group, self._origin)
        if not isinstance(body, dict):
            body = {"hosts": body}
        elif not any(part in body for part in _PARTS):
            body = {"hosts": [group], "vars": body}
        for host in self._names(group, "hosts", body):
            self._draft.add_host(host, group, self._origin)
        for child in self._names(group, "children", body):
            self._draft.add_child(group, self._group_name(child), self._origin)
        values = body.get("vars") or {}
        if not isinstance(values, dict):
            raise self._error(f"'vars' of group {group!r} must be an object, not {type(values).__name__}")
        if values:
            self._draft.set_group_vars(group, self._layer(values))

    def _names(self, group: str, part: str, body: Mapping[str, Any]) -> list[str]:
        names = body.get(part) or []
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise self._error(f"{part!r} of group {group!r} must be a list of names")
        return names

    def _host_vars(self, host: str, values: Any) -> None:
        if not isinstance(values, dict):
            raise self._error(f"the variables of host {host!r} must be an object, not {type(values).__name__}")
        if values:
            self._draft.hosts[host].layers.append(self._layer(values))

    def _layer(self, values: dict[str, Any]) -> LocatedDict:
        layer = self._special(wrap(values, self._origin))
        assert isinstance(layer, LocatedDict)
        return layer

    def _special(self, value: Any) -> Any:
        """Vault and unsafe texts, in the form in which ansible-inventory prints them."""
        if isinstance(value, LocatedDict):
            if set(value) == {"__ansible_vault"}:
                return self._vault.seal(str(value["__ansible_vault"]), self._origin)
            if set(value) == {"__ansible_unsafe"}:
                return UnsafeText(value["__ansible_unsafe"])
            items = {key: self._special(item) for key, item in value.items()}
            places = dict.fromkeys(items, self._origin)
            return LocatedDict(items, origin=self._origin, key_origins=places, value_origins=places)
        if isinstance(value, LocatedList):
            return LocatedList([self._special(item) for item in value], origin=self._origin)
        return value

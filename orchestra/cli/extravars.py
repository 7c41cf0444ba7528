"""``-e``: variables from the command line, as k=v, JSON, YAML or files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from orchestra.errors import LanguageError, UsageError
from orchestra.language.vault import VaultOpener
from orchestra.model.origin import LocatedDict, Origin, UnsafeText

_UNSAFE = "__ansible_unsafe"
_ORIGIN = Origin("-e on the command line")


def read_extra_vars(texts: Iterable[str], vault: VaultOpener, *, merge: bool = False) -> Mapping[str, Any]:
    """All variables; later ones win. ``merge``: mappings are joined (hash_behaviour).

    Raises:
        UsageError: a text is neither k=v nor YAML with a mapping.
        LanguageError: a file cannot be read or understood.
    """
    found: dict[str, Any] = {}
    for text in texts:
        found = _joined(found, _read(text, vault), merge=merge)
    return LocatedDict(found, origin=_ORIGIN)


def _joined(old: Mapping[str, Any], new: Mapping[str, Any], *, merge: bool) -> dict[str, Any]:
    joined = {**old, **new}
    if merge:
        for name in old.keys() & new.keys():
            if isinstance(old[name], dict) and isinstance(new[name], dict):
                joined[name] = _joined(old[name], new[name], merge=True)
    return joined


def _read(text: str, vault: VaultOpener) -> Mapping[str, Any]:
    from orchestra.language import yamltext
    from orchestra.language.arguments import parse_text

    stripped = text.strip()
    if stripped.startswith("@"):
        path = os.path.expanduser(stripped[1:])
        value = yamltext.load_file(path, vault=vault)
        return _mapping(value if value is not None else {}, f"the file {path}")
    if stripped.startswith(("{", "[")):
        return _mapping(_unsealed(yamltext.load(stripped, _ORIGIN.file)), f"-e {text!r}")
    if "=" not in stripped and ":" in stripped:
        return _mapping(yamltext.load(stripped, _ORIGIN.file), f"-e {text!r}")
    # The command line is the user's own, so a template in it is one.
    arguments = parse_text(yamltext.wrap(stripped, _ORIGIN), _ORIGIN)
    if arguments.free_form is not None:
        raise UsageError(
            f"-e {text!r} is not understood near {str(arguments.free_form)!r}",
            hint="write name=value, JSON, YAML, or @FILE",
        )
    return dict(arguments.options)


def _unsealed(value: Any) -> Any:
    """``{"__ansible_unsafe": text}``, as Ansible's JSON has it, is that text as data."""
    if isinstance(value, dict):
        if set(value) == {_UNSAFE}:
            return UnsafeText(str(value[_UNSAFE]))
        return LocatedDict({key: _unsealed(item) for key, item in value.items()}, origin=_ORIGIN)
    return [_unsealed(item) for item in value] if isinstance(value, list) else value


def _mapping(value: object, what: str) -> Mapping[str, Any]:
    if isinstance(value, dict):
        return value
    raise LanguageError(f"{what} must hold a mapping of variables", hint="write name=value, or {name: value}")

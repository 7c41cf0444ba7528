"""The configuration as ansible-config prints it: dump, list, view, init, validate. Programs read these texts."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

from orchestra.errors import SettingsError
from orchestra.settings.accepted import ACCEPTED
from orchestra.settings.load import describe_unknown
from orchestra.settings.settings import SPECS, Settings
from orchestra.settings.spec import Spec

#: Kinds of values by the names that ansible-config has for them.
_TYPES = {"bool": "boolean", "int": "integer", "str": "string", "choice": "string"}
#: Of what is only taken, what holds a list.
_LISTS = frozenset(
    (
        "ADMIN_USERS", "ANSIBLE_COW_ACCEPTLIST", "DEFAULT_LOG_FILTER", "DEFAULT_SELINUX_SPECIAL_FS",
        "DISPLAY_TRACEBACK", "GALAXY_COLLECTION_SKELETON_IGNORE", "GALAXY_IGNORE_INVALID_SIGNATURE_STATUS_CODES",
        "GALAXY_ROLE_SKELETON_IGNORE", "GALAXY_SERVER_LIST", "MODULE_IGNORE_EXTS", "NETWORK_GROUP_MODULES",
        "SQUASH_ACTIONS", "STRING_TYPE_FILTERS", "SYSTEM_TMPDIRS",
    )
)  # fmt: skip
_ENDINGS = (".ini", ".cfg")


def dump(settings: Settings, form: str = "display", *, only_changed: bool = False) -> str:
    """Every setting with its value and where it came from."""
    entries = list(_entries(settings, only_changed=only_changed))
    if form == "display":
        return "\n".join(f"{one['name']}({one['origin']}) = {one['value']}" for one in entries)
    return _structured(entries, form)


def _entries(settings: Settings, *, only_changed: bool) -> Iterator[dict[str, Any]]:
    yield {"name": "CONFIG_FILE", "value": settings.config_file or None, "origin": ""}
    found: dict[str, dict[str, Any]] = {}
    for field, spec in SPECS.items():
        origin = settings.source(field)
        if origin or not only_changed:
            value = getattr(settings, field)
            shown = list(value) if isinstance(value, tuple) else value
            found[spec.name] = {"name": spec.name, "value": shown, "origin": origin or "default"}
    for name, place in ACCEPTED.items():
        section, _, key = place.partition(".")
        if key in settings.file_values.get(section, {}):
            text = settings.file_values[section][key]
            value = [part.strip() for part in text.split(",")] if name in _LISTS else text
            found[name] = {"name": name, "value": value, "origin": settings.config_file}
    yield from (found[name] for name in sorted(found))


def _structured(data: Any, form: str) -> str:
    if form == "json":
        return json.dumps(data, indent=4, default=str)
    import yaml

    text: str = yaml.safe_dump(data, default_flow_style=False, sort_keys=False, allow_unicode=True)
    return text.rstrip("\n")


def describe_all(form: str = "yaml") -> str:
    """What settings there are: type, default, where they stand, what for."""
    return _structured({spec.name: _described(spec) for spec in sorted(SPECS.values(), key=lambda one: one.name)}, form)


def _described(spec: Spec) -> dict[str, Any]:
    default = list(spec.default) if isinstance(spec.default, tuple) else spec.default
    data: dict[str, Any] = {
        "default": default,
        "description": spec.doc,
        "env": [{"name": name} for name in variables_of(spec)],
        "ini": [{"key": key, "section": section} for section, _, key in map(_cut, spec.places)],
        "type": _TYPES.get(spec.kind, spec.kind),
    }
    return {**data, "choices": list(spec.choices)} if spec.choices else data


def _cut(place: str) -> tuple[str, str, str]:
    return place.partition(".")


def variables_of(spec: Spec) -> tuple[str, ...]:
    """The environment variables of a setting, under Ansible's prefix."""
    return tuple(name[1:] if name.startswith("=") else f"ANSIBLE_{name}" for name in spec.env)


def view(path: str) -> str:
    """The text of a configuration file.

    Raises:
        SettingsError: it cannot be read, or its name does not end as one does.
    """
    if not os.access(path, os.R_OK) or os.path.isdir(path):
        raise SettingsError(f"The provided configuration file is missing or not accessible: {path}")
    if not path.endswith(_ENDINGS):
        raise SettingsError(f"Unsupported configuration file extension for {path}", hint="it ends with .ini or .cfg")
    with open(path, encoding="utf-8-sig") as file:
        return file.read().rstrip("\n")


def initial(form: str = "ini", *, disabled: bool = False) -> str:
    """A file with every setting at its default, to start from."""
    if form == "ini":
        return _initial_ini(disabled=disabled)
    mark = "# " if disabled else ""
    lines: list[str] = []
    for spec in sorted(SPECS.values(), key=lambda one: one.name):
        for name in variables_of(spec)[-1:]:
            lines += [f"# {spec.doc}", f"{mark}{name}={_plain(spec.default)}", ""]
    return "\n".join(lines)


def _initial_ini(*, disabled: bool) -> str:
    sections: dict[str, list[str]] = {}
    for spec in sorted(SPECS.values(), key=lambda one: one.places[-1]):
        section, _, key = spec.places[-1].partition(".")
        mark = ";" if disabled or spec.default in (None, "", ()) else ""
        comment = f"# ({_TYPES.get(spec.kind, spec.kind)}) {spec.doc}"
        sections.setdefault(section, []).extend([comment, f"{mark}{key}={_plain(spec.default)}", ""])
    return "\n".join(line for section, lines in sections.items() for line in (f"[{section}]", *lines))


def _plain(value: Any) -> str:
    if isinstance(value, tuple):
        return (os.pathsep if any("/" in str(item) for item in value) else ", ").join(map(str, value))
    return "" if value is None else str(value)


def problems(settings: Settings, environ: Mapping[str, str], form: str = "ini") -> list[str]:
    """What a file (or with ``env`` the environment) sets that is no setting, one line each."""
    if form == "ini":
        return [f"{origin}: {describe_unknown(place)}" for place, origin in settings.unknown_keys.items()]
    known = {name for spec in SPECS.values() for name in variables_of(spec)} | {"ANSIBLE_CONFIG"}
    known |= {f"ANSIBLE_{name}" for name in ACCEPTED} | {name for name in ACCEPTED if name.startswith("ANSIBLE_")}
    known |= {f"ANSIBLE_{place.rpartition('.')[2].upper()}" for place in ACCEPTED.values()}
    strange = sorted(name for name in environ if name.startswith("ANSIBLE_") and name not in known)
    return [f"unknown setting {name} in the environment" for name in strange]

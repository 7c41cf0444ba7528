"""Reads the settings of one run: defaults, then the file, then the environment, then the command line."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from orchestra.errors import InvalidSetting, ParseErrors, SettingsError, UsageError, nearest
from orchestra.model.origin import Origin
from orchestra.settings.accepted import ACCEPTED, FOREIGN_SECTIONS
from orchestra.settings.files import ConfigFile, find_config, read_config
from orchestra.settings.settings import SPECS, Settings
from orchestra.settings.spec import Spec
from orchestra.settings.values import convert, doubt, resolve_default

_PREFIXES = ("ORCHESTRA_", "ANSIBLE_")
COMMAND_LINE = Origin("the command line")


def load_settings(
    environ: Mapping[str, str], cwd: str | os.PathLike[str], overrides: Mapping[str, Any] | None = None
) -> Settings:
    """The settings for a run started in ``cwd``; ``overrides`` are typed values by field name.

    Raises:
        SettingsError: the file is not INI, or values are wrong (ParseErrors: several).
        UsageError: ``overrides`` names no setting.
    """
    path, warnings = find_config(environ, str(cwd))
    config = read_config(path) if path else ConfigFile()
    values: dict[str, Any] = {}
    sources: dict[str, Origin] = {}
    problems: list[SettingsError] = []
    for name, spec in SPECS.items():
        found = _from_environment(spec, environ) or _from_file(spec, config)
        if not found:
            values[name] = resolve_default(spec, environ)
            continue
        text, origin = found
        folder = os.path.dirname(path) if origin.file == path else str(cwd)
        try:
            values[name] = convert(spec, text, folder, environ)
            sources[name] = origin
            warnings.extend(filter(None, [doubt(spec, text)]))
        except ValueError as error:
            problems.append(
                InvalidSetting(
                    f"{spec.places[-1]}: {error}",
                    name=spec.name,
                    kind=spec.kind,
                    text=text,
                    origin=origin,
                    hint=_expectation(spec),
                )
            )
    if problems:
        raise problems[0] if len(problems) == 1 else ParseErrors(problems)
    _override(values, sources, overrides or {})
    return Settings(
        **values,
        config_file=path,
        sources=sources,
        unknown_keys=unknown_keys(config),
        warnings=tuple(warnings),
        file_values=config.values,
    )


def unknown_keys(config: ConfigFile) -> dict[str, Origin]:
    """What a configuration file holds that no setting here or in Ansible is called."""
    known = {place for spec in SPECS.values() for place in spec.places} | set(ACCEPTED.values())
    return {
        place: config.origins.get(place, Origin(config.path))
        for section, items in config.values.items()
        for key in items
        if (place := f"{section}.{key}") not in known and not section.startswith(FOREIGN_SECTIONS)
    }


def describe_unknown(place: str) -> str:
    """A line for people about an unknown key: ``section.key``, with the nearest known one."""
    section, _, key = place.rpartition(".")
    known = [known for spec in SPECS.values() for known in spec.places]
    elsewhere = [known for known in known if known.endswith(f".{key}")]
    near = elsewhere or nearest(place, known, 1)
    if not near:
        return f"unknown setting {key!r} in [{section}]"
    meant_section, _, meant = near[-1].rpartition(".")
    where = "" if meant_section == section else f" in [{meant_section}]"
    return f"unknown setting {key!r} in [{section}]; is {meant!r}{where} meant?"


#: Kinds of settings whose empty environment variable says nothing.
_NEVER_EMPTY = frozenset(("int", "float", "bool", "choice"))


def _from_environment(spec: Spec, environ: Mapping[str, str]) -> tuple[str, Origin] | None:
    for variable in reversed(spec.env):
        names = [variable[1:]] if variable.startswith("=") else [prefix + variable for prefix in _PREFIXES]
        for name in names:
            if name in environ and (environ[name] or spec.kind not in _NEVER_EMPTY):
                text = "yes" if name == "NO_COLOR" and environ[name] else environ[name]
                return text, Origin(f"environment variable {name}")
    return None


def _from_file(spec: Spec, config: ConfigFile) -> tuple[str, Origin] | None:
    for place in reversed(spec.places):
        section, _, key = place.partition(".")
        text = config.values.get(section, {}).get(key)
        if text is not None:
            return text, config.origins.get(place, Origin(config.path))
    return None


def _expectation(spec: Spec) -> str:
    words = {"int": "a whole number", "float": "a number", "choice": " or ".join(spec.choices)}
    return f"write {words[spec.kind]}; {spec.doc}" if spec.kind in words else ""


def _override(values: dict[str, Any], sources: dict[str, Origin], overrides: Mapping[str, Any]) -> None:
    for name, value in overrides.items():
        if name not in SPECS:
            raise UsageError(f"there is no setting {name!r}; near: {', '.join(nearest(name, SPECS))}")
        values[name] = value
        sources[name] = COMMAND_LINE

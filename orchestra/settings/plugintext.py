"""Options of plugins as ansible-config prints them: what they have, and a start for a file, an environment, variables.

Options are mappings as a plugin's documentation has them; who declares them is not known here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from orchestra.settings.accepted import ACCEPTED
from orchestra.settings.settings import SPECS, Settings

Options = Mapping[str, Mapping[str, Any]]
_SSH = "ssh_connection"


def ssh_options() -> Options:
    """What can be set for connections by SSH, also what means nothing here."""
    found: dict[str, Mapping[str, Any]] = {}
    for spec in SPECS.values():
        for section, _, key in (place.partition(".") for place in spec.places):
            if section == _SSH:
                env = [name[1:] if name.startswith("=") else f"ANSIBLE_{name}" for name in spec.env]
                found[key] = _option(key, env, spec.default)
    for name, place in ACCEPTED.items():
        section, _, key = place.partition(".")
        if section == _SSH:
            found.setdefault(key, _option(key, [f"ANSIBLE_{name}"], None))
    return found


def _option(key: str, env: Sequence[str], default: Any) -> Mapping[str, Any]:
    return {"env": [{"name": name} for name in env], "ini": [{"section": _SSH, "key": key}], "default": default}


def dump(
    plugins: Mapping[str, Options], settings: Settings, environ: Mapping[str, str], *, only_changed: bool = False
) -> str:
    """Each plugin's name and its options with values and sources; nothing of those that have none to show."""
    parts: list[str] = []
    for plugin, options in plugins.items():
        lines = list(_lines(options, settings, environ, only_changed=only_changed))
        if lines:
            parts += ["", f"{plugin}:", "_" * len(plugin), *lines]
    return "\n".join(parts)


def titled(kind: str, text: str) -> str:
    """A part of ``-t all``; nothing where there is nothing to show."""
    return f"\n\n{kind.upper()}:\n{'=' * len(kind)}\n{text}" if text else ""


def _lines(options: Options, settings: Settings, environ: Mapping[str, str], *, only_changed: bool) -> Iterator[str]:
    for name in sorted(options):
        value, origin = _found(options[name], settings, environ)
        if origin not in ("default", "REQUIRED") or not only_changed:
            yield f"{name}({origin}) = {value}"


def _found(option: Mapping[str, Any], settings: Settings, environ: Mapping[str, str]) -> tuple[Any, str]:
    for source in reversed(option.get("env") or ()):
        if source["name"] in environ:
            return environ[source["name"]], f"env: {source['name']}"
    for source in reversed(option.get("ini") or ()):
        value = settings.file_values.get(source["section"], {}).get(source["key"])
        if value is not None:
            return value, settings.config_file
    return option.get("default"), "REQUIRED" if option.get("required") else "default"


def initial(plugins: Mapping[str, Options], form: str = "ini", *, disabled: bool = False) -> str:
    """Every option at its default: lines of a file, of an environment, or of variables."""
    if form == "ini":
        return _initial_ini(plugins, disabled=disabled)
    source, write = ("env", "{mark}{name}={value}\n") if form == "env" else ("vars", "{mark}{name}: {value}\n\n")
    lines: list[str] = []
    for options in plugins.values():
        for name, option in options.items():
            for place in (option.get(source) or ())[-1:]:
                value = _plain(option.get("default"))
                shown = value if form == "env" else value or "''"
                line = write.format(mark="# " if disabled else "", name=place["name"], value=shown)
                lines += [f"# {name}({option.get('type', 'string')}): {_described(option)}", line]
    return "\n".join(lines).removesuffix("\n")


def _initial_ini(plugins: Mapping[str, Options], *, disabled: bool) -> str:
    sections: dict[str, dict[str, str]] = {}
    for options in plugins.values():
        for option in options.values():
            for place in (option.get("ini") or ())[-1:]:
                mark = ";" if disabled else ""
                comment = f"# ({option.get('type', 'string')}) {_described(option)}"
                entry = f"{comment}\n{mark}{place['key']}={_plain(option.get('default'))}\n"
                sections.setdefault(place["section"], {})[place["key"]] = entry
    written = [
        "\n".join((f"[{name}]", *(entries[key] for key in sorted(entries)))) for name, entries in sections.items()
    ]
    return "\n\n".join(written)


def _plain(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _described(option: Mapping[str, Any]) -> str:
    text = option.get("description", "")
    return "\n# ".join(map(str, text)) if isinstance(text, list) else str(text)

"""Which configuration file counts, and what it holds, with the line of each key.

The search goes as Ansible's does; at each step ``orchestra.cfg`` comes before ``ansible.cfg``. A file in a folder that
everybody may write to is not read. Must not know what the keys mean.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from orchestra.errors import SettingsError
from orchestra.model.origin import Origin
from orchestra.model.record import record

if TYPE_CHECKING:
    import configparser

_NAMES = ("orchestra", "ansible")


@record
class ConfigFile:
    """A configuration file as text values, section by section; ``origins`` is by ``section.key``."""

    path: str = ""
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    origins: Mapping[str, Origin] = field(default_factory=dict)


def find_config(environ: Mapping[str, str], cwd: str) -> tuple[str, list[str]]:
    """The path of the file that counts (empty: none does), and what the user should hear about the choice."""
    warnings: list[str] = []
    for path, must_exist in _candidates(environ, cwd, warnings):
        if os.path.isfile(path) and os.access(path, os.R_OK):
            return path, warnings
        if must_exist:
            warnings.append(f"the configuration file {path} that the environment names can not be read")
    return "", warnings


def _candidates(environ: Mapping[str, str], cwd: str, warnings: list[str]) -> Iterator[tuple[str, bool]]:
    for name in _NAMES:
        named = environ.get(f"{name.upper()}_CONFIG")
        if named:
            path = os.path.join(cwd, os.path.expanduser(os.path.expandvars(named)))
            yield (os.path.join(path, f"{name}.cfg") if os.path.isdir(path) else path), True
    public = _everybody_writes(cwd)
    for name in _NAMES:
        path = os.path.join(cwd, f"{name}.cfg")
        if public and os.path.exists(path):
            warnings.append(_refusal(path, cwd))
        elif not public:
            yield path, False
    home = environ.get("HOME") or os.path.expanduser("~")
    yield from ((os.path.join(home, f".{name}.cfg"), False) for name in _NAMES)
    yield from ((f"/etc/{name}/{name}.cfg", False) for name in _NAMES)


def _everybody_writes(folder: str) -> bool:
    try:
        return bool(os.stat(folder).st_mode & stat.S_IWOTH)
    except OSError:
        return True


def _refusal(path: str, cwd: str) -> str:
    return (
        f"{path} is NOT used: everybody may write to the folder {cwd}, so anybody could have put it there; "
        f"run: chmod o-w {cwd}, or name the file in ORCHESTRA_CONFIG"
    )


def read_config(path: str) -> ConfigFile:
    """Read an INI configuration file.

    Raises:
        SettingsError: not readable or not INI, located.
    """
    import configparser

    parser = configparser.RawConfigParser(inline_comment_prefixes=(";",))
    text = _read_text(path)
    try:
        parser.read_string(text, path)
    except configparser.Error as error:
        raise _explained(error, path) from error
    values = {section: dict(parser.items(section)) for section in parser.sections()}
    return ConfigFile(path, values, _origins(text, path))


def _read_text(path: str) -> str:
    try:
        with open(path, encoding="utf-8-sig") as stream:
            return stream.read()
    except OSError as error:
        raise SettingsError(f"cannot read the file: {error.strerror}", origin=Origin(path)) from error
    except UnicodeDecodeError as error:
        raise SettingsError("the configuration file is not UTF-8 text", origin=Origin(path)) from error


def _explained(error: configparser.Error, path: str) -> SettingsError:
    import configparser

    if isinstance(error, configparser.DuplicateOptionError):
        message = f"the key {error.option!r} stands twice in section [{error.section}]"
        return SettingsError(message, origin=Origin(path, error.lineno or 0, 1), hint="keep one of them")
    if isinstance(error, configparser.DuplicateSectionError):
        message = f"the section [{error.section}] stands twice"
        return SettingsError(message, origin=Origin(path, error.lineno or 0, 1), hint="join them")
    if isinstance(error, configparser.MissingSectionHeaderError):
        hint = "start the file with [defaults]"
        return SettingsError("a key stands before any [section]", origin=Origin(path, error.lineno, 1), hint=hint)
    line = error.errors[0][0] if isinstance(error, configparser.ParsingError) and error.errors else 0
    return SettingsError("this line is neither 'key = value' nor a [section]", origin=Origin(path, line, 1))


def _origins(text: str, path: str) -> dict[str, Origin]:
    """The line of each key; configparser does not tell."""
    found: dict[str, Origin] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\[(?P<name>.+)\]", line)
        key = re.match(r"(?P<name>[^#;\s=:][^=:]*?)\s*[=:]", line)
        if header:
            section = header["name"]
        elif key:
            found[f"{section}.{key['name'].lower()}"] = Origin(path, number, 1)
    return found

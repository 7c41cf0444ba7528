"""A setting's text to its value, as Ansible converts it. Must not know which setting it is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from orchestra.errors import nearest
from orchestra.settings.spec import Spec

_TRUE = frozenset(("y", "yes", "on", "1", "true", "t"))
_FALSE = frozenset(("n", "no", "off", "0", "false", "f", ""))


def convert(spec: Spec, text: str, folder: str, environ: Mapping[str, str]) -> Any:
    """``text`` as the kind that ``spec`` wants; relative paths start at ``folder``.

    Raises:
        ValueError: it is none; the message says what is expected.
    """
    match spec.kind:
        case "bool":
            return text.strip().lower() in _TRUE
        case "int":
            return _whole_number(text)
        case "float":
            return _number(text)
        case "list":
            return tuple(_unquoted(part.strip()) for part in text.split(",") if part.strip())
        case "path":
            return _path(_unquoted(text), folder, environ) if text else ""
        case "pathspec":
            return tuple(_path(part, folder, environ) for part in text.split(os.pathsep) if part)
        case "pathlist":
            return _sources(text, folder, environ)
        case "choice":
            return _choice(spec, _unquoted(text))
    return _unquoted(text)


def resolve_default(spec: Spec, environ: Mapping[str, str]) -> Any:
    """The default, with ``~`` in paths written out."""
    if spec.kind == "path" and spec.default:
        return _path(spec.default, "/", environ)
    if spec.kind in ("pathspec", "pathlist"):
        return tuple(_path(part, "/", environ) for part in spec.default)
    return spec.default


def doubt(spec: Spec, text: str) -> str:
    """What to warn of although ``text`` was taken: a word that is neither yes nor no counts as no, as in Ansible."""
    if spec.kind != "bool" or text.strip().lower() in _TRUE | _FALSE:
        return ""
    return f"{spec.places[-1]}: {text!r} is neither yes nor no, so it counts as no"


def _whole_number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        value = float(text)
        if value.is_integer():
            return int(value)
    except (ValueError, OverflowError):
        pass
    raise ValueError(f"{text!r} is no whole number")


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{text!r} is no number") from None


def _choice(spec: Spec, text: str) -> str:
    word = text.lower()
    if word in spec.choices:
        return word
    if word in _TRUE | _FALSE:
        spoken = ("yes", "always") if word in _TRUE else ("no", "never")
        for choice in spoken:  # census: projects write true and false where always and never are the words
            if choice in spec.choices:
                return choice
    near = nearest(word, spec.choices, 1)
    raise ValueError(f"{text!r} is none of {', '.join(spec.choices)}" + (f"; {near[0]} was meant?" if near else ""))


def _sources(text: str, folder: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Inventory sources; a list of hosts (it ends with a comma) is one source and no path."""
    if text.rstrip().endswith(","):
        return (text.strip(),)
    return tuple(_path(part.strip(), folder, environ) for part in text.split(",") if part.strip())


def _path(text: str, folder: str, environ: Mapping[str, str]) -> str:
    """An absolute path: ``~``, variables and ``{{CWD}}`` written out, symbolic links kept."""
    if "{{CWD}}" in text:
        text = text.replace("{{CWD}}", os.getcwd())
    expanded = _with_home(_with_variables(text, environ), environ)
    return os.path.normpath(os.path.join(folder, expanded))


def _with_home(text: str, environ: Mapping[str, str]) -> str:
    if text == "~" or text.startswith("~/"):
        return environ.get("HOME", os.path.expanduser("~")) + text[1:]
    return os.path.expanduser(text) if text.startswith("~") else text


def _with_variables(text: str, environ: Mapping[str, str]) -> str:
    if "$" not in text:
        return text
    from string import Template

    return Template(text).safe_substitute(environ)


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" and text[-2] != "\\":
        return text[1:-1]
    return text

"""Facts that a machine's owner wrote: *.fact files with JSON, INI, or a program that prints either."""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.parts.facts.source import Source


def local(source: "Source", folder: "str") -> "dict[str, Any]":
    """{"local": {file's name: what it says}}. A bad file becomes a sentence in its place, and a warning."""
    found = {}  # type: dict[str, Any]
    names = sorted(name for name in source.names(folder) if name.endswith(".fact") and name[0] != ".")
    for name in names:
        path = folder.rstrip("/") + "/" + name
        try:
            found[name.replace(".fact", "")] = _parse(_text(source, path), path)
        except ValueError as error:
            found[name.replace(".fact", "")] = str(error)
            source.warn(str(error))
    return {"local": found}


def _text(source: "Source", path: "str") -> "str":
    try:
        runs = os.stat(source.path(path)).st_mode & 0o100
    except OSError as error:
        raise ValueError("Could not stat fact ({}): {}".format(path, error)) from None
    if not runs:
        return source.read(path, "")  # type: ignore[no-any-return]
    rc, out, err = source.run([source.path(path)])
    if rc != 0:
        raise ValueError("Failure executing fact script ({}), rc: {}, err: {}".format(path, rc, err))
    return out


def _parse(text: "str", path: "str") -> "Any":
    import json

    try:
        return json.loads(text)
    except ValueError:
        return _parse_ini(text, path)


def _parse_ini(text: "str", path: "str") -> "dict[str, dict[str, str]]":
    import configparser

    parser = configparser.ConfigParser()
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise ValueError(_wrong("JSON or ini", path, error)) from None
    try:
        return {section: dict(parser.items(section)) for section in parser.sections()}
    except configparser.Error as error:  # what its values say of others makes no sense
        raise ValueError(_wrong("ini", path, error)) from None


def _wrong(form: "str", path: "str", error: "Exception") -> "str":
    reason = "error loading facts as {} - please check content: {} ({})"
    return reason.format(form, path, str(error).splitlines()[0])

"""Lookups that find and read files of the controller."""

from __future__ import annotations

import configparser
import csv
import glob
import io
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from orchestra.errors import TemplateError, nearest
from orchestra.templating.faults import type_name
from orchestra.templating.lookups.call import Lookup, LookupCall
from orchestra.templating.marker import Marker

_VAULT_HEADER = b"$ANSIBLE_VAULT;"
_CSV_OPTIONS = ("col", "keycol", "default", "delimiter", "file", "encoding")
_INI_OPTIONS = (
    *("type", "file", "section", "re", "encoding", "default", "case_sensitive", "allow_no_value", "allow_none"),
    "interpolation",
)


def find_file(call: LookupCall, name: str, kind: str = "files") -> str:
    """The path of a file that has to be there."""
    path = call.scope.lookups.search(kind, name)
    if path is None:
        what = (
            f"the template file {name} could not be found for the lookup"
            if kind == "templates"
            else (f"Unable to access the file '{name}': File not found (No such file or directory)")
        )
        raise TemplateError(what, hint=_where_searched(call, name, kind))
    return str(path)


def _where_searched(call: LookupCall, name: str, kind: str) -> str:
    if os.path.isabs(name):
        return ""
    folders = list(call.scope.lookups.search_paths(kind))
    near = nearest(os.path.basename(name), _names_in(os.path.join(folder, os.path.dirname(name)) for folder in folders))
    meant = f"did you mean {' or '.join(map(repr, near))}? " if near else ""
    return f"{meant}looked in {', '.join(folders)}"


def _names_in(folders: Iterable[str]) -> Iterator[str]:
    for folder in folders:
        if os.path.isdir(folder):
            yield from os.listdir(folder)


def read_text(call: LookupCall, path: str, encoding: str = "utf-8") -> str:
    """A file's text; a Secret when the file is a vault."""
    content = call.scope.lookups.read(path)
    try:
        text: str = content.decode(encoding)
    except UnicodeDecodeError:
        raise TemplateError(f"{path} is not {encoding} text", hint="read it with the slurp or copy module") from None
    return call.scope.templar.redactor.add(text) if _is_sealed(path) else text


def _is_sealed(path: str) -> bool:
    if not os.path.isfile(path):  # a named pipe gives what it has only once
        return False
    with open(path, "rb") as file:
        return file.read(len(_VAULT_HEADER)) == _VAULT_HEADER


def file(call: LookupCall) -> Sequence[Any]:
    """The text of each file."""
    found = []
    for term in call.texts():
        text = read_text(call, find_file(call, term))
        stripped = text.lstrip() if call.flag("lstrip") else text
        stripped = stripped.rstrip() if call.flag("rstrip", True) else stripped
        found.append(type(text)(stripped))
    return found


def unvault(call: LookupCall) -> Sequence[Any]:
    """The text of each file, opened if it is a vault."""
    return [read_text(call, find_file(call, term)) for term in call.texts()]


def template(call: LookupCall) -> Sequence[Any]:
    """Each template file rendered; one that is a lone expression keeps its type."""
    from orchestra.templating.files import file_options, render_native

    found = []
    for term in call.texts():
        path = find_file(call, term, "templates")
        options = {name: value for name, value in call.options.items() if name.endswith("_string")}
        options["trim_blocks"] = call.flag("trim_blocks", True)
        extra = {"template_path": term, **call.option("template_vars", {})}
        found.append(render_native(call.scope, read_text(call, path), path, file_options(options), extra))
    return found


def fileglob(call: LookupCall) -> Sequence[Any]:
    """The files that match a pattern; a pattern with a folder is looked for where that folder is found."""
    found: list[str] = []
    for term in call.texts():
        folder, pattern = os.path.split(term)
        if folder:
            at = call.scope.lookups.search("files", folder)
            folders = [at] if at else []
        else:
            folders = list(call.scope.lookups.search_paths("files"))
        found.extend(_first_matches(folders, pattern))
    return found


def _first_matches(folders: Iterable[str], pattern: str) -> list[str]:
    for folder in folders:
        matches = [path for path in glob.glob(os.path.join(folder, pattern)) if os.path.isfile(path)]
        if matches:
            return matches
    return []


def first_found(call: LookupCall) -> Sequence[Any]:
    """The first of the named files that exists."""
    kind = call.text("kind", "files")
    terms = _defined(call.terms, drop=call.in_loop) or [{}]
    skip = call.flag("skip")
    tried: list[str] = []
    for name, skips in _candidates(terms, call.options):
        skip = skip or skips
        tried.append(name)
        path = call.scope.lookups.search(kind, name) if name else None
        if path is not None:
            return [os.path.normpath(path)]
    if skip or any(isinstance(term, Mapping) and LookupCall([], dict(term)).flag("skip") for term in terms):
        return []
    raise TemplateError(
        f"No file was found when using first_found: none of {', '.join(tried)} exists",
        hint="skip: true makes that no error",
    )


def _defined(value: Any, drop: bool) -> Any:
    """Terms without the undefined ones (in loops they may be), at any depth; elsewhere they are errors."""
    if isinstance(value, Marker):
        value._marker_trip()
    if isinstance(value, Mapping):
        return {key: _defined(item, drop) for key, item in value.items() if not (drop and type(item) is Marker)}
    if isinstance(value, (list, tuple)):
        return [_defined(item, drop) for item in value if not (drop and type(item) is Marker)]
    return value


def _candidates(terms: Iterable[Any], options: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    for term in terms:
        if isinstance(term, Mapping):
            given = {**options, **term}
            skip = LookupCall([], dict(given)).flag("skip")
            yield from ((name, skip) for name in _joined_names(_split(given.get("files"), ",;"), given))
        elif isinstance(term, str):
            yield from ((name, False) for name in _joined_names(_split(term, ",;"), options))
        elif isinstance(term, (list, tuple)):
            yield from _candidates(term, options)
        else:
            raise TemplateError(f"Invalid term supplied. A string, dict or list is required, not '{type_name(term)}'")


def _joined_names(names: list[str], options: Mapping[str, Any]) -> Iterator[str]:
    paths = _split(options.get("paths"), ",:;")
    if not paths:
        yield from names
    for path in paths:
        yield from (os.path.join(path, name) for name in names)


def _split(value: Any, separators: str) -> list[str]:
    if value is None:
        return []
    if isinstance(value, str):
        return re.split(f"[{separators}]", value)
    return [part for item in value for part in _split(str(item), separators)]


def filetree(call: LookupCall) -> Sequence[Any]:
    """Everything below folders, each with its kind, mode and owner."""
    excluded = call.option("exclude")
    found: list[dict[str, Any]] = []
    for term in call.texts():
        base = find_file(call, term)
        for folder, names, file_names in os.walk(base):
            for name in sorted(names) + sorted(file_names):
                if excluded is None or not re.search(str(excluded), name):
                    found.append(_tree_entry(base, os.path.join(folder, name)))
    return found


def _tree_entry(base: str, path: str) -> dict[str, Any]:
    import grp
    import pwd

    status = os.lstat(path)
    entry: dict[str, Any] = {"root": base, "path": os.path.relpath(path, base), "src": path}
    if stat.S_ISLNK(status.st_mode):
        entry |= {"state": "link", "src": os.readlink(path)}
    else:
        entry["state"] = "directory" if stat.S_ISDIR(status.st_mode) else "file"
    entry |= {"mode": f"0{stat.S_IMODE(status.st_mode):03o}", "uid": status.st_uid, "gid": status.st_gid}
    try:
        entry |= {"owner": pwd.getpwuid(status.st_uid).pw_name, "group": grp.getgrgid(status.st_gid).gr_name}
    except KeyError:
        entry |= {"owner": status.st_uid, "group": status.st_gid}
    return entry | {"size": status.st_size, "mtime": status.st_mtime, "ctime": status.st_ctime}


def csvfile(call: LookupCall) -> Sequence[Any]:
    """A column of the row whose key is the term."""
    found = []
    for term in list(call.texts()) or [""]:
        key, given = call.inline(term, _CSV_OPTIONS)
        if not key:
            raise TemplateError("Search key is required but was not found")
        value = _csv_value(given, key)
        if value is not None:
            found.extend(value if isinstance(value, list) else [value])
    return found


def _csv_value(call: LookupCall, key: str) -> Any:
    path = find_file(call, call.text("file", "ansible.csv"))
    delimiter = call.text("delimiter", "TAB")
    text = read_text(call, path, call.text("encoding", "utf-8"))
    key_column, column = call.number("keycol", 0) or 0, call.number("col", 1) or 0
    for row in csv.reader(io.StringIO(text), delimiter="\t" if delimiter in ("TAB", "\\t") else delimiter):
        if row and row[key_column] == key:
            return row[column]
    return call.option("default")


def ini(call: LookupCall) -> Sequence[Any]:
    """The value of a key in a section of an INI file, or in a Java properties file."""
    found: list[Any] = []
    for term in call.texts():
        key, given = (term, call) if "=" not in term and " " not in term.strip() else call.inline(term, _INI_OPTIONS)
        if not key.strip():
            raise TemplateError(f"No key to look up was provided as first term within string inline options: {term}")
        section, parser = _read_ini(given)
        if not parser.has_section(section) and section != parser.default_section:
            raise TemplateError(f"No section: '{section}' in {given.text('file', 'ansible.ini')}")
        if given.flag("re"):
            found.extend(value for name, value in parser.items(section) if re.match(key, name))
            continue
        try:
            value: Any = parser.get(section, key)
        except configparser.NoOptionError:
            value = given.option("default", "")
        if value is not None:
            found.append(value)
    return found


def _read_ini(call: LookupCall) -> tuple[str, configparser.ConfigParser]:
    parser = configparser.ConfigParser(
        allow_no_value=call.flag("allow_no_value") or call.flag("allow_none"),
        interpolation=configparser.BasicInterpolation() if call.flag("interpolation", True) else None,
    )
    if call.flag("case_sensitive"):
        parser.optionxform = str  # type: ignore[method-assign,assignment]
    path = find_file(call, call.text("file", "ansible.ini"))
    text = read_text(call, path, call.text("encoding", "utf-8"))
    section = call.text("section", "global")
    if call.text("type", "ini") == "properties":
        section, text = "java_properties", f"[java_properties]\n{text}"
    try:
        parser.read_string(text, path)
    except (configparser.DuplicateOptionError, configparser.DuplicateSectionError) as error:
        what = "option" if isinstance(error, configparser.DuplicateOptionError) else "section"
        name = getattr(error, "option", error.section)
        raise TemplateError(f"Duplicate {what} in '{path}': {name!r} is there twice (line {error.lineno})") from None
    except configparser.Error as error:
        raise TemplateError(f"{path} is not understood: {str(error).splitlines()[0]}") from None
    return section, parser


LOOKUPS: dict[str, Lookup] = {
    "file": file,
    "unvault": unvault,
    "template": template,
    "fileglob": fileglob,
    "first_found": first_found,
    "filetree": filetree,
    "csvfile": csvfile,
    "ini": ini,
}

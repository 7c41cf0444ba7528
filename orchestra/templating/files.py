"""Template files: what the template module and the template lookup render.

Own delimiters (by option or by a ``#jinja2:`` line), macros, imports and includes; these are looked for beside the
file first, then in the task's search paths.
"""

from __future__ import annotations

import ast
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from datetime import datetime
from functools import lru_cache
from string import Formatter
from typing import Any

from jinja2 import BaseLoader, TemplateNotFound

from orchestra.errors import TemplateError, nearest
from orchestra.model.origin import Origin, ProjectText, TemplateText
from orchestra.model.record import record
from orchestra.templating.core import with_newlines
from orchestra.templating.scope import Scope
from orchestra.templating.templates import Compiled

HEADER = "#jinja2:"


@record
class FileOptions:
    """How a template file is to be read; the defaults are Ansible's."""

    block_start_string: str = "{%"
    block_end_string: str = "%}"
    variable_start_string: str = "{{"
    variable_end_string: str = "}}"
    comment_start_string: str = "{#"
    comment_end_string: str = "#}"
    line_statement_prefix: str | None = None
    line_comment_prefix: str | None = None
    trim_blocks: bool = True
    lstrip_blocks: bool = False
    newline_sequence: str = "\n"
    keep_trailing_newline: bool = False


_NAMES = tuple(field.name for field in fields(FileOptions))


def file_options(given: Any) -> FileOptions:
    """Options from a mapping; None leaves a default. Raises TemplateError for an unknown one."""
    if given is None or isinstance(given, FileOptions):
        return given or FileOptions()
    try:
        return _with(FileOptions(), tuple((name, value) for name, value in given.items() if value is not None))
    except TypeError:
        raise TemplateError(f"options of a template are text, or true and false, not {dict(given)!r}") from None


@lru_cache(256)
def _with(options: FileOptions, pairs: tuple[tuple[str, Any], ...]) -> FileOptions:
    given = dict(pairs)
    for name in given:
        if name not in _NAMES:
            close = nearest(name, _NAMES)
            hint = f"did you mean '{close[0]}'?" if close else f"there are {', '.join(_NAMES)}"
            raise TemplateError(f"a template has no option '{name}'", hint=hint)
    options = replace(options, **given)
    marks = {options.block_start_string, options.variable_start_string, options.comment_start_string}
    if len(marks) < 3:
        raise TemplateError("the marks that start blocks, variables and comments have to differ")
    if options.newline_sequence not in ("\n", "\r\n", "\r"):
        raise TemplateError(f"newline_sequence has to be \\n, \\r\\n or \\r, not {options.newline_sequence!r}")
    return options


def split_header(text: str, path: str, options: FileOptions) -> tuple[str, FileOptions]:
    """The text without its ``#jinja2:`` line, and the options with what that line says."""
    if not text.startswith(HEADER):
        return text, options
    head, newline, rest = text.partition("\n")
    origin = Origin(path, 1, 1)
    if not newline:
        raise TemplateError(f"the line '{HEADER}' needs a template below it", origin=origin)
    given: dict[str, Any] = {}
    for pair in head[len(HEADER) :].split(","):
        name, colon, value = pair.partition(":")
        try:
            given[name.strip()] = ast.literal_eval(value.strip())
        except (ValueError, SyntaxError):
            colon = ""
        if not colon:
            raise TemplateError(
                f"Missing key-value separator: '{pair.strip()}' is not understood in the '{HEADER}' line"
                if ":" not in pair
                else f"'{pair.strip()}' is not understood in the '{HEADER}' line",
                origin=origin,
                hint="write #jinja2: lstrip_blocks: True, trim_blocks: False",
            )
    try:
        return rest, _with(options, tuple(given.items()))
    except TemplateError as error:
        error.origin = origin
        raise


class FileLoader(BaseLoader):
    """Finds included and imported templates beside the one that names them, then in search paths."""

    def __init__(self, folders: tuple[str, ...], read: Callable[[str], bytes]) -> None:
        self.folders = folders
        self.read = read

    def path_of(self, name: str, parent: str | None) -> str:
        """The file that ``name`` means inside ``parent``; ``name`` itself where there is none."""
        beside = (os.path.dirname(parent),) if parent else ()
        for folder in (*beside, *self.folders):
            path = os.path.normpath(os.path.join(folder, name))
            if os.path.isfile(path):
                return path
        return name

    def get_source(self, environment: Any, template: str) -> tuple[str, str, Callable[[], bool]]:
        """A file's text; it is compiled again when the file changes."""
        if not os.path.isfile(template):
            raise TemplateNotFound(template)
        changed = os.path.getmtime(template)
        text = self.read(template).decode()
        return text, template, lambda: os.path.exists(template) and os.path.getmtime(template) == changed


def render_file(scope: Scope, text: str, path: str, options: Any, extra: Mapping[str, Any]) -> str:
    """As Scope.render_file."""
    value = render_native(scope, text, path, file_options(options), extra)
    return "" if value is None else scope.templar.core.text(scope, value)


def render_native(scope: Scope, text: str, path: str, options: FileOptions, extra: Mapping[str, Any]) -> Any:
    """The value of a template file; text unless the file is one lone expression."""
    if not _holds_marks(text, options):
        return text
    core = scope.templar.core
    folders = tuple(dict.fromkeys((os.path.dirname(path), *scope.lookups.search_paths("templates"))))
    key = (path, text, options, folders)
    compiled = core.compiled_files.get(key)
    if compiled is None:
        compiled = core.compiled_files[key] = file_template(core, text, path, options, folders, scope.lookups.read)
    managed = "" if "ansible_managed" in scope.variables else core.options.managed
    inner = scope.child(TemplateFacts(path, extra, managed))
    source = TemplateText(text, Origin(path, 1, 1))
    return core.finish(inner, core.run(compiled, inner, source, source.origin, "template"), source)


def _holds_marks(text: str, options: FileOptions) -> bool:
    marks = (options.variable_start_string, options.block_start_string, options.comment_start_string)
    prefixes = (options.line_statement_prefix, options.line_comment_prefix)
    return text.startswith(HEADER) or any(mark in text for mark in (*marks, *prefixes) if mark)


def file_template(
    core: Any,
    text: str,
    path: str,
    options: FileOptions,
    folders: tuple[str, ...],
    read: Callable[[str], bytes],
) -> Compiled:
    """Compile a template file's text. Raises TemplateError."""
    body, options = split_header(text, path, options)
    environment = core.file_environment(options, folders, read)
    compiled: Compiled = core.compile(environment, body, path, len(text.splitlines()) - len(body.splitlines()))
    newlines = len(body) - len(body.rstrip("\n"))
    return with_newlines(compiled, newlines, options.newline_sequence) if newlines else compiled


class TemplateFacts(Mapping[str, Any]):
    """The variables that only template files have (template_path, template_mtime ...), each found when it is used."""

    __slots__ = ("_given", "_managed", "_path")

    def __init__(self, path: str, given: Mapping[str, Any], managed: str) -> None:
        """``given`` are the caller's own, which win; ``managed`` is the text of ansible_managed before its marks are
        filled in, or empty where the user has set that variable."""
        self._path = path
        self._given = given
        self._managed = managed

    def __getitem__(self, name: str) -> Any:
        if name in self._given:
            return self._given[name]
        if name == "ansible_managed" and self._managed:
            return _managed(self._managed, self["template_mtime"])
        return _FACTS[name](self._path)

    def __contains__(self, name: object) -> bool:
        return name in self._given or name in _FACTS or (name == "ansible_managed" and bool(self._managed))

    def __iter__(self) -> Iterator[str]:
        names = [*self._given, *_FACTS, *(["ansible_managed"] if self._managed else [])]
        return iter(dict.fromkeys(names))

    def __len__(self) -> int:
        return len(list(iter(self)))


def _modified(path: str) -> datetime:
    return datetime.fromtimestamp(os.stat(path).st_mtime) if os.path.exists(path) else datetime.now()


_FACTS: dict[str, Callable[[str], Any]] = {
    "template_host": lambda path: os.uname().nodename,
    "template_path": lambda path: path,
    "template_fullpath": os.path.abspath,
    "template_mtime": _modified,
    "template_uid": lambda path: _owner(os.stat(path).st_uid if os.path.exists(path) else os.getuid()),
    "template_run_date": lambda path: datetime.now(),
    "template_destpath": lambda path: None,
}


#: What may stand in braces in the setting ``ansible_managed``, and the variable that tells it.
_FIELDS = {"host": "template_host", "uid": "template_uid", "file": "template_path"}
_SETTING = Origin("the setting ansible_managed")


def _managed(text: str, modified: datetime) -> str:
    """The setting, with the time of the template's file in it.

    What it names in braces becomes a variable of the template: a file's name is never read as a template or a time.
    """
    if "{" not in text and "}" not in text and "%" not in text:
        return ProjectText(text)
    made = time.strftime("".join(_filled(text)), modified.timetuple())
    return TemplateText(made, _SETTING) if any(mark in made for mark in ("{{", "{%", "{#")) else ProjectText(made)


def _filled(text: str) -> Iterator[str]:
    """The parts of the setting; doubled braces in it are single ones."""
    try:
        parts = list(Formatter().parse(text))
    except ValueError as error:
        raise TemplateError(f"ansible_managed is not understood: {error}", origin=_SETTING) from None
    for literal, field, _, _ in parts:
        yield literal
        if field is None:
            continue
        if field not in _FIELDS:
            hint = "write {host}, {uid} or {file}, and doubled braces for those that are to stay"
            raise TemplateError(f"ansible_managed names {{{field}}}, which is not known", origin=_SETTING, hint=hint)
        yield f"{{{{ {_FIELDS[field]} }}}}"


def _owner(uid: int) -> str | int:
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return uid

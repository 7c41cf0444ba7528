"""Turns what went wrong in a template into an error with file, line, column and what to do about it."""

from __future__ import annotations

import linecache
import re
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any

from jinja2 import TemplateNotFound, TemplateSyntaxError
from jinja2.utils import missing

from orchestra.errors import OrchestraError, TemplateError, UndefinedVariable, nearest
from orchestra.model.origin import Origin
from orchestra.templating.marker import Marker

#: How many names an error lists.
_SHOWN = 12


def undefined_error(marker: Marker, names: Iterable[str]) -> UndefinedVariable:
    """The error for a marker that reached the end of rendering; ``names`` are those that are set."""
    text, origin = marker._marker_place or ("", None)
    line = _template_line(marker._marker_born)
    where = _own_file(marker._marker_born, line) or origin_within(origin, text, line, _needle(marker))
    message = _undefined_message(marker, text)
    through = marker._marker_through
    if through:
        last = through[-1]
        way = [name for name, _ in through]
        chain = " -> ".join(way if marker._undefined_name is None else [*way, _short_name(marker, text)])
        place = f", set at {through[0][1]}" if through[0][1] else ""
        message += f" ('{last[0]}' uses it: {chain}{place})"
    return UndefinedVariable(message, origin=where, hint=_undefined_hint(marker, names))


def _undefined_message(marker: Marker, text: str) -> str:
    if marker._undefined_hint:
        return marker._undefined_hint
    if marker._undefined_obj is missing:
        return f"'{marker._undefined_name}' is undefined"
    name = marker._undefined_name
    kind = type_name(marker._undefined_obj)
    return f"'{_short_name(marker, text)}' is undefined: object of type '{kind}' has no attribute {name!r}"


def _short_name(marker: Marker, text: str) -> str:
    """How the template spells what is undefined: ``x.y`` for the attribute y that x lacks."""
    name = marker._undefined_name
    if marker._undefined_obj is missing or name is None:
        return str(name or "a value")
    pattern = rf"([\w.\[\]'\"]*)(?:\.{re.escape(str(name))}\b|\[['\"]?{re.escape(str(name))}['\"]?\])"
    found = re.search(pattern, text)
    return found.group(0) if found and found.group(1) else str(name)


def _undefined_hint(marker: Marker, names: Iterable[str]) -> str:
    if marker._undefined_hint or marker._undefined_name is None:
        return ""
    if marker._undefined_obj is missing:
        close = nearest(str(marker._undefined_name), names)
        return f"did you mean {_listed(close)}?" if close else "set it, or write: | default(...)"
    return _attribute_hint(marker._undefined_obj, str(marker._undefined_name))


def _attribute_hint(obj: Any, name: str) -> str:
    if isinstance(obj, (list, tuple)):
        return f"it is a list of {len(obj)} items"
    if not isinstance(obj, Mapping):
        return f"it is a {type_name(obj)}"
    keys = [str(key) for key in obj]
    close = nearest(name, keys)
    if close:
        return f"did you mean {_listed(close)}?"
    if not keys:
        return "it is empty"
    more = f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
    return f"it has {', '.join(keys[:_SHOWN])}{more}"


def _listed(names: Iterable[str]) -> str:
    return " or ".join(f"'{name}'" for name in names)


def type_name(value: object) -> str:
    """A value's type as users know it."""
    for kind in (bool, str, int, float, dict, list, tuple):
        if isinstance(value, kind):
            return kind.__name__
    return "dict" if isinstance(value, Mapping) else type(value).__name__


def untrusted(origin: Origin | None, hint: str = "") -> TemplateError:
    """The error about an expression that is no text of the project."""
    hint = hint or "what a template computes, or a host gave, is never evaluated: write the expression itself"
    return TemplateError("Encountered untrusted template or expression.", origin=origin, hint=hint)


def located(
    error: Exception, text: str, origin: Origin | None, *, rendering: bool = False, kind: str = "template"
) -> OrchestraError:
    """An error with a place, for whatever ``rendering`` a template, or compiling or judging ``text`` raised.

    ``kind``: what it is, a template or an expression.
    """
    line = _traceback_line(error)
    if isinstance(error, OrchestraError):
        if error.origin is None and isinstance(error, TemplateError):
            error.origin = _raised_in_file(error) or origin_within(origin, text, line, _quoted(error.message))
        return error
    if isinstance(error, TemplateSyntaxError):
        return _syntax_error(error, text, origin, kind)
    where = _raised_in_file(error) or origin_within(origin, text, line, "")
    if isinstance(error, RecursionError):
        return TemplateError(
            "Recursive loop detected in template: variables refer to each other without end", origin=where
        )
    if isinstance(error, TemplateNotFound):
        return TemplateError(f"there is no template file '{error.message}': not found in search paths", origin=where)
    return TemplateError(f"Error rendering {kind}: {say(error)}" if rendering else say(error), origin=where)


def say(error: Exception) -> str:
    """An exception in words; a KeyError and an empty one say too little alone."""
    text = str(error)
    return text if text and not isinstance(error, KeyError) else f"{type(error).__name__} {text}".strip()


def _syntax_error(error: TemplateSyntaxError, text: str, origin: Origin | None, kind: str) -> TemplateError:
    message = f"Syntax error in {kind}: {error.message or 'it ends there'}"
    if error.filename and error.filename != "<unknown>" and not error.filename.startswith("<"):
        return TemplateError(message, origin=Origin(error.filename, error.lineno, 0))
    where = origin_within(origin, text, error.lineno, _quoted(error.message or ""))
    return TemplateError(message, origin=where, hint=str(getattr(error, "hint", "")))


def _quoted(message: str) -> str:
    found = re.search(r"'([^']+)'", message)
    return found.group(1) if found else ""


def _needle(marker: Marker) -> str:
    return "" if marker._undefined_hint else str(marker._undefined_name or "")


def _template_line(born: tuple[Any, int] | None) -> int:
    if born is None:
        return 0
    template, line = born
    return int(template.get_corresponding_lineno(line))


def _own_file(born: tuple[Any, int] | None, line: int) -> Origin | None:
    """The place in an included or imported file, which has a name of its own."""
    filename = born[0].filename if born else None
    return _file_origin(filename, line) if filename else None


def _file_origin(filename: str, line: int) -> Origin | None:
    return None if filename.startswith("<") else Origin(filename, line, 0)


def _frames(error: BaseException) -> list[tuple[Any, int]]:
    found = []
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        template = trace.tb_frame.f_globals.get("__jinja_template__")
        if template is not None:
            found.append((template, trace.tb_lineno))
        trace = trace.tb_next
    return found


def _traceback_line(error: BaseException) -> int:
    frames = _frames(error)
    return _template_line(frames[-1]) if frames else 0


def _raised_in_file(error: BaseException) -> Origin | None:
    frames = _frames(error)
    return _own_file(frames[-1], _template_line(frames[-1])) if frames else None


def origin_within(origin: Origin | None, text: str, line: int, needle: str) -> Origin | None:
    """The place of ``needle`` on line ``line`` (from 1; 0 is unknown) of ``text``, which was read at ``origin``.

    YAML's own position says where a value starts; where a line of it stands in the file is found by looking there.
    """
    if origin is None or not origin.line:
        return origin
    lines = text.splitlines() or [""]
    if not line:
        line = next((number for number, part in enumerate(lines, 1) if needle and _find(part, needle) >= 0), 1)
    wanted = lines[min(line, len(lines)) - 1].strip()
    for number in range(origin.line, origin.line + len(lines) + 2):
        source = linecache.getline(origin.file, number)
        start = source.find(wanted) if wanted else -1
        if start >= 0:
            offset = _find(wanted, needle)
            return Origin(origin.file, number, start + max(offset, 0) + 1)
    return Origin(origin.file, origin.line, origin.column)


def _find(text: str, needle: str) -> int:
    found = re.search(rf"(?<!\w){re.escape(needle)}(?!\w)", text) if needle else None
    return found.start() if found else -1

"""What a YAML parser's complaint means for a person: the usual mistakes, named, with the line mended.

Knows lines of text and PyYAML's exceptions; nothing of what the document was for.
"""

from __future__ import annotations

import re

from yaml import MarkedYAMLError, YAMLError
from yaml.reader import Reader

from orchestra.errors import LanguageError
from orchestra.model.origin import Origin

_LEAD = r"^(?P<lead>\s*(?:-\s+)*(?:[\w .\[\]-]+:\s+)?)"
_OPEN_TEMPLATE = re.compile(_LEAD + r"(?P<value>\{\{.*\}\}.*)$")
_STARTS_QUOTED = re.compile(_LEAD + r"(?P<value>(?P<quote>[\"']).*)$")
#: The key is never given back, so that a value in brackets is not taken for a text with the key inside.
_KEPT_LEAD = r"^(?P<lead>\s*(?:-\s+)*(?>(?:[\w .\[\]-]+:\s+)?))"
_VALUE = re.compile(_KEPT_LEAD + r"(?P<value>[^\s'\"\[{#&*!|>].*)$")


def explain(error: YAMLError, text: str, file: str) -> LanguageError:
    """``error``, met in ``text``, as a located error that says what to do."""
    context = error.context_mark if isinstance(error, MarkedYAMLError) else None
    mark = (error.problem_mark or context) if isinstance(error, MarkedYAMLError) else None
    if mark is None:
        return _unreadable(error, text, file)
    lines = text.splitlines()
    if mark.line >= len(lines) and context:
        mark = context  # noticed at the end of the file, begun where there is something to see
    for number in _suspects(error, mark.line):
        line = lines[number] if number < len(lines) else ""
        found = _usual_mistake(line)
        if found:
            column, message, hint = found
            return LanguageError(message, origin=Origin(file, number + 1, column + 1), hint=hint)
    message, hint = _plain_words(error)
    return LanguageError(message, origin=Origin(file, mark.line + 1, mark.column + 1), hint=hint)


def _suspects(error: YAMLError, line: int) -> list[int]:
    """The line of the complaint, then the one before: the parser often notices a line too late."""
    context = getattr(error, "context_mark", None)
    lines = [line, context.line if context else line, line - 1]
    return [number for number in dict.fromkeys(lines) if number >= 0]


def _usual_mistake(line: str) -> tuple[int, str, str] | None:
    return _tab(line) or _bare_template(line) or _half_quoted(line) or _bare_colon(line)


def _tab(line: str) -> tuple[int, str, str] | None:
    indent = line[: len(line) - len(line.lstrip())]
    if "\t" not in indent and not re.match(r"\s*[\w.-]+:\t", line):
        return None
    return line.index("\t"), "a tab stands where YAML wants spaces", "indent with spaces only"


def _bare_template(line: str) -> tuple[int, str, str] | None:
    match = _OPEN_TEMPLATE.match(line)
    if not match:
        return None
    return match.start("value"), "a value that starts with '{{' must be quoted (missing quotes)", _mended(match)


def _half_quoted(line: str) -> tuple[int, str, str] | None:
    match = _STARTS_QUOTED.match(line)
    if not match:
        return None
    value, quote = match["value"].rstrip(), match["quote"]
    if re.match(rf"{quote}[^{quote}]*{quote}\s*:", value):
        return None  # a quoted key
    if value[-1] == quote and value.count(quote) == 2:
        return None
    if value.count(quote) == 1:
        return (
            match.start("value"),
            f"the quote {quote} is opened and not closed on this line",
            f"close it with {quote}",
        )
    return match.start("value"), "text goes on after the closing quote; quote the whole value", _mended(match)


def _bare_colon(line: str) -> tuple[int, str, str] | None:
    match = _VALUE.match(line)
    found = re.search(r":(\s|$)", match["value"]) if match else None
    if not match or not found or not match["lead"].strip():
        return None
    return match.start("value") + found.start(), "a value with ': ' inside must be quoted", _mended(match)


def _mended(match: re.Match[str]) -> str:
    value = match["value"].rstrip()
    quote = "'" if '"' in value else '"'
    if quote in value:
        return f"write:  {match['lead'].strip()} {value!r}" if "\\" not in value else "quote the whole value"
    return f"write:  {match['lead'].strip()} {quote}{value}{quote}".replace("  " + quote, " " + quote)


def _plain_words(error: YAMLError) -> tuple[str, str]:
    problem = str(getattr(error, "problem", "") or error)
    context = str(getattr(error, "context", "") or "")
    for piece, message, hint in _WORDS:
        if piece in problem or piece in context:
            mark = getattr(error, "context_mark", None)
            return message.format(line=mark.line + 1 if mark else "?"), hint
    said = ", ".join(part for part in (problem, context) if part)
    return f"YAML parsing failed: {said[:1].upper()}{said[1:]}.", ""


#: What libyaml and PyYAML say, what it means, what to do.
_WORDS = (
    (
        "expected a single document",
        "a second document (---) starts here, and one file is one document",
        "split the file, or remove the '---'",
    ),
    ("undefined alias", "this alias (*name) names an anchor (&name) that does not stand above it", ""),
    ("did not find expected node content", "a value is missing here, or a bracket is not closed", "quote a text"),
    (
        "mapping values are not allowed",
        "a ':' stands where no key can be",
        "check the indentation of this line and the one above; quote a value that holds ': '",
    ),
    (
        "did not find expected key",
        "this line does not fit the mapping that starts at line {line}",
        "check the indentation",
    ),
    ("expected <block end>", "this line does not fit the block that starts at line {line}", "check the indentation"),
    (
        "did not find expected '-' indicator",
        "this line does not fit the list that starts at line {line}",
        "check the indentation",
    ),
    (
        "could not find expected ':'",
        "a key without ':' starts at line {line}",
        "write 'key: value', or indent a continued text",
    ),
    ("did not find expected ',' or", "the list or mapping in brackets that starts at line {line} is not closed", ""),
    ("expected ',' or", "the list or mapping in brackets that starts at line {line} is not closed", ""),
    ("cannot start any token", "a plain value can not start with this character", "quote the value"),
    ("while scanning a quoted scalar", "the quoted text that starts at line {line} never ends", "close the quote"),
    (
        "found unknown escape character",
        "this backslash escape does not exist in double quotes",
        "use single quotes, or double the backslash",
    ),
)


def _unreadable(error: YAMLError, text: str, file: str) -> LanguageError:
    """A character that no YAML file may hold."""
    match = Reader.NON_PRINTABLE.search(text)
    if not match:
        return LanguageError(f"not valid YAML: {error}", origin=Origin(file))
    before = text[: match.start()]
    line = before.count("\n") + 1
    column = match.start() - (before.rfind("\n") + 1) + 1
    return LanguageError(
        f"the character U+{ord(match.group()):04X} is not allowed in YAML",
        origin=Origin(file, line, column),
        hint="remove it, or write it as an escape in double quotes",
    )

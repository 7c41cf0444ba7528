"""Module arguments as people write them: mappings, ``key=value`` texts, free-form commands."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from itertools import pairwise
from typing import Any

from orchestra.errors import LanguageError
from orchestra.model.origin import Origin, ProjectText, TemplateText
from orchestra.model.record import record

#: Modules whose text is a command of its own; only these options are taken out of it.
FREE_FORM_OPTIONS = frozenset(
    ("creates", "removes", "chdir", "executable", "warn", "stdin", "stdin_add_newline", "strip_empty_ends", "cmd")
)
FREE_FORM_MODULES = frozenset(
    prefix + name
    for prefix in ("", "ansible.builtin.", "ansible.legacy.", "ansible.windows.")
    for name in (
        "command", "shell", "raw", "script", "win_command", "win_shell", "meta", "include_tasks", "import_tasks",
        "include_vars", "import_playbook", "include_role", "import_role", "set_fact", "add_host", "group_by",
    )
)  # fmt: skip
#: Of these, those whose text stands for a mapping when it is one expression.
_MAPPING_MODULES = frozenset(
    prefix + name
    for prefix in ("", "ansible.builtin.", "ansible.legacy.")
    for name in ("set_fact", "add_host", "group_by", "include_role", "import_role")
)
_COMMAND_MODULES = frozenset(
    prefix + name
    for prefix in ("", "ansible.builtin.", "ansible.legacy.", "ansible.windows.")
    for name in ("command", "shell", "raw", "script", "win_command", "win_shell")
)


@record
class Arguments:
    """Named options, and the free-form text when there is one."""

    options: Mapping[str, Any] = field(default_factory=dict)
    free_form: Any = None


def split_words(text: str) -> list[str]:
    """Split at blanks, but not inside quotes or template marks; quotes are kept.

    Raises:
        ValueError: a quote or a template mark is not closed.
    """
    return [word for word, _ in _words(text)]


def _words(text: str) -> Iterator[tuple[str, str]]:
    """Each word, and the blanks after it; of these a single one, or the last that indents the next word, is no part."""
    spans = _spans(text)
    for (start, end), (following, _) in pairwise([*spans, (len(text), len(text))]):
        yield text[start:end], text[end:following].removesuffix(" ")


def _spans(text: str) -> list[tuple[int, int]]:
    """Where each word begins and ends."""
    spans: list[tuple[int, int]] = []
    quote, depth, position, start = "", 0, 0, -1
    while position < len(text):
        pair, char = text[position : position + 2], text[position]
        step = 1
        if not quote and pair in ("{{", "{%", "{#"):
            depth, step = depth + 1, 2
        elif not quote and depth and pair in ("}}", "%}", "#}"):
            depth, step = depth - 1, 2
        elif not depth and char in "'\"" and (not quote or quote == char) and text[position - 1 : position] != "\\":
            quote = "" if quote else char
        blank = char in " \t\n" and not quote and not depth
        if blank and start >= 0:
            spans.append((start, position))
        start = -1 if blank else start if start >= 0 else position
        position += step
    if quote or depth:
        raise ValueError("unbalanced quotes" if quote else "unbalanced template marks")
    return spans if start < 0 else [*spans, (start, len(text))]


def unquote(text: str) -> str:
    """Without the quotes around it, if the same one stands at both ends."""
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" and text[-2] != "\\":
        return text[1:-1]
    return text


_ESCAPE = re.compile(r"""\\(?:U[0-9a-fA-F]{8}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|N\{[^}]+\}|[\\'"abfnrtv])""")


def decode_escapes(text: str) -> str:
    """Turn backslash escapes of a ``key=value`` word into the characters they mean."""
    return _ESCAPE.sub(lambda found: codecs.decode(found.group(0), "unicode-escape"), text) if "\\" in text else text


def _keep_template(text: str, origin: Origin | None, source: object) -> str:
    if isinstance(source, TemplateText) and "{" in text:
        return TemplateText(text, origin)
    return ProjectText(text) if isinstance(source, (TemplateText, ProjectText)) else text


def parse_text(text: str, origin: Origin | None, *, command: bool = False) -> Arguments:
    """Read ``k=v k2="v 2"``; of a command only its own options are taken, the rest is the command.

    Raises:
        LanguageError: quotes do not match.
    """
    read = _without_continuations(text) if command else text
    try:
        words = list(_words(read))
    except ValueError as error:
        raise LanguageError(
            f"failed at splitting arguments: {error}", origin=origin, hint="close every quote and every {{ }}"
        ) from error
    options: dict[str, Any] = {}
    rest: list[tuple[str, str]] = []
    for word, blanks in words:
        key, equals, value = _cut_at_equals(decode_escapes(word))
        named = equals and (key.isidentifier() or "{{" in key)
        if named and (not command or key in FREE_FORM_OPTIONS):
            options[_keep_template(key, origin, text)] = _keep_template(unquote(value), origin, text)
        else:
            rest.append((word, blanks))
    if not rest and (options or not command):
        return Arguments(options)
    free = _join(rest).strip() if not command else _join(rest) if options else read  # a command keeps its blanks
    return Arguments(options, _keep_template(free, origin, text))


#: What is kept as it is, and last a backslash of its own that ends a line.
_CONTINUED = re.compile(r"""\\[^\n]|"(?:\\.|[^"\\])*"|'[^']*'|(?<!\S)\\\n""", re.DOTALL)


def _without_continuations(text: str) -> str:
    """A command's lines that a backslash joins are one: what splits it into words would take the line's end along."""
    if "\\\n" not in text:
        return text
    return _CONTINUED.sub(lambda found: "" if found[0] == "\\\n" else found[0], text)


def _cut_at_equals(word: str) -> tuple[str, str, str]:
    """Name, sign and value of a ``name=value`` word. The name may hold templates; what these compare is no sign."""
    if _is_one_template(word):
        return word, "", ""
    at = word.find("=")
    while at > 0 and word.count("{{", 0, at) != word.count("}}", 0, at):
        at = word.find("=", at + 1)
    return (word[:at], "=", word[at + 1 :]) if at >= 0 else (word, "", "")


def _is_one_template(text: str) -> bool:
    return text.startswith("{{") and text.endswith("}}") and text.count("{{") == 1


def _join(words: list[tuple[str, str]]) -> str:
    """What is left of a text without its options: as it was written, each option gone with the blanks after it."""
    joined = ""
    for word, blanks in words:
        joined += ("" if not joined or joined.endswith("\n") else " ") + word + blanks
    return joined


def normalise(action: str, value: Any, origin: Origin | None) -> Arguments:
    """The arguments of ``action`` from whatever stands behind its name.

    Raises:
        LanguageError: a list or another thing that cannot be arguments.
    """
    if value is None:
        return Arguments()
    if isinstance(value, dict):
        return Arguments(value, value.get("_raw_params"))
    if isinstance(value, str):
        return _from_text(action, value, origin)
    if isinstance(value, (int, float)):
        return Arguments({}, str(value))
    raise LanguageError(
        f"unexpected {type(value).__name__} as the arguments of {action!r}; expected a mapping or key=value text",
        origin=origin,
    )


#: Words up to the first blank that is not within a template.
_NAME_OF_ACTION = re.compile(r"((?:\{\{.*?\}\}|\S)+)(.*)", re.DOTALL)


def cut_action(text: str, origin: Origin | None) -> tuple[str, str]:
    """The module's name in front of an action's words, and the words. The name may be a template."""
    found = _NAME_OF_ACTION.match(text.strip())
    name, rest = found.groups() if found else (text.strip(), "")
    return _keep_template(name, origin, text), _keep_template(rest.lstrip(), origin, text)


def _is_one_expression(value: str) -> bool:
    return isinstance(value, TemplateText) and _is_one_template(value.strip())


def _from_text(action: str, value: str, origin: Origin | None) -> Arguments:
    if action in _COMMAND_MODULES:
        return parse_text(value, origin, command=True)
    found = parse_text(value, origin)
    if found.free_form is None:
        return found
    if _is_one_expression(found.free_form) and (action in _MAPPING_MODULES or action not in FREE_FORM_MODULES):
        return Arguments({"_variable_params": found.free_form, **found.options})
    return found

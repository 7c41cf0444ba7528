"""Rules about YAML and Jinja as they are written: truth values, keys that stand twice, tabs, blanks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from orchestra.language.yamlnodes import TAG
from orchestra.lint.document import Document, replace, scalars
from orchestra.lint.finding import Edit, FileRule, Finding, Rule
from orchestra.model.origin import Origin

_TRUTH = Rule(
    "yaml[truthy]", "yes, no, on and off are truth values to some readers of YAML and text to others.", fixes=True
)
_TWICE = Rule("yaml[key-duplicates]", "Of a key that stands twice only the last one counts.")
_TABS = Rule("no-tabs", "A tab looks like blanks and is none.")
_TRAILING = Rule("yaml[trailing-spaces]", "Blanks at the end of a line are noise in differences.", fixes=True)
_END = Rule(
    "yaml[new-line-at-end-of-file]", "A last line without its end disturbs what is added behind it.", fixes=True
)
_SPACING = Rule("jinja[spacing]", "Braces with a blank inside are easier to read.", fixes=True)


def _truth(document: Document) -> Iterator[Finding]:
    for node in scalars(document.root):
        if node.tag == f"{TAG}bool" and not node.style and node.value not in ("true", "false"):
            meant = "true" if node.value.lower() in ("yes", "on", "true", "y") else "false"
            message = f"{node.value}: write {meant}"
            yield document.finding(_TRUTH.name, node, message, replace(node, meant))


def _mappings(node: Node | None) -> Iterator[MappingNode]:
    seen: set[int] = set()
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, MappingNode):
            yield one
            waiting += [value for _, value in one.value]
        elif isinstance(one, SequenceNode):
            waiting += one.value


def _twice(document: Document) -> Iterator[Finding]:
    for found in _mappings(document.root):
        seen: dict[str, int] = {}
        for key, _ in found.value:
            if not isinstance(key, ScalarNode) or key.value == "<<":
                continue
            if key.value in seen:
                message = f"the key {key.value!r} stands in line {seen[key.value]} already; only this one counts"
                yield document.finding(_TWICE.name, key, message)
            seen.setdefault(key.value, key.start_mark.line + 1)


def _inside_texts(document: Document) -> set[int]:
    """Lines (from 0) in block and quoted texts, whose blanks belong to the value."""
    return {
        line
        for node in scalars(document.root)
        if node.style and node.end_mark.line > node.start_mark.line
        for line in range(node.start_mark.line, node.end_mark.line + (node.style not in "|>"))
    }


def _tabs(document: Document) -> Iterator[Finding]:
    inside = _inside_texts(document)
    for number, line in enumerate(document.lines):
        before = line.partition("#")[0]
        if "\t" in before and number not in inside and not re.search(r"""["'].*\t.*["']""", line):
            origin = Origin(document.path, number + 1, line.index("\t") + 1)
            yield Finding(_TABS.name, "a tab between values", origin, lines=(number + 1,))


def _trailing(document: Document) -> Iterator[Finding]:
    inside = _inside_texts(document)
    start = 0
    for number, whole in enumerate(document.text.splitlines(keepends=True)):
        line = whole.rstrip("\r\n")
        bare = line.rstrip(" \t")
        if bare != line and number not in inside:
            edit = Edit(start + len(bare), start + len(line), "")
            origin = Origin(document.path, number + 1, len(bare) + 1)
            yield Finding(_TRAILING.name, "blanks at the end of the line", origin, (edit,), (number + 1,))
        start += len(whole)


def _end(document: Document) -> Iterator[Finding]:
    text = document.text
    if text and not text.endswith("\n"):
        origin = Origin(document.path, len(document.lines), len(document.lines[-1]) + 1)
        edit = Edit(len(text), len(text), "\r\n" if "\r\n" in text else "\n")
        yield Finding(_END.name, "the last line has no end", origin, (edit,))


def _spacing(document: Document) -> Iterator[Finding]:
    for node in scalars(document.root):
        if "{{" not in node.value or str(node.tag).endswith("vault") or node.tag == "!unsafe":
            continue
        source = document.source(node)
        edits: list[Edit] = []
        for expression in re.finditer(r"\{\{[-+]?([^{}'\"]|'[^'{}]*'|\"[^\"{}]*\")*?[-+]?\}\}", source):
            edits += _blanks(expression, node.start_mark.index)
        if edits:
            yield document.finding(_SPACING.name, node, "a blank inside the braces: {{ name }}", *edits)


def _blanks(found: re.Match[str], offset: int) -> Iterator[Edit]:
    text = found[0]
    opening = re.match(r"\{\{[-+]?", text)
    closing = re.search(r"[-+]?\}\}$", text)
    assert opening is not None
    assert closing is not None
    if closing.start() <= opening.end() or not text[opening.end() : closing.start()].strip():
        return
    if not text[opening.end()].isspace():
        yield Edit(offset + found.start() + opening.end(), offset + found.start() + opening.end(), " ")
    if not text[closing.start() - 1].isspace():
        yield Edit(offset + found.start() + closing.start(), offset + found.start() + closing.start(), " ")


RULES = (
    FileRule(_TRUTH, _truth), FileRule(_TWICE, _twice), FileRule(_TABS, _tabs), FileRule(_TRAILING, _trailing),
    FileRule(_END, _end), FileRule(_SPACING, _spacing),
)  # fmt: skip

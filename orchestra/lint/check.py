"""All rules over all files, without what is silenced; and the mending, pass after pass until nothing is left."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from orchestra.errors import OrchestraError, ParseErrors, UsageError, nearest
from orchestra.library.catalogue import Library
from orchestra.lint import commands, fixing, keywords, layout, modes, names
from orchestra.lint.document import Document
from orchestra.lint.files import collect
from orchestra.lint.finding import FileRule, Finding, Rule, TaskRule
from orchestra.model.origin import Origin

_TABLE: tuple[TaskRule | FileRule, ...] = (*commands.RULES, *modes.RULES, *keywords.RULES, *layout.RULES)
UNREADABLE = Rule("load-failure", "The file can not be read as YAML.")
SYNTAX = Rule("syntax-check", "The playbook would not start: what `orchestra play --syntax-check` says.")
ALL: tuple[Rule, ...] = tuple(dict.fromkeys([UNREADABLE, SYNTAX, *(entry.rule for entry in _TABLE), *names.RULES]))
#: More passes than mending one thing can lay open another.
_PASSES = 5
_SILENCED = re.compile(r"#\s*noqa(?::|\s)?\s*(?P<rules>[^#]*)$")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which rules count: ``only`` these, ``more`` of the optional ones, and never those to ``skip``."""

    only: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()

    def takes(self, rule: str) -> bool:
        """Whether a rule counts."""
        if _among(rule, self.skip):
            return False
        if self.only:
            return _among(rule, self.only)
        return _among(rule, self.more) or rule not in _OPTIONAL


_OPTIONAL = frozenset(rule.name for rule in ALL if rule.optional)


def _among(rule: str, given: Iterable[str]) -> bool:
    """``yaml`` stands for all of ``yaml[...]``."""
    return any(rule == one or rule.startswith(f"{one}[") for one in given)


def chosen(only: Sequence[str], more: Sequence[str], skip: Sequence[str]) -> Choice:
    """The choice. Raises UsageError for a name that is no rule's."""
    known = {rule.name for rule in ALL} | {rule.name.partition("[")[0] for rule in ALL}
    for name in (*only, *more, *skip):
        if name not in known:
            near = nearest(name, known)
            raise UsageError(f"there is no rule {name!r}", hint=f"did you mean {' or '.join(near)}?" if near else "")
    return Choice(tuple(only), tuple(more), tuple(skip))


def check(paths: Sequence[str], library: Library, choice: Choice) -> list[Finding]:
    """All findings in files and folders, in the order of files and lines. Raises UsageError: a path is not there."""
    collection = collect(paths)
    documents = list(collection.documents.values())
    found = [*map(_unreadable, _each(collection.problems)), *_findings(documents, library)]
    lines = {document.path: document.lines for document in documents}
    return sorted(
        (one for one in dict.fromkeys(found) if choice.takes(one.rule) and not _silenced(one, lines)),
        key=lambda one: (one.origin.file, one.origin.line, one.origin.column, one.rule),
    )


def _each(problems: Iterable[OrchestraError]) -> Iterator[OrchestraError]:
    for problem in problems:
        yield from problem.problems if isinstance(problem, ParseErrors) else (problem,)


def _unreadable(problem: OrchestraError) -> Finding:
    return Finding(UNREADABLE.name, problem.message, problem.origin or Origin(""))


def _findings(documents: Sequence[Document], library: Library) -> Iterator[Finding]:
    for document in documents:
        for entry in _TABLE:
            if isinstance(entry, FileRule):
                yield from entry.check(document)
            else:
                for task in document.tasks:
                    yield from entry.check(document, task)
    yield from names.check_names(documents, library)


def _silenced(finding: Finding, lines: dict[str, list[str]]) -> bool:
    text = lines.get(finding.origin.file, [])
    return any(_mutes(text[number - 1], finding.rule) for number in finding.lines if 0 < number <= len(text))


def _mutes(line: str, rule: str) -> bool:
    found = _SILENCED.search(line)
    if found is None:
        return False
    rules = re.split(r"[\s,]+", found["rules"].strip())
    return rules == [""] or any(_among(rule, (one,)) or one.startswith(f"{rule}[") for one in rules)


def mend(paths: Sequence[str], library: Library, choice: Choice) -> tuple[list[Finding], int]:
    """Write what can be mended into the files; returns what is left, and how many findings were mended."""
    total = 0
    for _ in range(_PASSES):
        findings = check(paths, library, choice)
        mended = _write(findings)
        total += mended
        if not mended:
            break
    return check(paths, library, choice), total


def _write(findings: Sequence[Finding]) -> int:
    total = 0
    for path in dict.fromkeys(finding.origin.file for finding in findings if finding.edits):
        with open(path, "rb") as file:
            text = file.read().decode("utf-8-sig")
        new, count = fixing.edited(text, [one for one in findings if one.origin.file == path])
        if new != text:
            fixing.write(path, new)
            total += count
    return total

"""What a rule says: a finding at a place, with the edits that mend it where that is safe. Data only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestra.model.origin import Origin

if TYPE_CHECKING:
    from orchestra.lint.document import Document, TaskNode


@dataclass(frozen=True, slots=True)
class Edit:
    """Put ``text`` in place of the characters from ``start`` to before ``end`` of a file."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend. ``lines`` are all lines whose ``# noqa`` comment silences it."""

    rule: str
    message: str
    origin: Origin
    edits: tuple[Edit, ...] = ()
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its name, one sentence on why, whether it can mend, whether it must be asked for."""

    name: str
    why: str
    fixes: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class TaskRule:
    """A rule that looks at one task at a time."""

    rule: Rule
    check: Callable[[Document, TaskNode], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class FileRule:
    """A rule that looks at a whole file."""

    rule: Rule
    check: Callable[[Document], Iterator[Finding]]

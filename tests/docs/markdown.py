"""Reads the examples out of a page of the manual. Knows nothing of how they are run.

A fenced block says in its first line what it is: ``yaml playbook`` and ``yaml tasks`` are read by Orchestra,
``file=NAME`` puts it into the page's project folder, ``console`` is run there (``norun``: only its options are looked
up). In it, ``$ `` begins a command, the rest are lines that its output must have, in which ``...`` stands for
anything, and ``$? 4`` is its exit status, where that is not 0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

_FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_DURATION = re.compile(r"\b(?:\d+m ?)?\d+(?:\.\d+)?s\b")


@dataclass(frozen=True, slots=True)
class Example:
    """One fenced block: its words (language first), its ``file=`` name, its text, the line that it begins at."""

    words: tuple[str, ...]
    file: str
    text: str
    line: int

    @property
    def language(self) -> str:
        return self.words[0] if self.words else ""


@dataclass(slots=True)
class Command:
    """One command of a console block and what is expected of it."""

    text: str
    expected: list[str] = field(default_factory=list)
    status: int = 0


def examples(page: Path) -> list[Example]:
    """Every fenced block of a page, in order."""
    text = page.read_text(encoding="utf-8")
    return [_example(match, text) for match in _FENCE.finditer(text)]


def _example(match: re.Match[str], text: str) -> Example:
    words = match["info"].split()
    names = [word.removeprefix("file=") for word in words if word.startswith("file=")]
    rest = tuple(word for word in words if not word.startswith("file="))
    return Example(rest, names[0] if names else "", match["body"], text.count("\n", 0, match.start()) + 1)


def commands(example: Example) -> list[Command]:
    """The commands of a console block."""
    found: list[Command] = []
    unfinished = False
    for line in example.text.splitlines():
        if unfinished:
            found[-1].text += "\n" + line
        elif line.startswith("$ "):
            found.append(Command(line[2:]))
        elif line.startswith("$? "):
            found[-1].status = int(line[3:])
        elif line.strip() not in ("", "..."):
            found[-1].expected.append(line)
        unfinished = (unfinished or line.startswith("$ ")) and line.endswith("\\")
    return found


def matches(expected: str, line: str) -> bool:
    """Whether a line of output is what a page shows, ``...`` standing for anything, times for any time."""
    pattern = ".*".join(re.escape(_even(part)) for part in expected.split("..."))
    return re.fullmatch(pattern, _even(line)) is not None


def _even(text: str) -> str:
    """The text with single spaces, and every duration the same."""
    return _DURATION.sub("0.0s", " ".join(text.split()))

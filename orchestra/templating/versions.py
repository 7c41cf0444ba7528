"""Comparing versions: loosely as distributions write them, strictly, semantic, and PEP 440."""

from __future__ import annotations

import functools
import re
from typing import Any

from orchestra.errors import TemplateError

# Patterns are compiled when a version is first compared: few runs do, and together they cost a millisecond.
_NUMBERS_AND_WORDS = r"\d+|[a-z]+|\."
_STRICT = r"(\d+)\.(\d+)(?:\.(\d+))?(?:([ab])(\d+))?"
_SEMANTIC = r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?"
_PEP440 = (
    r"v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?(\d*))?"
    r"(?:(?:-(\d+))|[-_.]?(?:post|rev|r)[-_.]?(\d*))?(?:[-_.]?dev[-_.]?(\d*))?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?"
)
_STAGES = {"a": 0, "alpha": 0, "b": 1, "beta": 1, "c": 2, "rc": 2, "pre": 2, "preview": 2}


@functools.total_ordering
class _Part:
    """A part of a loose version; numbers and words can be equal or not, but have no order between them."""

    __slots__ = ("value",)

    def __init__(self, value: int | str) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Part) and self.value == other.value

    def __hash__(self) -> int:
        return hash(self.value)

    def __lt__(self, other: _Part) -> bool:
        mine, theirs = self.value, other.value
        if isinstance(mine, int) and isinstance(theirs, int):
            return mine < theirs
        if isinstance(mine, str) and isinstance(theirs, str):
            return mine < theirs
        raise TemplateError(f"'{mine}' and '{theirs}' have no order: one is a number, one is not")


def loose(text: str) -> list[_Part]:
    """A version as numbers and words, whatever stands between them."""
    parts = [part for part in _split_loose(text) if part and part != "."]
    return [_Part(int(part) if part.isdigit() else part) for part in parts]


def _split_loose(text: str) -> list[str]:
    found, end = [], 0
    for match in re.finditer(_NUMBERS_AND_WORDS, text, re.IGNORECASE):
        found += [text[end : match.start()], match.group()]
        end = match.end()
    return [*found, text[end:]]


def strict(text: str) -> Any:
    """``1.2`` or ``1.2.3``, perhaps with ``a1`` or ``b2``."""
    found = re.fullmatch(_STRICT, text)
    if found is None:
        raise TemplateError(f"invalid version number '{text}'")
    numbers = (int(found[1]), int(found[2]), int(found[3] or 0))
    return numbers, (found[4], int(found[5])) if found[4] else ("z", 0)


def semantic(text: str) -> Any:
    """A version as semver.org has it."""
    found = re.fullmatch(_SEMANTIC, text)
    if found is None:
        raise TemplateError(f"invalid semantic version '{text}'")
    numbers = (int(found[1]), int(found[2]), int(found[3]))
    if found[4] is None:
        return numbers, (1,)
    words = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in found[4].split("."))
    return numbers, (0, words)


def pep440(text: str) -> Any:
    """A version as Python packages have it."""
    found = re.fullmatch(_PEP440, text.strip(), re.IGNORECASE)
    if found is None:
        raise TemplateError(f"Invalid version: '{text}'")
    release = tuple(int(part) for part in found[2].split("."))
    while len(release) > 1 and release[-1] == 0:
        release = release[:-1]
    dev = (0, int(found[7] or 0)) if found[7] is not None else (1, 0)
    post_number = found[5] if found[5] is not None else found[6]
    post = (1, int(post_number or 0)) if post_number is not None else (0, 0)
    if found[3]:
        stage = (_STAGES[found[3].lower()], int(found[4] or 0))
    else:
        stage = (-1, 0) if dev[0] == 0 and post[0] == 0 else (3, 0)
    return int(found[1] or 0), release, stage, post, dev, _local(found[8] or "")


def _local(text: str) -> tuple[tuple[int, int, str], ...]:
    parts = re.split("[-_.]", text) if text else []
    return tuple((1, int(part), "") if part.isdigit() else (0, 0, part.lower()) for part in parts)


KINDS = {"loose": loose, "strict": strict, "semver": semantic, "semantic": semantic, "pep440": pep440}

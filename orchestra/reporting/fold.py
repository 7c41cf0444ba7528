"""Many host names in few characters: ``web[01-06], db1``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

#: A name around its last number.
_NUMBERED = re.compile(r"(.*?)(\d+)(\D*)")


def fold(hosts: Iterable[str], limit: int = 0) -> str:
    """The names, sorted, runs of numbers joined; past ``limit`` entries (0: none) only how many more there are."""
    parts = list(_parts(hosts))
    if limit and len(parts) > limit:
        left = len(parts) - limit
        return ", ".join(parts[:limit]) + f" and {left} more"
    return ", ".join(parts)


def _parts(hosts: Iterable[str]) -> Iterator[str]:
    split = sorted((_split(host) for host in set(hosts)), key=lambda part: (part[0], part[2], part[3], part[1]))
    for (before, after, width), members in groupby(split, key=lambda part: (part[0], part[2], part[3])):
        numbers = [member[1] for member in members]
        if width == 0:
            yield before
        else:
            yield from (_named(before, after, width, run) for run in _runs(numbers))


def _split(host: str) -> tuple[str, int, str, int]:
    """Text before, number, text after, and the number's width where leading zeros matter (0: no number)."""
    match = _NUMBERED.fullmatch(host)
    if match is None:
        return host, 0, "", 0
    before, digits, after = match.groups()
    return before, int(digits), after, len(digits) if digits.startswith("0") or len(digits) > 1 else 1


def _runs(numbers: list[int]) -> Iterator[list[int]]:
    """Runs of consecutive numbers."""
    for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        yield [number for _, number in run]


def _named(before: str, after: str, width: int, run: list[int]) -> str:
    first, last = f"{run[0]:0{width}}", f"{run[-1]:0{width}}"
    return f"{before}{first}{after}" if len(run) == 1 else f"{before}[{first}-{last}]{after}"

"""Host names with ranges and ports as plugins take them apart: ``web[01:20]``, ``db:2222``."""

from __future__ import annotations

import re
from string import ascii_letters

from orchestra.ansible_api.errors import AnsibleError, AnsibleParserError

_PORT = re.compile(r"(?P<host>(?:[^:\[\]]|\[[^\]]*\])+):(?P<port>[0-9]+)")
_RANGE = re.compile(r"(?P<head>[^\[]*)\[(?P<inside>[^\]]*)\](?P<tail>.*)", re.DOTALL)


def parse_address(address: str, allow_ranges: bool = False) -> tuple[str, int | None]:
    """Host and port of an address."""
    match = _PORT.fullmatch(address)
    return (match["host"].strip("[]"), int(match["port"])) if match else (address, None)


def detect_range(line: str = "") -> bool:
    """Whether a host name holds a range."""
    return "[" in line


def expand_hostname_range(line: str = "") -> list[str]:
    """Every name that a host name with ranges stands for. Raises AnsibleError for a range that makes no sense."""
    match = _RANGE.fullmatch(line)
    if match is None:
        raise AnsibleError(f"the '[' in {line!r} opens no range")
    names = [match["head"] + item + match["tail"] for item in _items(match["inside"])]
    return [name for one in names for name in (expand_hostname_range(one) if detect_range(one) else [one])]


def _items(inside: str) -> list[str]:
    bounds = inside.split(":")
    if len(bounds) not in (2, 3):
        raise AnsibleError(f"a host range is begin:end or begin:end:step, not {inside!r}")
    begin, end, step = bounds[0] or "0", bounds[1], bounds[2] if len(bounds) == 3 else "1"
    if not end:
        raise AnsibleError("host range must specify end value")
    width = len(begin) if len(begin) > 1 and begin[0] == "0" else 0
    if width and width != len(end):
        raise AnsibleError(f"begin and end of the host range {inside!r} must be equally long")
    try:
        if len(begin) == len(end) == 1 and begin in ascii_letters and end in ascii_letters:
            return _letters(begin, end, int(step), inside)
        return [str(number).zfill(width) for number in range(int(begin), int(end) + 1, int(step))]
    except ValueError as error:
        raise AnsibleParserError(f"the host range {inside!r} makes no sense: {error}") from error


def _letters(begin: str, end: str, step: int, inside: str) -> list[str]:
    first, last = ascii_letters.index(begin), ascii_letters.index(end)
    if first > last:
        raise AnsibleError(f"the host range {inside!r} ends before it begins")
    return list(ascii_letters[first : last + 1 : step])

"""Host names as inventories and patterns write them: ports, and ranges such as ``web[01:20]`` and ``db[a:c]-[1:9:2]``.

Knows text only; nothing of hosts or groups.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from string import ascii_letters

# Patterns as text: most inventories need none but the last, and `re` keeps what it has compiled.
_BRACKETED_PORT = r"\[(?P<host>.+)\]:(?P<port>[0-9]+)"
_PORT = r"(?P<host>(?:[^:\[\]]|\[[^\]]*\])*):(?P<port>[0-9]+)"
#: A range inside a host name, and inside an IPv6 address; each stands for one character of what it makes.
_RANGE = r"(?i)\[(?:[0-9]+:[0-9]+|[a-z]:[a-z])(?::[0-9]+)?\]"
_HEX_RANGE = r"(?i)\[[0-9a-f]+:[0-9a-f]+(?::[0-9]+)?\]"
_LABEL = r"\w(?:[\w-]*[^\W_])?"
_NAME = re.compile(rf"(?:{_LABEL})(?:\.{_LABEL})*")


class NoNumber(ValueError):
    """A range whose bounds are neither numbers nor letters."""


def split_port(text: str) -> tuple[str, int | None] | None:
    """Host and port of an address (ranges allowed), or None when it is no address: a pattern, a path, nonsense."""
    match = re.fullmatch(_BRACKETED_PORT, text) or re.fullmatch(_PORT, text) if ":" in text else None
    host, port = (match["host"], int(match["port"])) if match else (text, None)
    return (host, port) if _is_name(host) or _is_ipv6(host) else None


def expand(pattern: str) -> tuple[list[str], int | None]:
    """All host names that ``pattern`` stands for, and its port.

    Raises:
        ValueError: a range that makes no sense; the message says what is expected.
    """
    host, port = split_port(pattern) or (pattern, None)
    if port is None and pattern.endswith(":"):
        raise ValueError("a ':' at the end of a host name wants a port number")
    return (list(_expand_ranges(host)) if "[" in host else [host]), port


def _is_name(text: str) -> bool:
    return _NAME.fullmatch(re.sub(_RANGE, "0", text) if "[" in text else text) is not None


def _is_ipv6(text: str) -> bool:
    if ":" not in text:
        return False
    try:
        ipaddress.IPv6Address(re.sub(_HEX_RANGE, "f", text))
    except ValueError:
        return False
    return True


def _expand_ranges(text: str) -> Iterator[str]:
    head, opened, rest = text.partition("[")
    if not opened:
        yield text
        return
    inside, closed, tail = rest.partition("]")
    if not closed:
        raise ValueError("the '[' of a range is not closed")
    for middle in _range_items(inside):
        for end in _expand_ranges(tail):
            yield head + middle + end


def _range_items(text: str) -> list[str]:
    bounds = text.split(":")
    if len(bounds) not in (2, 3):
        raise ValueError(f"a range is [begin:end] or [begin:end:step], not [{text}]")
    begin, end = bounds[0] or "0", bounds[1]
    if not end:
        raise ValueError(f"host range must specify end value; [{text}] has none")
    step = _number(bounds[2], text) if len(bounds) == 3 else 1
    if step < 1:
        raise ValueError(f"the step of the range [{text}] must be 1 or more")
    if begin in ascii_letters and end in ascii_letters and len(begin) == len(end) == 1:
        return _letters(begin, end, step, text)
    return _numbers(begin, end, step, text)


def _letters(begin: str, end: str, step: int, text: str) -> list[str]:
    first, last = ascii_letters.index(begin), ascii_letters.index(end)
    if first > last:
        raise ValueError(f"the range [{text}] ends before it begins")
    return list(ascii_letters[first : last + 1 : step])


def _numbers(begin: str, end: str, step: int, text: str) -> list[str]:
    width = len(begin) if begin[0] == "0" and len(begin) > 1 else 0
    if width and width != len(end):
        raise ValueError(f"begin and end of the range [{text}] must be equally long when it starts with 0")
    first, last = _number(begin, text), _number(end, text)
    return [str(number).zfill(width) for number in range(first, last + 1, step)]


def _number(text: str, whole: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise NoNumber(f"{text!r} in the range [{whole}] is no number") from None

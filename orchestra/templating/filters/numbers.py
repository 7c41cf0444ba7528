"""Filters about numbers and sizes."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from orchestra.errors import TemplateError

_SIZES = {letter: 1 << (10 * power) for power, letter in reversed(list(enumerate("BKMGTPEZY")))}
_PREFIXES = ("", "kilo", "mega", "giga", "tera", "peta", "exa", "zeta", "yotta")
_UNIT_NAMES = dict(zip("BKMGTPEZY", _PREFIXES, strict=True))


def log(value: Any, base: float = math.e) -> float:
    """The logarithm."""
    return _on_numbers("log", lambda: math.log10(value) if base == 10 else math.log(value, base))


def power(value: Any, exponent: Any) -> float:
    """The power."""
    return _on_numbers("pow", lambda: math.pow(value, exponent))


def root(value: Any, base: Any = 2) -> float:
    """The root, square by default."""
    return _on_numbers("root", lambda: math.sqrt(value) if base == 2 else math.pow(value, 1.0 / float(base)))


def _on_numbers(name: str, compute: Callable[[], float]) -> float:
    try:
        return compute()
    except (TypeError, ValueError) as error:
        raise TemplateError(f"{name}() can only be used on numbers: {error}") from None


def human_readable(size: Any, isbits: bool = False, unit: str | None = None) -> str:
    """A size in the largest unit that fits, or in ``unit``."""
    base = "bits" if isbits else "Bytes"
    wanted = unit.upper() if unit else None
    try:
        letter = next((key for key, limit in _SIZES.items() if (size >= limit if not wanted else wanted == key)), "B")
        return f"{size / _SIZES[letter]:.2f} {base if letter == 'B' else letter + base[0]}"
    except (TypeError, ValueError) as error:
        raise TemplateError(f"human_readable() failed on bad input: {error}") from None


def human_to_bytes(size: Any, default_unit: str | None = None, isbits: bool = False) -> int:
    """The number of bytes (or bits) that a text like ``1.5 GB`` means."""
    found = re.search(r"^([0-9]*\.?[0-9]+)(?:\s*([A-Za-z]+))?\s*$", str(size))
    if found is None:
        raise TemplateError(f"human_to_bytes() can't interpret following string: {size}")
    unit = found[2] or default_unit
    if unit is None:
        return round(float(found[1]))
    letter = unit[0].upper()
    if letter not in _SIZES or not _unit_fits(unit, letter, isbits):
        what = "bits, written like Kb" if isbits else "bytes, written like KB"
        raise TemplateError(f"human_to_bytes() can't interpret the input: '{unit}' is no unit of {what}")
    return round(float(found[1]) * _SIZES[letter])


def _unit_fits(unit: str, letter: str, isbits: bool) -> bool:
    if len(unit) == 1:
        return True
    short, name = ("b", "bit") if isbits else ("B", "byte")
    return unit.lower() == _UNIT_NAMES[letter] + name or unit == (letter if letter != "B" else "") + short


FILTERS: dict[str, Callable[..., Any]] = {
    "log": log,
    "pow": power,
    "root": root,
    "human_readable": human_readable,
    "human_to_bytes": human_to_bytes,
}

"""Filters that draw."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from typing import Any

from orchestra.errors import TemplateError


def _source(seed: Any) -> random.Random:
    return random.SystemRandom() if seed is None else random.Random(seed)  # noqa: S311 - asked to be repeatable


def draw(end: Any, start: int | None = None, step: int | None = None, seed: Any = None) -> Any:
    """A number below ``end``, or one item of a sequence."""
    if isinstance(end, int):
        return _source(seed).randrange(start or 0, end, step or 1)
    if not isinstance(end, Iterable):
        raise TemplateError("random can only be used on sequences and integers")
    if start or step:
        raise TemplateError("start and step can only be used with integer values")
    return _source(seed).choice(end)  # type: ignore[arg-type]


def shuffle(items: Any, seed: Any = None) -> Any:
    """The items in a drawn order."""
    if not isinstance(items, Iterable):
        return items
    shuffled = list(items)
    _source(seed or None).shuffle(shuffled)
    return shuffled


def random_mac(prefix: str, seed: Any = None) -> str:
    """A MAC address that begins with ``prefix``."""
    parts = str(prefix).lower().strip(":").split(":")
    if len(parts) > 5 or not all(len(part) == 2 and all(char in "0123456789abcdef" for char in part) for part in parts):
        raise TemplateError(f"'{prefix}' is no beginning of a MAC address", hint="write up to five bytes: 52:54:00")
    drawn = f"{_source(seed).randint(1 << 36, (1 << 40) - 1):x}"
    parts.extend(drawn[start : start + 2] for start in range(0, 2 * (6 - len(parts)), 2))
    return ":".join(parts)


FILTERS: dict[str, Callable[..., Any]] = {"random": draw, "shuffle": shuffle, "random_mac": random_mac}

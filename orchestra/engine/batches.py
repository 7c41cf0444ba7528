"""How ``serial`` and ``order`` cut and sort a play's hosts, and how many failures a batch may have."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, TypeVar

from orchestra.errors import LanguageError
from orchestra.model.origin import Origin

T = TypeVar("T")

ORDERS = ("inventory", "reverse_inventory", "sorted", "reverse_sorted", "shuffle")


def cut(hosts: Sequence[T], serial: Any, origin: Origin) -> list[list[T]]:
    """Batches of ``hosts``: one size, or a list of sizes whose last one repeats; percentages are of all hosts.

    Raises:
        LanguageError: a size that is no number and no percentage.
    """
    sizes = serial if isinstance(serial, (list, tuple)) else [serial]
    wanted = [_size(size, len(hosts), origin) for size in sizes if size not in (None, "")] or [len(hosts)]
    batches: list[list[T]] = []
    rest = list(hosts)
    while rest:
        size = wanted[min(len(batches), len(wanted) - 1)]
        if size <= 0:
            size = len(rest)
        batches.append(rest[:size])
        rest = rest[size:]
    return batches


def _size(value: Any, total: int, origin: Origin) -> int:
    text = str(value).strip()
    try:
        if text.endswith("%"):
            return max(int(float(text[:-1]) / 100 * total), 1)
        return int(text)
    except ValueError:
        raise LanguageError(
            f"serial must be a number or a percentage, this is {value!r}", origin=origin, hint="write 5 or '30%'"
        ) from None


def sort(names: Sequence[str], order: Any, origin: Origin) -> list[str]:
    """``order:`` of a play. Raises LanguageError for an unknown one."""
    if order in (None, "", "inventory"):
        return list(names)
    if order == "reverse_inventory":
        return list(reversed(names))
    if order in ("sorted", "reverse_sorted"):
        return sorted(names, reverse=order == "reverse_sorted")
    if order == "shuffle":
        return random.sample(list(names), len(names))
    raise LanguageError(f"order has no {order!r}", origin=origin, hint=f"it knows {', '.join(ORDERS)}")


def percentage(value: Any, origin: Origin | None) -> float | None:
    """``max_fail_percentage`` as a number; None where a play has none. Raises LanguageError."""
    if value in (None, ""):
        return None
    try:
        return float(str(value).strip().removesuffix("%"))
    except ValueError:
        text = f"Error processing keyword 'max_fail_percentage': {str(value)!r} is no number of per cent"
        raise LanguageError(text, origin=origin) from None


def too_many(failed: int, total: int, percentage: float | None) -> bool:
    """Whether more than ``max_fail_percentage`` of a batch has failed."""
    if percentage is None:
        return False
    return failed > 0 and total > 0 and failed / total * 100.0 > percentage

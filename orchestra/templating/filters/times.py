"""Filters about time, and community.general's units of time."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from orchestra.errors import TemplateError

_MILLISECONDS = {
    **dict.fromkeys(("ms", "msec", "msecs", "millisecond", "milliseconds"), 1.0),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1000.0),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60_000.0),
    **dict.fromkeys(("h", "hour", "hours"), 3_600_000.0),
    **dict.fromkeys(("d", "day", "days"), 86_400_000.0),
    **dict.fromkeys(("w", "week", "weeks"), 604_800_000.0),
    **dict.fromkeys(("mo", "month", "months"), 2_592_000_000.0),
    **dict.fromkeys(("y", "year", "years"), 31_536_000_000.0),
}


def to_datetime(text: str, format: str = "%Y-%m-%d %H:%M:%S") -> datetime:
    """The moment that a text names."""
    return datetime.strptime(text, format)


def strftime(string_format: str, second: Any = None, utc: bool = False) -> str:
    """A moment (seconds since the epoch; now by default) in a format."""
    if second is not None:
        try:
            second = float(second)
        except (TypeError, ValueError):
            raise TemplateError(f"Invalid value for epoch value ({second})") from None
    return time.strftime(string_format, (time.gmtime if utc else time.localtime)(second))


def to_time_unit(human_time: Any, unit: str = "ms", **given: float) -> float:
    """A span such as ``1h 30m`` in a unit; month and year may be given other lengths in days."""
    lengths = dict(_MILLISECONDS)
    for name, days in given.items():
        if name not in ("year", "month"):
            raise TemplateError(f"there is no option '{name}'", hint="there are year and month")
        for alias in [key for key, value in _MILLISECONDS.items() if value == _MILLISECONDS[name]]:
            lengths[alias] = float(days) * 86_400_000.0
    total = sum(_span(word, lengths) for word in str(human_time).split())
    if unit not in lengths:
        raise TemplateError(f"'{unit}' is no unit of time", hint=f"there are {', '.join(sorted(set(lengths)))}")
    return round(total / lengths[unit], 12)


def _span(word: str, lengths: dict[str, float]) -> float:
    found = re.fullmatch(r"(-?[\d.]+)([a-zA-Z]+)", word)
    if found is None or found[2].lower() not in lengths:
        raise TemplateError(f"'{word}' is no span of time", hint="write 1h 30m")
    return float(found[1]) * lengths[found[2].lower()]


FILTERS: dict[str, Callable[..., Any]] = {
    "to_datetime": to_datetime,
    "strftime": strftime,
    "to_time_unit": to_time_unit,
    "to_milliseconds": partial(to_time_unit, unit="ms"),
    "to_seconds": partial(to_time_unit, unit="s"),
    "to_minutes": partial(to_time_unit, unit="m"),
    "to_hours": partial(to_time_unit, unit="h"),
    "to_days": partial(to_time_unit, unit="d"),
    "to_weeks": partial(to_time_unit, unit="w"),
    "to_months": partial(to_time_unit, unit="mo"),
    "to_years": partial(to_time_unit, unit="y"),
}

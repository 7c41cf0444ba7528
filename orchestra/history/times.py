"""Times as people write them on a command line: ``yesterday``, ``3d``, ``2026-11-27 03:00``; in their own zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from orchestra.errors import UsageError

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AGO = re.compile(r"(\d+)\s*([smhdw])(?:\s+ago)?", re.IGNORECASE)
_HINT = "today, yesterday, 90m, 12h, 3d, 2w, 2026-11-27, 2026-11-27T03:00, or with a zone 2026-11-27T03:00Z"


def read_moment(text: str, now: datetime) -> datetime:
    """A moment in UTC; ``now`` is aware, in the zone of who asks.

    Raises:
        UsageError: it is no time.
    """
    word = text.strip().lower()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if word == "now":
        return now.astimezone(UTC)
    if word in ("today", "yesterday"):
        return (midnight - timedelta(days=word == "yesterday")).astimezone(UTC)
    if ago := _AGO.fullmatch(word):
        return _before(now, text, int(ago[1]), _UNITS[ago[2]])
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f"{text!r} is no time", hint=_HINT) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)).astimezone(UTC)


def _before(now: datetime, text: str, count: int, unit: str) -> datetime:
    try:
        return now.astimezone(UTC) - timedelta(**{unit: count})
    except OverflowError:
        raise UsageError(f"{text!r} is too long ago", hint=_HINT) from None

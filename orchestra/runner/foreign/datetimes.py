"""The time in UTC: Ansible's `compat.datetime`."""

import datetime

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

UTC = datetime.timezone.utc


def utcfromtimestamp(timestamp: "Any") -> "datetime.datetime":
    """A point in time that knows its zone."""
    return datetime.datetime.fromtimestamp(timestamp, UTC)


def utcnow() -> "datetime.datetime":
    """Now."""
    return datetime.datetime.now(UTC)

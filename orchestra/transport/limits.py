"""How many hosts the descriptors of this process serve."""

from __future__ import annotations

import resource

#: Standard streams, the loop's own, history, inventory scripts, vault programs and the like.
_OWN = 64
#: A host takes one socket; a second when MaxSessions is small; a local one three pipes.
_EACH = 1
_WANTED = 65536


def raise_descriptor_limit(wanted: int = _WANTED) -> int:
    """Raise the soft limit of open files as far as is allowed, up to ``wanted``; returns the limit that holds now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    ceiling = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < ceiling:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (ceiling, hard))
        except (OSError, ValueError):  # macOS refuses more than OPEN_MAX whatever the hard limit says
            return soft
        return ceiling
    return wanted if soft == resource.RLIM_INFINITY else soft


def hosts_that_fit(limit: int, descriptors_each: int = _EACH) -> int:
    """How many hosts can be connected at once under ``limit`` open files."""
    return max(1, (limit - _OWN) // descriptors_each)


def too_many_hosts(hosts: int, limit: int) -> str:
    """A sentence for the user when ``hosts`` connections do not fit, else nothing."""
    fitting = hosts_that_fit(limit)
    if hosts <= fitting:
        return ""
    return (
        f"this process may open {limit} files, enough for {fitting} of the {hosts} hosts at once;"
        f" raise the hard limit (ulimit -Hn {hosts + _OWN}), or lower --forks"
    )

"""What a foreign module's process knows of its task: the one place that its interface, which passes nothing, reads.

A process runs one foreign module and ends, so there is one session for each process.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Session:
    """One module's run: what it was given, and what it answered."""

    def __init__(self, name: "str", params: "dict[str, Any]", system: "Any") -> "None":
        self.name = name
        self.params = params
        self.system = system
        self.result = None  # type: dict[str, Any] | None
        self.told = None  # type: int | None  # how many bytes the module had printed when it ended
        self.warnings = []  # type: list[str]
        self.deprecations = []  # type: list[dict[str, Any]]
        self.places_of = None  # type: Any  # finds deprecated texts in a result, where there are any
        self.hidden = set()  # type: set[str]  # values that no reply shows

    def finish(self, result: "dict[str, Any]") -> "None":
        """The module has ended; what it prints from now on is no part of anything."""
        import os
        import sys

        self.result = result
        sys.stdout.flush()
        try:
            self.told = os.lseek(1, 0, os.SEEK_CUR)
        except OSError:
            self.told = None  # not caught in a file: nothing is told of what follows


_sessions = []  # type: list[Session]


def begin(session: "Session") -> "None":
    """From now on this is the run that modules ask about."""
    _sessions[:] = [session]


def current() -> "Session":
    """The run under way. Raises RuntimeError outside one."""
    if not _sessions:
        raise RuntimeError("a module of this kind runs on a host, in a process of its own")
    return _sessions[0]


def warn(warning: "str") -> "None":
    """Add a warning to the result."""
    if not isinstance(warning, str):
        raise TypeError("warn requires a string not a {}".format(type(warning)))
    if warning not in current().warnings:
        current().warnings.append(warning)


def deprecate(
    msg: "str", version: "Any" = None, date: "Any" = None, collection_name: "Any" = None, **more: "Any"
) -> "None":
    """Add a deprecation to the result."""
    found = deprecation(msg, version=version, date=date, collection_name=collection_name)
    if found not in current().deprecations:
        current().deprecations.append(found)


def deprecation(
    msg: "str", version: "Any" = None, date: "Any" = None, collection_name: "Any" = None
) -> "dict[str, Any]":
    """What is said of something deprecated."""
    name = current().name
    full = name if "." in name else "ansible.legacy." + name
    owner = {"resolved_name": collection_name or full, "type": None if collection_name else "module"}
    found = {"msg": msg, "collection_name": collection_name, "deprecator": owner}
    found.update({"date": date} if date else {"version": version})
    return found


def get_warning_messages() -> "tuple[str, ...]":
    """The warnings so far."""
    return tuple(current().warnings)


def get_deprecation_messages() -> "tuple[dict[str, Any], ...]":
    """The deprecations so far."""
    return tuple(current().deprecations)

"""The form of a journal: JSON lines. The first is a mapping about the run.

Each other line is an array that begins with its kind:

========  =====================================================================================
play      number, name, file, line, how many hosts, check, strategy
task      number, number of its play, name, action, file, line, role, handler, no_log
text      digest, a text that results name by it; each once in a journal
result    milliseconds since the start, task, host, state, and a mapping of what else is to say
facts     milliseconds, host, digest of what stays from run to run, digest of what changes by itself
revision  git's revision, branch, whether files that it knows were changed since
file      kind (playbook, tasks, inventory, variables), path, digest of its content
fault     message, place, hint: a fault that belongs to no host
stopped   [host, task] of what was under way when the user stopped the run
end       milliseconds, exit status, {host: [ok, changed, unreachable, failed, skipped, rescued, ignored]}
========  =====================================================================================

What a result has to say beyond its state: ``item``, ``took`` (seconds), ``rc``, ``msg``, ``at`` (file:line:column of a
fault), ``hint``, ``on`` (where it was delegated to), the digests ``out``, ``err``, ``diff`` and ``full`` (of a message
that is cut in ``msg``), and ``flags``: l (sum of a loop), i (ignored), c (check), a (assumed).
"""

from __future__ import annotations

import json
import json.encoder
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

from orchestra.errors import OrchestraError
from orchestra.model.outcome import HostTotals
from orchestra.model.record import record

#: The version of this form; a reader refuses later ones.
VERSION = 1
PLAY, TASK, TEXT, RESULT, FACTS = "play", "task", "text", "result", "facts"
REVISION, FILE, FAULT, STOPPED, END = "revision", "file", "fault", "stopped", "end"
#: The counts of a host at the end, in their order.
COUNTS = tuple(HostTotals.__match_args__)
LOOPED, IGNORED, CHECK, ASSUMED = "l", "i", "c", "a"

#: A text as JSON.
quoted = json.encoder.encode_basestring_ascii
line_of = json.JSONEncoder(separators=(",", ":")).encode
_sorted = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=str)
_unsorted = json.JSONEncoder(separators=(",", ":"), default=str)


class BadJournal(OrchestraError):
    """A journal whose beginning makes no sense, or that a later Orchestra wrote (``later``)."""

    def __init__(self, message: str, *, later: bool = False) -> None:
        super().__init__(message)
        self.later = later


@record
class Header:
    """What is known of a run when it begins. Nothing in it may be secret; ``extra_vars`` are names alone."""

    uuid: str = ""
    kind: str = ""
    #: Seconds since the epoch.
    started: float = 0.0
    argv: tuple[str, ...] = ()
    playbooks: tuple[str, ...] = ()
    folder: str = ""
    user: str = ""
    controller: str = ""
    version: str = ""
    check: bool = False
    limit: str = ""
    tags: tuple[str, ...] = ()
    skip_tags: tuple[str, ...] = ()
    extra_vars: tuple[str, ...] = ()
    inventory: tuple[str, ...] = ()


_NAMES: tuple[str, ...] = Header.__match_args__


def header_line(header: Header) -> str:
    """The first line."""
    return line_of({"journal": VERSION, **{name: getattr(header, name) for name in _NAMES}})


def read_header(line: str) -> Header:
    """The first line's data. Raises BadJournal."""
    try:
        data = json.loads(line)
        version = data["journal"]
    except (ValueError, TypeError, KeyError):
        raise BadJournal("its first line is damaged") from None
    if not isinstance(version, int) or version > VERSION:
        raise BadJournal(f"it has form {version}; this Orchestra knows forms up to {VERSION}", later=True)
    given: dict[str, Any] = {name: data[name] for name in _NAMES if name in data}
    if not isinstance(given.get("uuid"), str) or not isinstance(given.get("started"), (int, float)):
        raise BadJournal("its first line lacks what a run must have")
    fields: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
    return Header(**fields)


def read_line(line: str) -> Sequence[Any] | None:
    """A later line as a list that begins with its kind; None for a damaged one."""
    try:
        data = json.loads(line)
    except ValueError:
        return None
    return data if isinstance(data, list) and data and isinstance(data[0], str) else None


def digest_of(data: bytes) -> str:
    """The name of a content: 40 hexadecimal digits."""
    return blake2b(data, digest_size=20).hexdigest()


def data_text(value: Any) -> str:
    """Any JSON-like data as text that is the same for equal data."""
    try:
        return _sorted.encode(value)
    except TypeError:  # keys of several types cannot be sorted
        return _unsorted.encode(value)


def text_bytes(text: str) -> bytes:
    """A text as bytes; what was no UTF-8 on a host comes back as it was."""
    return text.encode("utf-8", "surrogatepass")

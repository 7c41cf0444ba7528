"""From the lines of a journal to rows of the tables. Knows neither files nor databases."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from orchestra.history import entries
from orchestra.history.entries import Header, text_bytes
from orchestra.history.schema import DIGEST, FINISHED, INTERRUPTED, RUNNING

Row = dict[str, Any]
#: The exit status of a run that the user stopped.
_STOPPED = 130
#: Characters that the columns of these names take.
_UUID, _HOST, _PATH, _STATE, _KIND = 36, 255, 1000, 12, 20


def clean(text: object, longest: int | None = None) -> str:
    """Text as every database takes it: no zero bytes, nothing that is no Unicode, no longer than its column."""
    shown = str(text).replace("\0", "\\x00")
    if not shown.isascii():
        shown = shown.encode("utf-8", "backslashreplace").decode()
    return shown[:longest]


def _whole(value: object, bits: int = 31) -> int:
    """A number that its column takes. Raises ValueError."""
    if not isinstance(value, int) or abs(value) >= 1 << bits:
        raise ValueError(value)
    return int(value)


def _named(digest: object) -> str | None:
    """A digest, or None for no text. Raises ValueError."""
    if digest is None:
        return None
    if not isinstance(digest, str) or len(digest) != DIGEST or not digest.isalnum() or not digest.isascii():
        raise ValueError(digest)
    return digest


def run_row(header: Header) -> Row:
    """The row of a run that has begun. Raises ValueError, TypeError, OverflowError: what is in it makes no sense."""
    return {
        "uuid": clean(header.uuid, _UUID),
        "kind": clean(header.kind, _KIND),
        "state": RUNNING,
        "started": moment(header.started),
        "what": clean(what_ran(header)),
        "argv": list(map(clean, header.argv)),
        "playbooks": list(map(clean, header.playbooks)),
        "folder": clean(header.folder),
        "started_by": clean(header.user),
        "controller": clean(header.controller),
        "version": clean(header.version),
        "check_mode": bool(header.check),
        "host_limit": clean(header.limit),
        "tags": list(map(clean, header.tags)),
        "skip_tags": list(map(clean, header.skip_tags)),
        "extra_vars": list(map(clean, header.extra_vars)),
        "inventory": list(map(clean, header.inventory)),
    }


def what_ran(header: Header) -> str:
    """In a few words: the playbooks, or the command line without its program."""
    playbooks = [path for path in header.playbooks if path]
    return " ".join(playbooks or header.argv[1:])


def moment(seconds: float) -> datetime:
    """A time of day, in UTC, of seconds since the epoch."""
    return datetime.fromtimestamp(seconds, UTC)


@dataclass
class Batch:
    """Rows of one run that are not in the database yet, by table, and what changes in the row of the run."""

    number: int
    started: datetime
    plays: list[Row] = field(default_factory=list)
    tasks: list[Row] = field(default_factory=list)
    hosts: list[Row] = field(default_factory=list)
    results: list[Row] = field(default_factory=list)
    blobs: list[Row] = field(default_factory=list)
    facts: list[Row] = field(default_factory=list)
    files: list[Row] = field(default_factory=list)
    #: Columns of the run.
    run: Row = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    damaged: int = 0

    def add(self, line: int, entry: Sequence[Any] | None) -> None:
        """Take a line of the journal, by its number; one that makes no sense is counted."""
        try:
            if entry is None:
                raise ValueError(line)
            adder = _ADDERS.get(entry[0])
            if adder is not None:
                adder(self, line, *entry[1:])
        except (ValueError, TypeError, KeyError, OverflowError):
            self.damaged += 1

    def _at(self, milliseconds: int) -> datetime:
        return self.started + timedelta(milliseconds=milliseconds)

    def _play(
        self, line: int, number: int, name: str, file: str, at: int, hosts: int, check: bool, strategy: str
    ) -> None:
        self.plays.append(
            {
                "run": self.number, "number": _whole(number), "name": clean(name), "file": clean(file),
                "line": _whole(at), "hosts": _whole(hosts), "check_mode": bool(check), "strategy": clean(strategy),
            }
        )  # fmt: skip

    def _task(
        self, line: int, number: int, play: int, name: str, action: str, file: str, at: int, role: str,
        handler: bool, no_log: bool,
    ) -> None:  # fmt: skip
        self.tasks.append(
            {
                "run": self.number, "number": _whole(number), "play": _whole(play), "name": clean(name),
                "action": clean(action), "file": clean(file), "line": _whole(at), "role": clean(role),
                "handler": bool(handler), "no_log": bool(no_log),
            }
        )  # fmt: skip

    def _text(self, line: int, digest: str, text: str) -> None:
        data = text_bytes(text)
        self.blobs.append({"digest": _named(digest), "size": len(data), "data": zlib.compress(data)})

    def _result(self, line: int, at: int, task: int, host: str, state: str, more: Mapping[str, Any]) -> None:
        flags = more.get("flags", "")
        item = more.get("item")
        self.results.append(
            {
                "run": self.number,
                "line": line,
                "task": _whole(task),
                "host": clean(host, _HOST),
                "item": None if item is None else clean(item),
                "state": clean(state, _STATE),
                "looped": entries.LOOPED in flags,
                "ignored": entries.IGNORED in flags,
                "check_mode": entries.CHECK in flags,
                "assumed": entries.ASSUMED in flags,
                "at": self._at(at),
                "took": float(more.get("took", 0)),
                "rc": None if more.get("rc") is None else _whole(more["rc"], 63),
                "message": clean(more.get("msg", "")),
                "place": clean(more.get("at", "")),
                "hint": clean(more.get("hint", "")),
                "delegated_to": clean(more.get("on", "")),
                "full_message": _named(more.get("full")),
                "stdout": _named(more.get("out")),
                "stderr": _named(more.get("err")),
                "diff": _named(more.get("diff")),
            }
        )

    def _facts(self, line: int, at: int, host: str, steady: str, changing: str) -> None:
        self.facts.append(
            {
                "run": self.number, "line": line, "host": clean(host, _HOST), "at": self._at(at),
                "steady": _named(steady), "changing": _named(changing),
            }
        )  # fmt: skip

    def _revision(self, line: int, revision: str, branch: str, dirty: bool | None) -> None:
        self.run |= {"revision": clean(revision), "branch": clean(branch), "dirty": dirty}

    def _file(self, line: int, kind: str, path: str, digest: str) -> None:
        row = {"run": self.number, "kind": clean(kind, _KIND), "path": clean(path, _PATH), "digest": clean(digest, 64)}
        self.files.append(row)

    def _fault(self, line: int, message: str, place: str, hint: str) -> None:
        said = ": ".join(clean(part) for part in (place, message) if part)
        self.faults.append(said + (f"; {clean(hint)}" if hint else ""))

    def _stopped(self, line: int, under_way: Sequence[Sequence[str]]) -> None:
        self.run["state"] = INTERRUPTED
        if under_way:
            named = ", ".join(f"{clean(task)} on {clean(host)}" for host, task in under_way)
            self.faults.append(f"stopped by the user; under way: {named}")
        else:
            self.faults.append("stopped by the user")

    def _end(self, line: int, at: int, status: int, totals: Mapping[str, Sequence[int]]) -> None:
        self.hosts += [self.host_row(host, counts) for host, counts in totals.items()]
        self.run |= {"ended": self._at(at), "exit": _whole(status), **sums_of(self.hosts)}
        self.run.setdefault("state", INTERRUPTED if status == _STOPPED else FINISHED)

    def host_row(self, host: str, counts: Sequence[int]) -> Row:
        """The recap of a host."""
        named = dict(zip(entries.COUNTS, map(_whole, counts), strict=True))
        return {"run": self.number, "host": clean(host, _HOST), **named}


def sums_of(hosts: Sequence[Row]) -> Row:
    """What the row of a run says of its hosts."""
    return {
        "hosts": len(hosts),
        "hosts_changed": sum(1 for row in hosts if row["changed"]),
        "hosts_failed": sum(1 for row in hosts if row["failed"]),
        "hosts_unreachable": sum(1 for row in hosts if row["unreachable"]),
    }


_ADDERS: Mapping[str, Callable[..., None]] = {
    entries.PLAY: Batch._play,
    entries.TASK: Batch._task,
    entries.TEXT: Batch._text,
    entries.RESULT: Batch._result,
    entries.FACTS: Batch._facts,
    entries.REVISION: Batch._revision,
    entries.FILE: Batch._file,
    entries.FAULT: Batch._fault,
    entries.STOPPED: Batch._stopped,
    entries.END: Batch._end,
}

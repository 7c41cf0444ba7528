"""What is asked of a runner and what comes back: plain data, and a request's header on the wire."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from orchestra.model.invocation import Job
from orchestra.model.record import mutable, record
from orchestra.payload import frames
from orchestra.payload.code import ModuleCode


@record
class Request:
    """One module's work. `options` may be JSON text that was encoded before, once for many hosts."""

    code: ModuleCode
    options: Mapping[str, Any] | bytes = b"{}"
    check: bool = False
    #: With `check`: neither see what other checked tasks foretold nor leave anything for those that follow.
    alone: bool = False
    diff: bool = False
    #: Ask for undo records.
    undo: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    #: Where the task begins; empty: where the runner was started.
    folder: str = ""
    #: Seconds until the host stops the task; 0 is no limit.
    deadline: float = 0
    #: What the module's `system.attachment(name)` finds; a Path is streamed.
    attachments: Mapping[str, bytes | Path] = field(default_factory=dict)
    job: Job | None = None
    #: Takes the reply's attachments piece by piece instead of RawReply.attachments (fetch).
    receive: Callable[[str, bytes], None] | None = None
    #: Hears `system.progress` texts.
    note: Callable[[str], None] | None = None

    def header(self, reply_limit: int = 0) -> bytes:
        """The request as the runner reads it; `reply_limit` in bytes, 0 for the usual one."""
        options = self.options if isinstance(self.options, bytes) else frames.dumps(self.options)
        fields = self._fields(reply_limit)
        extra = b"," + frames.dumps(fields)[1:-1] if fields else b""
        return b'{"m":"%b"%b,"o":%b}' % (self.code.name.encode(), extra, options)

    def _fields(self, reply_limit: int) -> dict[str, Any]:
        """What is not as usual; most requests have none of it."""
        fields: dict[str, Any] = {}
        for name, value in (
            ("check", self.check),
            ("alone", self.check and self.alone),
            ("diff", self.diff),
            ("undo", self.undo),
            ("fresh", self.code.fresh),
            ("site", self.code.site),
        ):
            if value:
                fields[name] = 1
        if self.environment:
            fields["env"] = {key: str(value) for key, value in self.environment.items()}
        if self.folder:
            fields["cwd"] = self.folder
        if self.deadline:
            fields["deadline"] = self.deadline
        if reply_limit:
            fields["limit"] = reply_limit
        if self.attachments:
            fields["a"] = {name: _size(content) for name, content in self.attachments.items()}
        if self.job is not None:
            fields["job"] = {"id": self.job.id, "limit": self.job.limit, "dir": self.job.folder}
        return fields


@mutable
class RawReply:
    """What came back. `fault` is empty, or died, deadline, cancelled: then `result` says so in Ansible's terms."""

    result: dict[str, Any] = field(default_factory=dict)
    attachments: dict[str, bytes] = field(default_factory=dict)
    undo: list[dict[str, Any]] = field(default_factory=list)
    fault: str = ""


def _size(content: bytes | Path) -> int:
    return content.stat().st_size if isinstance(content, Path) else len(content)

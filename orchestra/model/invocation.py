"""One module's work on one host, on its way out and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from orchestra.model.record import record


@record
class Become:
    """As whom to run: user, method (sudo, su, doas), its flags, program and password, and sudo's folder to start in."""

    user: str = "root"
    method: str = "sudo"
    flags: str | None = None
    exe: str | None = None
    password: str | None = None
    chdir: str | None = None


@record
class Job:
    """A task in the background: its id, seconds it may take, folder for its state (~ is the user's home)."""

    id: str
    limit: float
    folder: str = "~/.ansible_async"


@record
class Invocation:
    """A module with rendered, validated options, ready to be sent to a host."""

    module: str
    options: Mapping[str, Any]
    check: bool = False
    #: A check of this one task within a real run: it neither sees predictions of other tasks nor leaves any.
    alone: bool = False
    diff: bool = False
    no_log: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    #: Where it begins; empty: where the connection does.
    folder: str = ""
    #: Seconds until the task is stopped; 0 is no limit.
    timeout: float = 0
    #: Run it in the background, as this.
    job: Job | None = None
    become: Become | None = None
    #: Binary content that options refer to by name; a file of the controller is streamed from there.
    attachments: Mapping[str, bytes | Path] = field(default_factory=dict)
    #: Takes what the reply would carry as attachments, piece by piece, so that no size is too much. It must not raise.
    receive: Callable[[str, bytes], None] | None = None


@record
class Reply:
    """What a module answered. ``data`` has the names that Ansible's modules return."""

    data: Mapping[str, Any]
    changed: bool = False
    failed: bool = False
    skipped: bool = False
    #: True when check mode relied on what earlier tasks would have made.
    assumed: bool = False
    diff: tuple[Mapping[str, Any], ...] = ()
    warnings: tuple[str, ...] = ()
    attachments: Mapping[str, bytes] = field(default_factory=dict)


@record
class Completed:
    """A finished program: exit status (negative: the signal's number) and what it printed."""

    status: int
    stdout: bytes = b""
    stderr: bytes = b""

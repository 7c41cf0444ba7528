"""Writes the edits of findings into files: those that do not touch each other, each file at once or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from orchestra.errors import OrchestraError
from orchestra.lint.finding import Edit, Finding


def apart(edits: Iterable[Edit]) -> list[Edit]:
    """As many edits as do not overlap, in the order of the text; the first one wins."""
    chosen: list[Edit] = []
    for edit in sorted(set(edits), key=lambda one: (one.start, one.end)):
        if not chosen or edit.start >= chosen[-1].end:
            chosen.append(edit)
    return chosen


def edited(text: str, findings: Iterable[Finding]) -> tuple[str, int]:
    """The text with the edits of findings, and how many findings that mends. A finding's edits go in together."""
    taken: list[Edit] = []
    count = 0
    for finding in findings:
        if finding.edits and len(apart([*taken, *finding.edits])) == len({*taken, *finding.edits}):
            taken += finding.edits
            count += 1
    for edit in reversed(apart(taken)):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text, count


def write(path: str, text: str) -> None:
    """Replace a file's content at once, and keep its mode, its owner and what a link points to.

    Raises:
        OrchestraError: it can not be written.
    """
    target = Path(path).resolve()
    try:
        bom = target.read_bytes()[:3] == b"\xef\xbb\xbf"
        _replace(target, text.encode("utf-8-sig" if bom else "utf-8"))
    except OSError as error:
        raise OrchestraError(f"cannot write {path}: {error.strerror}") from error


def _replace(target: Path, data: bytes) -> None:
    status = target.stat()
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)  # nobody else may read it
    new = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
        if (new.stat().st_uid, new.stat().st_gid) != (status.st_uid, status.st_gid):
            os.chown(new, status.st_uid, status.st_gid)
        os.chmod(new, status.st_mode & 0o7777)
        new.replace(target)
    except OSError:
        new.unlink(missing_ok=True)
        raise

"""At the end of a run: lets a process of its own file what was recorded, where that is due, and says when it can not.

A run waits for it for as long as ``history_wait`` says, and only where the user has a database of his own.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from orchestra.history.places import Places
from orchestra.settings.settings import Settings

#: Journals, and bytes of them, that may wait until somebody looks at the embedded database.
MAX_JOURNALS, MAX_BYTES = 100, 64 << 20
#: Seconds in which a database that did not answer is not asked again.
_REST = 60
#: What the process is told by its environment: it must file where this run recorded.
_PASSED = ("history_folder", "history_url", "history_days", "history_runs")


def hand_over(places: Places, settings: Settings, tell: Callable[[str], None]) -> None:
    """File the journals if it is time; ``tell`` hears in one sentence when they have to wait."""
    waiting = places.waiting()
    if not settings.history_url and not piled_up(waiting):
        return
    reason = recent_complaint(places)
    if reason is None:
        process = start_filing(places, settings)
        reason = _wait(process, places, settings.history_wait) if settings.history_url else ""
        _let_go(process)
    if reason:
        count = f"{len(waiting)} runs wait" if len(waiting) > 1 else "the run waits"
        tell(f"{count} in {places.journals}: {reason}")


def piled_up(waiting: Sequence[Path]) -> bool:
    """Say whether so many journals lie there that they had better be filed."""
    return len(waiting) > MAX_JOURNALS or sum(map(_size, waiting)) > MAX_BYTES


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def recent_complaint(places: Places) -> str | None:
    """Why filing failed a moment ago; None when it did not."""
    try:
        if time.time() - places.complaint.stat().st_mtime < _REST:
            return places.complaint.read_text(encoding="utf-8").strip()
    except OSError:
        return None
    return None


def start_filing(places: Places, settings: Settings) -> subprocess.Popen[bytes]:
    """Start ``orchestra history file``, which goes on when this process ends."""
    values = {f"ORCHESTRA_{name.upper()}": str(getattr(settings, name)) for name in _PASSED}
    environ = {**os.environ, **values, "ORCHESTRA_HISTORY_FOLDER": str(places.folder)}
    return subprocess.Popen(
        [sys.executable, "-m", "orchestra", "history", "file"],
        env=environ,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _let_go(process: subprocess.Popen[bytes]) -> None:
    """What still files goes on after this process, which is no fault: Python would warn of it as of one."""
    if process.returncode is None:
        process.returncode = 0


def _wait(process: subprocess.Popen[bytes], places: Places, seconds: int) -> str:
    """Wait for it; why the journals are not filed, or nothing."""
    try:
        status = process.wait(seconds)
    except subprocess.TimeoutExpired:
        return f"the database did not take it within {seconds} s; filing goes on by itself" if seconds else ""
    except KeyboardInterrupt:  # the run is over and keeps its exit status; what was filed for it goes on
        return "filing goes on by itself"
    if not status:
        return ""
    return recent_complaint(places) or "`orchestra history file` says why"

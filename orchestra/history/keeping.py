"""Brings the database up to date before it is read, and after runs: files what waits, removes what is overdue."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from orchestra.history.database import Database, NoDatabase, open_database
from orchestra.history.filing import Filed, Tell, file_all
from orchestra.history.places import Places, make_folders
from orchestra.history.retention import prune
from orchestra.settings.settings import Settings


@contextmanager
def opened(settings: Settings, places: Places) -> Iterator[Database]:
    """The database while it is open. Why it can not be used is written down for the runs that follow.

    Raises:
        NoDatabase, NoFolder.
    """
    make_folders(places)
    try:
        database = open_database(settings, places)
        try:
            yield database
        finally:
            database.close()
    except NoDatabase as error:
        _write_down(places, error.message)
        if waiting := len(places.waiting()):
            several = f"{waiting} journals wait" if waiting > 1 else "1 journal waits"
            error.hint = "; ".join(filter(None, (error.hint, f"{several} in {places.journals}")))
        raise
    with contextlib.suppress(FileNotFoundError):
        places.complaint.unlink()


def _write_down(places: Places, text: str) -> None:
    with contextlib.suppress(OSError):  # a full disk is told of by what made it full
        places.complaint.write_text(text + "\n", encoding="utf-8")


def catch_up(
    database: Database, places: Places, settings: Settings, now: datetime, tell: Tell, *, patience: float
) -> Filed:
    """File what waits, and remove what is overdue by then. Waits so many seconds for others who file."""
    filed = file_all(places, database, tell, patience=patience)
    if filed.runs:
        prune(database, now, settings.history_days, settings.history_runs)
    return filed

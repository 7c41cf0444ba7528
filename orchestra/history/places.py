"""Where the journals and the embedded database lie, and that nobody else can read them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from orchestra.errors import OrchestraError
from orchestra.model.record import record
from orchestra.settings.settings import Settings

#: The ending of a journal that is complete or being written; what is being made has a dot in front.
JOURNAL = ".journal"
#: A journal of which not even the beginning can be read.
DAMAGED = ".damaged"


class NoFolder(OrchestraError):
    """There is no place for the history, or it cannot be written to."""


@record
class Places:
    """The files of a history, all of them in one private folder."""

    folder: Path

    @property
    def journals(self) -> Path:
        """The folder of journals."""
        return self.folder / "journals"

    @property
    def database(self) -> Path:
        """The embedded database."""
        return self.folder / "history.sqlite"

    @property
    def lock(self) -> Path:
        """Held by whoever files journals."""
        return self.folder / "filing.lock"

    @property
    def complaint(self) -> Path:
        """Why journals could not be filed the last time; it is there only until they can."""
        return self.folder / "filing.failed"

    def waiting(self) -> list[Path]:
        """The journals that are there, the oldest run first."""
        try:
            names = os.listdir(self.journals)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise NoFolder(f"cannot read {self.journals}: {error.strerror}") from error
        return [self.journals / name for name in sorted(names) if name.endswith(JOURNAL) and name[0] != "."]


def places_of(settings: Settings, environ: Mapping[str, str] = os.environ) -> Places:
    """Where the settings, or else the user's state folder, have the history. Raises NoFolder for a user without one."""
    if settings.history_folder:
        return Places(Path(settings.history_folder))
    state = environ.get("XDG_STATE_HOME") or (f"{environ['HOME']}/.local/state" if environ.get("HOME") else "")
    if not os.path.isabs(state):
        raise NoFolder("there is no home folder for the history of runs", hint="set history_folder, or history = no")
    return Places(Path(state) / "orchestra" / "history")


def make_folders(places: Places) -> None:
    """Make the folders, for their owner alone. Raises NoFolder."""
    try:
        places.journals.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (places.folder, places.journals):
            if folder.stat().st_mode & 0o077:
                folder.chmod(0o700)
    except OSError as error:
        reason = f"{error.filename or places.folder}: {error.strerror}"
        raise NoFolder(f"runs cannot be recorded: {reason}", hint="set history_folder, or history = no") from error

"""Collects every problem of the files read, so that they are reported at once and not one a run."""

from __future__ import annotations

from collections.abc import Iterable

from orchestra.errors import FileMissing, LanguageError, OrchestraError, ParseErrors, nearest
from orchestra.model.origin import Origin


class Problems:
    """What is wrong so far. Reading goes on after ``add``; ``check`` ends it."""

    def __init__(self) -> None:
        self.found: list[OrchestraError] = []

    def add(self, message: str, origin: Origin | None, hint: str = "") -> None:
        """Note one problem."""
        self.found.append(LanguageError(message, origin=origin, hint=hint))

    def missing(self, message: str, origin: Origin | None, hint: str = "", reason: str = "") -> None:
        """Note a file or role that is not there."""
        self.found.append(FileMissing(message, reason=reason, origin=origin, hint=hint))

    def unknown(self, what: str, name: object, known: Iterable[str], origin: Origin | None, hint: str = "") -> None:
        """Note a name that does not exist, with the nearest ones that do."""
        close = nearest(str(name), known)
        self.add(f"{what} {str(name)!r} is not known", origin, f"did you mean {' or '.join(close)}?" if close else hint)

    def extend(self, error: OrchestraError) -> None:
        """Take over an error, or each of several."""
        self.found.extend(error.problems if isinstance(error, ParseErrors) else [error])

    def check(self) -> None:
        """Raise what was found: the error itself, or ParseErrors for more than one."""
        if len(self.found) == 1:
            raise self.found[0]
        if self.found:
            raise ParseErrors(self.found)

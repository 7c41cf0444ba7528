"""What a source is to those who read it, and what reads one: the types between this room and inventory plugins."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from orchestra.errors import LanguageError
from orchestra.inventory.draft import Draft
from orchestra.model.record import record


class Declined(LanguageError):
    """A reader does not want this source; another one may."""


@record
class Source:
    """A source that a plugin reads."""

    #: A file, or whatever else names the source.
    path: str
    #: Hosts and groups of earlier sources; the plugin adds to it.
    draft: Draft
    #: The sources that were read before, in their order.
    processed: Sequence[str]
    #: Gives the name that a group gets.
    group_name: Callable[[str], str]
    #: What group_vars/ ("group_vars", name) and host_vars/ beside earlier sources hold.
    beside: Callable[[str, str], Mapping[str, Any]]


class SourcePlugin(Protocol):
    """An inventory plugin."""

    def wants(self, path: str) -> bool:
        """Whether it can read this source. Raises LanguageError where it can not be used at all."""

    def read(self, source: Source) -> None:
        """Add to the source's draft. Raises LanguageError."""


class SourcePlugins(Protocol):
    """Finds inventory plugins."""

    def find(self, name: str) -> SourcePlugin | None:
        """The plugin of that name. Raises LanguageError, or OrchestraError for one that can not be loaded."""

    def names(self) -> Sequence[str]:
        """The names there are, for hints."""


class NoPlugins:
    """Where there are none."""

    def find(self, name: str) -> SourcePlugin | None:
        """None."""
        return None

    def names(self) -> Sequence[str]:
        """None."""
        return ()

"""Tells the language room which actions and modules exist, without letting it know the library."""

from __future__ import annotations

from collections.abc import Sequence

from orchestra.engine import actions
from orchestra.errors import nearest
from orchestra.library.catalogue import Library


class KnownModules:
    """Actions of the controller, and modules of the library."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def known(self, name: str) -> bool:
        """True for one that can run."""
        return actions.is_action(name) or self._library.knows(name)

    def lacking(self, name: str) -> bool:
        """True for one that exists in the Ansible world and not here."""
        return self._library.lacks(name)

    def similar(self, name: str) -> Sequence[str]:
        """The nearest names that can run."""
        return nearest(name.rpartition(".")[2], {*actions.names(), *self._library.names()})

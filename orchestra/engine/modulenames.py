"""Tells the language room which actions and modules exist, without letting it know the library."""

from __future__ import annotations

from collections.abc import Sequence

from orchestra.engine import actions
from orchestra.errors import nearest
from orchestra.library.catalogue import Library
from orchestra.plugins.actions import ActionPlugins


class KnownModules:
    """Actions of the controller, modules of the library, action plugins of the project."""

    def __init__(self, library: Library, plugins: ActionPlugins | None = None) -> None:
        self._library = library
        self._plugins = plugins

    def known(self, name: str) -> bool:
        """True for one that can run."""
        if actions.is_action(name) or self._library.knows(name):
            return True
        return self._plugins is not None and self._plugins.find(name) is not None

    def lacking(self, name: str) -> bool:
        """True for one that exists in the Ansible world and not here."""
        return self._library.lacks(name)

    def similar(self, name: str) -> Sequence[str]:
        """The nearest names that can run."""
        return nearest(name.rpartition(".")[2], {*actions.names(), *self._library.names()})

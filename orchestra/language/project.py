"""One reading of a project: how its files are found and read, and what was wrong with them.

It is told how to read YAML, which module names exist and how to render an import's path; it knows no host.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field
from typing import Any, Protocol

from orchestra.errors import LanguageError, OrchestraError
from orchestra.language.problems import Problems
from orchestra.model.origin import Origin
from orchestra.model.play import Task
from orchestra.model.ports import Render
from orchestra.model.record import record


class ModuleNames(Protocol):
    """Which actions and modules exist."""

    def known(self, name: str) -> bool:
        """True for one that can run."""

    def lacking(self, name: str) -> bool:
        """True for one that exists in the Ansible world and not here."""

    def similar(self, name: str) -> Sequence[str]:
        """The nearest names that can run."""


@record
class Place:
    """Where the reader is: the file, the playbook's folder, variables that are known while reading."""

    file: str
    basedir: str
    static_vars: Mapping[str, Any] = field(default_factory=dict)


class Project:
    """Files of one project, read for one run; ``problems`` collects what is wrong with them."""

    def __init__(
        self,
        *,
        read_yaml: Callable[[str], Any],
        modules: ModuleNames,
        render: Render,
        roles_path: Sequence[str] = (),
        collections_path: Sequence[str] = (),
        warn: Callable[[str, Origin | None], None] = lambda message, origin: None,
        deprecate: Callable[[str, Origin | None, str], None] = lambda message, origin, hint: None,
        on_folder: Callable[[str], None] = lambda path: None,
        refuses_attributes: bool = True,
    ) -> None:
        self.read_yaml = read_yaml
        self.modules = modules
        self.render = render
        self.roles_path = tuple(roles_path)
        self.collections_path = tuple(collections_path)
        self.warn = warn
        #: Hears of words that ansible-core 2.23 no longer reads: what, where, what to write.
        self.deprecate = deprecate
        #: Hears of the folder of each role and of each imported playbook before it is read.
        self.on_folder = on_folder
        #: Keywords that mean nothing beside an include are problems; otherwise a warning each.
        self.refuses_attributes = refuses_attributes
        self.problems = Problems()
        #: Modules of the Ansible world that are used and not here: name -> first place.
        self.lacking: dict[str, Origin] = {}
        #: Tasks that became what they brought in (import_tasks, import_role), for checks of their options.
        self.imports: list[Task] = []
        self._reading: list[str] = []

    @contextmanager
    def reading(self, path: str, origin: Origin | None) -> Iterator[None]:
        """Guard against files that import each other for ever."""
        if path in self._reading:
            chain = " -> ".join(map(os.path.basename, [*self._reading, path]))
            raise LanguageError(f"files import each other in a circle: {chain}", origin=origin)
        self._reading.append(path)
        try:
            yield
        finally:
            self._reading.pop()

    def read(self, path: str, origin: Origin | None) -> Any:
        """The content of a YAML file, or None with a problem noted."""
        try:
            return self.read_yaml(path)
        except OrchestraError as error:
            self.problems.extend(error)
        except OSError as error:
            self.problems.missing(f"cannot read {path}: {error.strerror}", origin)
        return None

    def path_text(self, value: Any, place: Place, origin: Origin | None, what: str) -> str | None:
        """The rendered path behind an import, or None with a problem noted."""
        try:
            text = self.render(value, place.static_vars)
        except OrchestraError as error:
            self.problems.add(
                f"cannot tell which {what} is meant: {error.message}",
                error.origin or origin,
                f"imports are read before any host is known; use include_{what} for a name that a host decides",
            )
            return None
        return str(text)


def first_existing(names: Sequence[str]) -> str | None:
    """The first of ``names`` that is a file."""
    return next((name for name in names if os.path.isfile(name)), None)

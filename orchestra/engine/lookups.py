"""What templates may ask of a run: files as the task would find them, settings, warnings."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from orchestra.engine.aside import aside
from orchestra.model.event import Warned
from orchestra.model.play import Task

if TYPE_CHECKING:
    from orchestra.engine.services import Services

T = TypeVar("T")


def search_roots(task: Task | None, basedir: str) -> list[str]:
    """The folders around a task, nearest first: its role's, those of the roles that depend on it, its file's, the
    playbook's."""
    roots: list[str] = []
    if task is not None:
        if task.role is not None:
            roots += [task.role.path, *reversed(task.role.parent_paths)]
        here = os.path.dirname(task.origin.file)
        if task.role is not None and os.path.basename(here) in ("tasks", "handlers"):
            here = os.path.dirname(here)
        roots += [here, os.path.dirname(task.origin.file)]
    return list(dict.fromkeys([*roots, basedir]))


class TaskLookups:
    """The files around one task: those of its role, beside its file, beside the playbook."""

    __slots__ = ("_basedir", "_services", "_task")

    def __init__(self, services: Services, task: Task | None, basedir: str) -> None:
        self._services = services
        self._task = task
        self._basedir = basedir

    def search_paths(self, kind: str) -> Sequence[str]:
        """The folders a file of ``kind`` (files, templates, vars, tasks) is looked for in, in order."""
        return [path for root in search_roots(self._task, self._basedir) for path in (os.path.join(root, kind), root)]

    def search(self, kind: str, name: str) -> str | None:
        """The first file or folder of that name."""
        name = os.path.expanduser(name)
        if os.path.isabs(name):
            return name if os.path.exists(name) else None
        for folder in self.search_paths(kind):
            path = os.path.normpath(os.path.join(folder, name))
            if os.path.exists(path):
                return path
        return None

    def read(self, path: str) -> bytes:
        """A file's content; opened if it is a vault. A named pipe or a device may keep its reader waiting."""
        if os.path.isfile(path):
            return self._services.read_file(path)
        return self.wait(lambda: self._services.read_file(path))

    def wait(self, work: Callable[[], T]) -> T:
        """The result of work that blocks; other hosts go on."""
        return aside(work)

    def setting(self, name: str) -> Any:
        """A value of the configuration."""
        return self._services.settings.get(name)

    def warn(self, message: str) -> None:
        """Tell the user, once."""
        if message not in self._services.warned:
            self._services.warned.add(message)
            self._services.emit(Warned(message))

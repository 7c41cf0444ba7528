"""What templates may ask of a run: files as the task would find them, settings, warnings."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from orchestra.engine.aside import aside
from orchestra.model.event import Warned
from orchestra.model.origin import Origin
from orchestra.model.play import Task

if TYPE_CHECKING:
    from orchestra.engine.services import Services

T = TypeVar("T")
#: The version of ansible-core that no longer reads what is deprecated here.
_REMOVED = "2.23"


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

    __slots__ = ("_basedir", "_deprecations", "_services", "_task", "_warnings")

    def __init__(self, services: Services, task: Task | None, basedir: str) -> None:
        self._services = services
        self._task = task
        self._basedir = basedir
        self._warnings: list[Any] = []
        self._deprecations: list[Any] = []

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

    def open_vault(self, text: str) -> str:
        """The clear text of an inline vault, a secret. Raises VaultError."""
        return self._services.open_vault(text)

    def wait(self, work: Callable[[], T]) -> T:
        """The result of work that blocks; other hosts go on."""
        return aside(work)

    def setting(self, name: str) -> Any:
        """A value of the configuration."""
        return self._services.settings.get(name)

    def plugin_setting(self, kind: str, plugin: str, name: str, variables: Mapping[str, Any]) -> Any:
        """An option's value of a plugin of the project. Raises KeyError where there is none."""
        return self._services.plugins.option(kind, plugin, name, variables)

    def warn(self, message: str, origin: Origin | None = None) -> None:
        """Tell the user, once; the task's result keeps it too."""
        self._warnings.append(message)
        self._services.warn(message, origin)

    def deprecate(self, message: str, origin: Origin | None = None) -> None:
        """As ``warn``, of what ansible-core reads for the last time in its version 2.22."""
        self._deprecations.append(
            {
                "msg": message,
                "version": _REMOVED,
                "collection_name": "ansible.builtin",
                "deprecator": {"resolved_name": "ansible.builtin", "type": None},
            }
        )
        text = f"{message.rstrip('.')}. This feature will be removed from ansible-core version {_REMOVED}."
        if (text, origin) not in self._services.deprecated:
            self._services.deprecated.add((text, origin))
            self._services.emit(Warned(text, origin, deprecation=True))

    def deprecated_value(self, notice: Mapping[str, Any], origin: Origin | None = None) -> None:
        """As ``warn``, of a value that a module has marked; each place that uses it is told."""
        self._deprecations.append(dict(notice))
        text = str(notice.get("msg", ""))
        if (text, origin) not in self._services.deprecated:
            self._services.deprecated.add((text, origin))
            self._services.emit(Warned(text, origin, deprecation=True, notice=notice))

    def told(self) -> dict[str, list[Any]]:
        """What was said since this was last asked for, as a result keeps it."""
        told: dict[str, list[Any]] = {"warnings": self._warnings, "deprecations": self._deprecations}
        self._warnings, self._deprecations = [], []
        return {key: entries for key, entries in told.items() if entries}

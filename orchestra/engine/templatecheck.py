"""Finds templates and conditions of tasks that are no valid Jinja, without a host and without rendering any.

Only what tasks say themselves is looked at: a variable that nobody uses may hold anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from orchestra.engine.run import Playbook
from orchestra.engine.staticcheck import all_tasks
from orchestra.errors import LanguageError, TemplateError
from orchestra.model.origin import Origin, TemplateText, origin_of
from orchestra.model.play import Task

_PLAIN = (
    "name",
    "args",
    "free_form",
    "loop",
    "environment",
    "own_vars",
    "delegate_to",
    "become_user",
    "retries",
    "delay",
)
#: What a collection brings may lack here and be there where the playbook runs; the run tells.
_OF_A_COLLECTION = re.compile(r"No (filter|test) named '\w+\.\w+\.")
_CONDITIONS = ("when", "until", "changed_when", "failed_when")


class Examiner(Protocol):
    """Compiles and does not run; the templar's core is one."""

    def examine(self, text: TemplateText) -> None:
        """Raises TemplateError, located."""

    def examine_condition(self, condition: str, origin: Origin | None) -> None:
        """Raises TemplateError, located."""


def template_problems(playbooks: Iterable[Playbook], imports: Iterable[Task], core: Examiner) -> list[LanguageError]:
    """Every text of a task that does not compile, located, each once."""
    found: dict[tuple[Origin | None, str], LanguageError] = {}
    for task in (*all_tasks(playbooks), *imports):
        for error in _of_task(task, core):
            if _OF_A_COLLECTION.match(error.message):
                continue
            problem = LanguageError(error.message, origin=error.origin, hint=error.hint)
            found.setdefault((error.origin, error.message), problem)
    return list(found.values())


def _of_task(task: Task, core: Examiner) -> Iterator[TemplateError]:
    for name in _PLAIN:
        value = getattr(task, name)
        for text in _texts(value.value if name == "loop" and value is not None else value):
            try:
                core.examine(text)
            except TemplateError as error:
                yield error
    for name in _CONDITIONS:
        for condition in getattr(task, name) or ():
            if isinstance(condition, str):
                try:
                    core.examine_condition(condition, origin_of(condition) or task.key_origins.get(name) or task.origin)
                except TemplateError as error:
                    yield error


def _texts(value: object) -> Iterator[TemplateText]:
    if isinstance(value, TemplateText):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(key)
            yield from _texts(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _texts(inner)

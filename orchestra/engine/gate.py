"""Decides by name whether a selected task may begin: ``--start-at-task`` and ``--step``."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable

from orchestra.errors import UsageError
from orchestra.model.play import Task


class Gate:
    """Open from the wanted task on; in step mode it asks before each one."""

    def __init__(self, start_at: str, step: bool, ask: Callable[[str, bool], str | None]) -> None:
        self._waiting_for = start_at
        self._step = step
        self._ask = ask

    @property
    def closed(self) -> str:
        """The name that is still waited for; empty when the gate is open."""
        return self._waiting_for

    def leads_to(self, tasks: Iterable[Task]) -> bool:
        """Whether one of ``tasks`` may begin, as far as their names are known before they run."""
        return not self._waiting_for or any(map(self._is_awaited, map(written_name, tasks)))

    def allows(self, name: str, written: str = "", *, handler: bool = False, opens: bool = True) -> bool:
        """Whether the task called ``name`` (role first, if any; ``written``: as the file has it) may run.

        ``opens``: false for what prepares the play of the wanted task; it may run before that.

        Raises:
            UsageError: nobody answers.
        """
        if self._waiting_for and opens:
            if not (self._is_awaited(name) or self._is_awaited(written)):
                return False
            self._waiting_for = ""
        return self._confirmed(f"{'HANDLER' if handler else 'TASK'}: {name}") if self._step else True

    def _is_awaited(self, name: str) -> bool:
        bare = name.partition(" : ")[2] or name
        return any(text == self._waiting_for or fnmatch.fnmatchcase(text, self._waiting_for) for text in (name, bare))

    def _confirmed(self, what: str) -> bool:
        answer = self._ask(f"Perform task: {what} (N)o/(y)es/(c)ontinue: ", False)
        if answer is None:
            raise UsageError("--step asks before each task, and nobody answers", hint="it needs a terminal")
        answer = answer.strip().lower()
        if answer in ("c", "continue"):
            self._step = False
            return True
        return answer in ("y", "yes")


def written_name(task: Task) -> str:
    """A task's name with its role's, templates in it as they are written."""
    name = str(task.name or task.action)
    return f"{task.role.name} : {name}" if task.role is not None else name

"""Decides by name whether a selected task may begin: ``--start-at-task`` and ``--step``."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable

from orchestra.errors import UsageError


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

    def allows(self, name: str) -> bool:
        """Whether the task called ``name`` (role first, if any) may run. Raises UsageError where nobody answers."""
        if self._waiting_for:
            bare = name.partition(" : ")[2] or name
            if not any(fnmatch.fnmatchcase(text, self._waiting_for) for text in (name, bare)):
                return False
            self._waiting_for = ""
        return self._confirmed(name) if self._step else True

    def _confirmed(self, name: str) -> bool:
        answer = self._ask(f"Perform task: TASK: {name} (N)o/(y)es/(c)ontinue: ", False)
        if answer is None:
            raise UsageError("--step asks before each task, and nobody answers", hint="it needs a terminal")
        answer = answer.strip().lower()
        if answer in ("c", "continue"):
            self._step = False
            return True
        return answer in ("y", "yes")

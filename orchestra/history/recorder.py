"""The sink that writes a run's journal: events to lines, masked, at a few microseconds each. It never changes a run.

Texts that may be long or that hosts have in common stand in a journal once and are named by their digest.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from orchestra.history import entries
from orchestra.history.bodies import GATHERING, Bodies, is_facts
from orchestra.history.entries import Header, line_of, quoted
from orchestra.history.journal import Journal
from orchestra.history.places import NoFolder, Places, make_folders
from orchestra.history.secrecy import mask_of
from orchestra.history.surroundings import Surroundings
from orchestra.model.event import (
    Event,
    Included,
    Interrupted,
    ItemFinished,
    PlayStarted,
    RunFailed,
    RunFinished,
    RunStarted,
    TaskFinished,
)
from orchestra.model.outcome import Outcome, TaskInfo
from orchestra.model.secret import Redactor

#: Hears in one sentence of what keeps a run from being recorded.
Tell = Callable[[str], None]


class Recorder:
    """Records each run that begins, in a journal of its own. ``close`` it when no more comes."""

    name = "history"

    def __init__(
        self, places: Places, header: Header, redactor: Redactor, tell: Tell, clock: Callable[[], float] = time.time
    ) -> None:
        self._places = places
        self._header = header
        self._redactor = redactor
        self._mask = mask_of(redactor.mask)
        self._tell = tell
        self._clock = clock
        self._run: _Run | None = None
        self._ended: list[Journal] = []
        #: How many runs were recorded to their end.
        self.recorded = 0

    def __call__(self, event: Event) -> None:
        """Take one event."""
        kind = type(event)
        if kind is RunStarted:
            self._begin(event)  # type: ignore[arg-type]
        elif kind in _HEEDED and self._run is not None:
            self._run.take(kind, event)
            if kind is RunFinished:
                self._ended.append(self._run.journal)
                self._run = None
                self.recorded += 1

    def _begin(self, event: RunStarted) -> None:
        header = replace(
            self._header,
            uuid=new_id(),
            kind=event.kind,
            playbooks=tuple(map(self._mask, event.playbooks)),
            check=event.check,
            started=event.time,
            argv=tuple(map(self._mask, self._header.argv)),
        )
        try:
            make_folders(self._places)
            late = Surroundings(header.folder, event.playbooks, self._header.inventory)
            name = f"{int(event.time * 1000):015d}-{header.uuid}"
            journal = Journal(self._places.journals, name, entries.header_line(header), late)
        except NoFolder as error:
            self._tell(f"{error.message}; {error.hint}")
        except OSError as error:
            self._tell(f"the run cannot be recorded: {error.filename or self._places.journals}: {error.strerror}")
        else:
            self._run = _Run(journal, event.time, self._redactor, self._tell, self._clock)

    def close(self, tell: Tell) -> None:
        """Wait until everything is written; ``tell`` hears when it is not. A run without an end was broken off."""
        if self._run is not None:
            self._ended.append(self._run.journal)
            self._run = None
        for journal in self._ended:
            if not journal.close():
                why = f": {journal.fault.strerror}" if journal.fault else ""
                tell(f"the end of the run is missing in {journal.path}{why}")
        self._ended.clear()


class _Run:
    """One run that is being recorded."""

    def __init__(
        self, journal: Journal, started: float, redactor: Redactor, tell: Tell, clock: Callable[[], float]
    ) -> None:
        self.journal = journal
        self._put = journal.put
        self._started = started
        self._redactor = redactor
        self._mask = mask_of(redactor.mask)
        self._bodies = Bodies(redactor, journal.put)
        self._tell = tell
        self._clock = clock
        self._play = 0
        self._tasks: set[int] = set()
        self._files: set[str] = set()
        self._told = False

    def take(self, kind: type, event: Any) -> None:
        """Write what there is to write of an event."""
        if kind is TaskFinished or kind is ItemFinished:
            self._result(event.outcome)
        elif kind in _OTHERS:
            _OTHERS[kind](self, event)
        if self.journal.fault is not None and not self._told:
            self._told = True
            self._tell(f"{self.journal.path}: {self.journal.fault.strerror}; the history waits for it to get better")

    def _result(self, outcome: Outcome) -> None:
        task = outcome.task
        if task.id not in self._tasks:
            self._task(task)
        now = int((self._clock() - self._started) * 1000)
        censored = task.no_log or bool(outcome.result.get("_ansible_no_log"))
        more = self._bodies.of(outcome, censored)
        host = quoted(self._redactor.mask(outcome.host))
        # Written by hand: a general encoder takes three times as long, and this is once for each host and task.
        self._put(f'["{entries.RESULT}",{now},{task.id},{host},"{outcome.status.value}",{more}]')
        if task.action in GATHERING and not censored and is_facts(outcome):
            steady, changing = self._bodies.facts(outcome)
            self._put(f'["{entries.FACTS}",{now},{host},"{steady}","{changing}"]')

    def _task(self, task: TaskInfo) -> None:
        self._tasks.add(task.id)
        origin, mask = task.origin, self._mask
        self._file(origin.file)
        self._put(
            line_of(
                [
                    entries.TASK, task.id, self._play, mask(task.name), task.action, origin.file, origin.line,
                    task.role, task.handler, task.no_log,
                ]
            )
        )  # fmt: skip

    def _file(self, path: str) -> None:
        if path and path not in self._files:
            self._files.add(path)
            self.journal.ask("tasks", path)

    def _on_play(self, event: PlayStarted) -> None:
        self._play += 1
        name, origin = self._mask(event.name), event.origin
        line = [entries.PLAY, self._play, name, origin.file, origin.line, len(event.hosts), event.check, event.strategy]
        self._put(line_of(line))

    def _on_included(self, event: Included) -> None:
        if not event.task.no_log and os.path.isabs(event.file):
            self._file(event.file)

    def _on_fault(self, event: RunFailed) -> None:
        place = str(event.origin) if event.origin else ""
        self._put(line_of([entries.FAULT, self._mask(event.message), place, self._mask(event.hint)]))

    def _on_interrupted(self, event: Interrupted) -> None:
        under_way = [[self._mask(host), self._mask(task)] for host, task in event.in_flight]
        self._put(line_of([entries.STOPPED, under_way]))

    def _on_finished(self, event: RunFinished) -> None:
        counts = {
            self._mask(host): [getattr(totals, word) for word in entries.COUNTS]
            for host, totals in event.totals.items()
        }
        now = int((self._clock() - self._started) * 1000)
        self._put(line_of([entries.END, now, event.exit_code, counts]))
        self.journal.finish()


_OTHERS: Mapping[type, Callable[[_Run, Any], None]] = {
    PlayStarted: _Run._on_play,
    Included: _Run._on_included,
    RunFailed: _Run._on_fault,
    Interrupted: _Run._on_interrupted,
    RunFinished: _Run._on_finished,
}
_HEEDED = frozenset((*_OTHERS, TaskFinished, ItemFinished))


def new_id() -> str:
    """A random UUID; the module of that name costs more than a run's whole journal."""
    number = int.from_bytes(os.urandom(16))
    number = number & ~(0xF << 76) | 4 << 76
    number = number & ~(0x3 << 62) | 2 << 62
    text = f"{number:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))

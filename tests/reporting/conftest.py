"""What the tests of outputs share: makers of events and a screen that remembers."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import pytest

from orchestra.model.origin import Origin
from orchestra.model.outcome import Outcome, Status, TaskInfo
from orchestra.model.secret import Redactor
from orchestra.reporting.screen import Look, Screen


class Paper:
    """A screen on two strings, with the redactor that its text passes."""

    def __init__(self, look: Look | None = None) -> None:
        self.redactor = Redactor()
        self.out, self.err = io.StringIO(), io.StringIO()
        self.screen = Screen(self.out, self.err, look or Look(width=79), self.redactor.mask)

    @property
    def text(self) -> str:
        """What was written."""
        return self.out.getvalue()

    @property
    def errors(self) -> str:
        """What was written to the error stream."""
        return self.err.getvalue()


def make_task(name: str = "deploy", action: str = "copy", number: int = 1, **more: Any) -> TaskInfo:
    """A task at site.yml:3."""
    return TaskInfo(number, name, action, Origin("site.yml", 3, 7), **more)


def make_outcome(
    host: str = "web01", status: Status = Status.OK, result: Mapping[str, Any] | None = None, **more: Any
) -> Outcome:
    """An outcome of that task."""
    task = more.pop("task", None) or make_task()
    return Outcome(host, task, status, result or {}, **more)


@pytest.fixture
def paper() -> Paper:
    """A fresh screen."""
    return Paper()


@pytest.fixture
def new_paper() -> type[Paper]:
    """Screens with another look."""
    return Paper


@pytest.fixture
def task():
    """Makes tasks."""
    return make_task


@pytest.fixture
def outcome():
    """Makes outcomes."""
    return make_outcome

"""Fail with a message."""

from __future__ import annotations

from orchestra.engine.actions.options import checked
from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult, failed


async def run(context: TaskContext) -> ActionResult:
    """Fail this host."""
    return failed(checked(context)["msg"])

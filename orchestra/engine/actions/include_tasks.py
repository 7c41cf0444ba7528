"""Wish for a file of tasks; the walk brings it in."""

from __future__ import annotations

import os

from orchestra.engine.actions.options import checked
from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult, IncludeWish, failed
from orchestra.errors import FileMissing
from orchestra.language.project import Place
from orchestra.language.scope import Scope
from orchestra.language.tasks import find_tasks_file, not_accessible, tasks_candidates
from orchestra.model.invocation import Reply


async def run(context: TaskContext) -> ActionResult:
    """``include_tasks: FILE`` or ``file:`` with ``apply:``."""
    name = checked(context)["file"]
    if not name:
        return failed("No file specified for ansible.builtin.include_tasks")
    outer = context.task.scope if isinstance(context.task.scope, Scope) else Scope()
    basedir = str(context.scope.get("playbook_dir", os.getcwd()))
    place = Place(context.task.origin.file, basedir)
    path = find_tasks_file(name, place, outer)
    first, lacks = path or tasks_candidates(name, place, outer)[0], None
    if path is None:
        text = f"tasks file {name!r} is not found"
        lacks = FileMissing(text, reason=not_accessible(first), origin=context.task.origin)
    wish = IncludeWish(
        context.task, first, variables=context.loop_vars or {}, args={"file": name}, label=context.label, lacks=lacks
    )
    return ActionResult(Reply({"include": name, "include_args": {}}), include=wish)

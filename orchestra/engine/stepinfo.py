"""The name and flags of a step as everybody outside sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orchestra.engine import tags
from orchestra.engine.connections import is_true
from orchestra.engine.words import holds, value_of
from orchestra.errors import OrchestraError
from orchestra.language.tasks import short_name
from orchestra.model.outcome import TaskInfo
from orchestra.model.play import Task

if TYPE_CHECKING:
    from orchestra.engine.services import Services
    from orchestra.templating.scope import Scope


def describe(services: Services, task: Task, scope: Scope) -> TaskInfo:
    """A task's name, rendered as far as its first host allows; the role stands before it."""
    role = task.role.name if task.role is not None else ""
    number = services.task_id()
    if services.described is not None:
        services.described[number] = task
    return TaskInfo(
        id=number,
        name=_name(task, scope, role),
        action=task.action,
        origin=task.origin,
        handler=task.handler,
        tags=tags.flatten(_rendered(tag, scope) or "" for tag in task.tags),
        no_log=_no_log(task, scope, services.settings.no_log),
        role=role,
        check=foretells(task.check_mode, scope, services.options.check),
    )


def foretells(check_mode: Any, scope: Scope, run: bool) -> bool:
    """What ``check_mode`` says, in a run that foretells or not; where it names what is not known yet, yes."""
    if check_mode is None:
        return run
    try:
        rendered = value_of(scope, check_mode)
    except OrchestraError:
        return True
    return run if rendered is None else is_true(rendered)


def _name(task: Task, scope: Scope, role: str) -> str:
    name = _rendered(task.name, scope)
    if short_name(task.action) == "include_role":
        return name or f"{task.action} : {_rendered(task.args.get('name', task.args.get('role')), scope)}"
    return f"{role} : {name or task.action}" if role else name or task.action


def _rendered(value: Any, scope: Scope) -> str:
    """Text of a name; as written where it names what is not known yet."""
    if value is None:
        return ""
    try:
        return str(scope.render(value))
    except OrchestraError:
        return str(value)


def _no_log(task: Task, scope: Scope, default: bool) -> bool:
    if task.no_log is None:
        return default
    try:
        return holds(scope, task.no_log)
    except OrchestraError:
        return True

"""A task and its role as plugins look at them: ``_task`` of an action, ``task`` of a callback."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from orchestra.model import play
from orchestra.model.play import RoleRef

__all__ = ["RoleView", "Task", "TaskView"]

#: Attribute of a task -> field of ours; other attributes have the same name in both.
_FIELDS = {"async_val": "async_seconds", "async": "async_seconds", "vars": "own_vars"}
_DEFAULTS: Mapping[str, Any] = {"async_seconds": 0, "poll": 15, "retries": 3, "delay": 5, "loop": None}
_LISTS = frozenset(("when", "tags", "until", "notify", "listen", "environment", "collections", "module_defaults",
                    "changed_when", "failed_when"))  # fmt: skip


class RoleView:
    """A role of a task."""

    def __init__(self, role: RoleRef) -> None:
        self._role = role
        self._role_name = role.name
        self._role_path = role.path
        self._role_collection = role.collection
        self._role_params = dict(role.params)

    def get_name(self, include_role_fqcn: bool = True) -> str:
        """The role's name."""
        if include_role_fqcn and self._role.collection:
            return f"{self._role.collection}.{self._role.name.rpartition('.')[2]}"
        return self._role.name

    def __repr__(self) -> str:
        return self.get_name()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RoleView) and other._role.path == self._role.path

    def __hash__(self) -> int:
        return hash(self._role.path)


class TaskView:
    """A task; what an action changes in ``args`` concerns that execution alone."""

    def __init__(
        self, task: play.Task, name: str, number: int, args: Mapping[str, Any], given: Mapping[str, Any]
    ) -> None:
        """``given`` has keywords whose values are known: they win over what the playbook's text says."""
        self._model = task
        self._uuid = f"{number:08x}-task"
        self._given = given
        self._full_name = name
        self.name = str(task.name or "")
        self.action = str(task.action)
        self.resolved_action = self.action
        self.args: dict[str, Any] = dict(args)
        #: Gathering facts is implicit for us, and a task like others for callbacks.
        self.implicit = task.implicit and self.action == "meta"
        self._role = RoleView(task.role) if task.role is not None else None
        self._parent: Any = None
        self._ds: Mapping[str, Any] = {}
        #: The event that it was made of, for what builds on our own output.
        self.event: Any = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in ("_given", "_model"):
            raise AttributeError(name)
        given = self._given
        if name in given:
            return given[name]
        field = _FIELDS.get(name, name)
        if not hasattr(self._model, field):
            raise AttributeError(f"Orchestra's task has no {name!r}")
        value = getattr(self._model, field)
        if value is None and field in _DEFAULTS:
            return _DEFAULTS[field]
        return list(value or ()) if field in _LISTS else value

    def get_name(self, include_role_fqcn: bool = True) -> str:
        """The name with the role in front; the action where it has none."""
        return self._full_name

    def get_path(self) -> str:
        """``file:line`` of the task."""
        return f"{self._model.origin.file}:{self._model.origin.line}"

    def get_vars(self) -> dict[str, Any]:
        """The task's own variables, as written."""
        return dict(self._model.own_vars)

    def get_search_path(self) -> list[str]:
        """The folders around the task."""
        role = [self._role._role_path] if self._role is not None else []
        return [*role, os.path.dirname(self._model.origin.file)]

    def get_first_parent_include(self) -> None:
        """Part of the interface; where a task was included from is not kept."""

    def copy(self, exclude_parent: bool = False, exclude_tasks: bool = False) -> TaskView:
        """Another one, whose options can be changed."""
        made = TaskView(self._model, self._full_name, 0, self.args, dict(self._given))
        made._uuid, made.action, made.resolved_action = self._uuid, self.action, self.action
        return made

    def __repr__(self) -> str:
        return f"TASK: {self._full_name}"


Task = TaskView

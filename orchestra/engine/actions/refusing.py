"""What an action of the controller refuses before it does anything, in ansible-core's words."""

from __future__ import annotations

from orchestra.engine.actions import ACTIONS, own_name
from orchestra.engine.context import Action, TaskContext
from orchestra.errors import InvalidOptions
from orchestra.library.catalogue import names_of_options

#: Actions of the controller that can leave their work in the background.
_IN_BACKGROUND = frozenset(("uri", "include_tasks", "include_role"))
#: Actions that name options they do not have in one sentence.
_STRICT = frozenset(("fail", "group_by", "reboot", "set_stats", "wait_for_connection"))


def refuse(context: TaskContext, action: Action) -> None:
    """Raise InvalidOptions where a task asks for what its action cannot do."""
    task, name = context.task, own_name(context.task.action)
    if name not in ACTIONS or not action.__module__.endswith(f".{ACTIONS[name]}"):
        return  # a module, or what a project brings under the name
    if context.async_seconds and name not in _IN_BACKGROUND:
        raise InvalidOptions(f"This action ({task.action}) does not support async.")
    if name in _STRICT:
        known = names_of_options(context.services.library.action(name))
        unknown = ",".join(option for option in context.args if option not in known)
        if unknown:
            raise InvalidOptions(f"Invalid options for {task.action}: {unknown}")

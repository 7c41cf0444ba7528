"""Controller-side actions, one file for each; every other name is a module that runs on the host."""

from __future__ import annotations

import importlib
from functools import cache
from typing import TYPE_CHECKING

from orchestra.engine.context import Action
from orchestra.language.tasks import short_name

if TYPE_CHECKING:
    from orchestra.library.catalogue import Library
    from orchestra.plugins.actions import ActionPlugins

#: Short name -> file of this folder. Its ``run`` is the action.
ACTIONS = {
    "add_host": "add_host",
    "assemble": "assemble",
    "assert": "assertion",
    "async_status": "async_status",
    "copy": "copy",
    "debug": "debug",
    "fail": "fail",
    "fetch": "fetch",
    "gather_facts": "gather_facts",
    "group_by": "group_by",
    "include_role": "include_role",
    "include_tasks": "include_tasks",
    "include_vars": "include_vars",
    "package": "package",
    "pause": "pause",
    "raw": "raw",
    "reboot": "reboot",
    "script": "script",
    "set_fact": "set_fact",
    "set_stats": "set_stats",
    "synchronize": "synchronize",
    "template": "template",
    "unarchive": "unarchive",
    "uri": "uri",
    "user": "user",
    "validate_argument_spec": "validate_argument_spec",
    "wait_for_connection": "wait_for_connection",
}
#: Full names of actions that are in other collections than ansible.builtin.
ELSEWHERE = {"ansible.posix.synchronize": "synchronize"}
#: Actions that are words of the language, handled before any action runs.
WORDS = ("meta", "import_tasks", "import_role", "import_playbook")


def own_name(name: str) -> str:
    """What this folder calls an action: ``ansible.builtin.copy`` -> ``copy``."""
    return ELSEWHERE.get(name) or short_name(name)


def is_action(name: str) -> bool:
    """Whether ``name`` is an action of the controller."""
    short = own_name(name)
    return short in ACTIONS or short in WORDS


def names() -> list[str]:
    """All names of actions and words."""
    return [*ACTIONS, *WORDS]


@cache
def _load(file: str) -> Action:
    action: Action = importlib.import_module(f"{__name__}.{file}").run
    return action


def find_action(name: str, library: Library, plugins: ActionPlugins) -> Action:
    """The action behind a task's name; a project's own action or module of the same name wins over ours."""
    if plugins.find(name) is not None:
        return _load("brought")
    return own_action(name, library) or _load("module")


def own_action(name: str, library: Library) -> Action | None:
    """Our action of a name; None where it is a module."""
    short = own_name(name)
    return _load(ACTIONS[short]) if short in ACTIONS and not library.overrides(name) else None

"""What imports, includes and words of meta may not have, or where they may not stand; told before any host is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestra.errors import nearest
from orchestra.language.keywordreader import key_origin
from orchestra.language.keywords import fits_include
from orchestra.language.project import Project
from orchestra.model.origin import Origin
from orchestra.model.play import Task

#: Options that name the file of a role's part to start from.
FROM_PARTS = ("tasks_from", "vars_from", "defaults_from", "handlers_from")
_OF_ROLES = frozenset(("name", "role", "public", "allow_duplicates", "rolespec_validate", *FROM_PARTS))
_RAW = frozenset(("_raw_params", "_variable_params"))
#: What imports and includes take.
_OPTIONS_OF = {
    "include_tasks": _RAW | {"file", "apply"},
    "import_tasks": _RAW | {"file"},
    "include_role": _RAW | _OF_ROLES | {"apply"},
    "import_role": _RAW | _OF_ROLES,
}
#: What ansible-core's errors call them.
_INCLUDE_CLASSES = {"include_tasks": "TaskInclude", "include_role": "IncludeRole"}


def fitting_include(
    project: Project, keywords: dict[str, Any], item: Mapping[Any, Any], action: str, kind: str
) -> dict[str, Any]:
    """The keywords without those that an include would not hand on, which are reported."""
    unfit = [name for name in keywords if not fits_include(name, kind)]
    for name in unfit:
        if not project.refuses_attributes:
            project.warn(f"Ignoring invalid attribute: {name}", key_origin(item, name))
        else:
            project.problems.add(
                f"{name!r} is not a valid attribute for a {_INCLUDE_CLASSES[action]}",
                key_origin(item, name),
                f"what it brings in gets it by 'apply: {{{name}: ...}}'",
            )
    return {name: value for name, value in keywords.items() if name not in unfit}


def refuses_options(project: Project, task: Task, short: str) -> bool:
    """Whether an import or include (its short name) has options it does not know, or no text where one must be."""
    if short not in _OPTIONS_OF:
        return False
    unknown = [str(name) for name in task.args if name not in _OPTIONS_OF[short]]
    if unknown:
        origin = getattr(task.args, "key_origins", {}).get(unknown[0], task.origin)
        known = sorted(_OPTIONS_OF[short] - _RAW)
        close = nearest(unknown[0], known)
        hint = f"did you mean {' or '.join(close)}?" if close else f"it takes {', '.join(known)}"
        project.problems.add(f"Invalid options for {task.action}: {','.join(unknown)}", origin, hint)
        return True
    if short == "include_tasks" and not _names_file(task):
        project.problems.add(f"No file specified for {task.action}", task.origin, f"write '{task.action}: FILE'")
        return True
    for name in FROM_PARTS:
        value = task.args.get(name, "")
        if not isinstance(value, str):
            kind = "a mapping" if isinstance(value, dict) else "a list" if isinstance(value, list) else repr(value)
            project.problems.add(f"Expected a string for {name} but got {kind} instead", task.origin)
            return True
    return False


def _names_file(task: Task) -> bool:
    """Whether an include says which file, or leaves that to a template for all of its options."""
    return bool(task.free_form or any(task.args.get(word) for word in ("file", *_RAW)))


def is_misplaced(project: Project, task: Task, word: str) -> bool:
    """Whether a meta word stands where it means nothing; a problem is noted."""
    if word == "flush_handlers" and task.handler:
        project.problems.add("flush_handlers cannot be used as a handler", task.origin, "handlers run in order anyway")
        return True
    if word == "end_role" and (task.handler or task.role is None):
        project.problems.add(end_role_fault(task), task.origin, "end_play and end_host end more than a role")
        return True
    return False


def end_role_fault(task: Task) -> str:
    """What is wrong with an ``end_role`` that is in no role's tasks."""
    return f"Cannot execute 'end_role' from {'a handler' if task.handler else 'outside of a role'}"


def check_module_defaults(project: Project, keywords: Mapping[str, Any]) -> None:
    """Report names of modules under ``module_defaults`` that nobody knows."""
    if keywords.get("collections"):
        return  # a short name may be in one of them
    value = keywords.get("module_defaults")
    for entry in value if isinstance(value, list) else [value]:
        if not isinstance(entry, dict):
            continue
        for name in entry:
            if type(name) is str and not name.startswith("group/"):
                _check_module(project, name, key_origin(entry, name))


def _check_module(project: Project, name: str, origin: Origin | None) -> None:
    if project.modules.known(name) or project.modules.lacking(name):
        return
    close = list(project.modules.similar(name))
    hint = f"did you mean {' or '.join(close)}?" if close else "no module of this name is known"
    project.problems.add(f"Could not resolve action {name} in module_defaults", origin, hint)

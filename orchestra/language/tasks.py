"""Tasks and blocks from their mappings; static imports are read in where they stand."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from orchestra.errors import LanguageError, OrchestraError
from orchestra.language import roles
from orchestra.language.arguments import Arguments, cut_action, normalise
from orchestra.language.keywordreader import key_origin, read_keywords, unknown_keyword, value_origin
from orchestra.language.keywords import BLOCK, HANDLER, TASK, names_at
from orchestra.language.maketask import make_task
from orchestra.language.placing import check_module_defaults, fitting_include, is_misplaced, refuses_options
from orchestra.language.project import Place, Project, first_existing
from orchestra.language.reserved import warn_reserved
from orchestra.language.scope import Scope
from orchestra.model.origin import LocatedDict, LocatedList, Origin, TemplateText
from orchestra.model.play import Block, Task

_BLOCK_PARTS = ("block", "rescue", "always")


def short_name(action: str) -> str:
    """``ansible.builtin.copy`` -> ``copy``; names of other collections stay whole."""
    for prefix in ("ansible.builtin.", "ansible.legacy."):
        if action.startswith(prefix):
            return action[len(prefix) :]
    return action


def read_file(
    project: Project, path: str, scope: Scope, place: Place, origin: Origin | None
) -> tuple[Task | Block, ...]:
    """The steps of a tasks file; none, with a problem noted, when it cannot be read."""
    with project.reading(path, origin):
        content = project.read(path, origin)
        if content is not None and not isinstance(content, list):
            place_in_file = getattr(content, "origin", None) or Origin(path, 1, 1)
            project.problems.missing("a list of tasks is expected here", place_in_file)
            return ()
        inside = Place(path, place.basedir, place.static_vars)
        return read_steps(project, content, scope, inside, Origin(path, 1, 1))


def read_steps(
    project: Project, items: Any, scope: Scope, place: Place, origin: Origin | None
) -> tuple[Task | Block, ...]:
    """A list of tasks and blocks."""
    if items is None:
        return ()
    if not isinstance(items, list):
        project.problems.add("a list of tasks is expected here", getattr(items, "origin", None) or origin)
        return ()
    places = items.item_origins if isinstance(items, LocatedList) else ()
    steps: list[Task | Block] = []
    for index, item in enumerate(items):
        where = places[index] if index < len(places) else origin
        if item is None:
            continue
        if not isinstance(item, dict):
            project.problems.add(f"a task must be a mapping, this is {item!r}", where, "write '- module: ...'")
        elif "block" in item:
            steps.append(_read_block(project, item, scope, place, where))
        else:
            steps.extend(_read_task(project, item, scope, place, where))
    return tuple(steps)


def _read_block(project: Project, item: Mapping[Any, Any], scope: Scope, place: Place, where: Origin | None) -> Block:
    keywords, rest = read_keywords(item, BLOCK, project.problems)
    for name in rest:
        unknown_keyword(project.problems, name, BLOCK, key_origin(item, name))
    for part in _BLOCK_PARTS:
        if part in item and item[part] is None:
            project.problems.add(
                f"A malformed block was encountered while loading {part}: a list of tasks is expected, this is empty",
                key_origin(item, part),
                f"write '{part}: []', or leave it out",
            )
    _check_vars(project, keywords)
    inner = scope.enter(keywords)
    for step in (step for part in _BLOCK_PARTS for step in keywords.get(part) or ()):
        if scope.handler and isinstance(step, dict) and "block" in step:
            project.problems.add("Using a block as a handler is not supported.", key_origin(step, "block"))
    parts = {
        part: read_steps(project, keywords.get(part), inner, place, key_origin(item, part) or where)
        for part in _BLOCK_PARTS
    }
    return Block(parts["block"], parts["rescue"], parts["always"], keywords.get("name"), where)


def _check_vars(project: Project, keywords: Mapping[str, Any]) -> None:
    if keywords.get("module_defaults"):
        check_module_defaults(project, keywords)
    if keywords.get("vars"):
        warn_reserved(keywords["vars"], project.warn)


def _read_task(
    project: Project, item: Mapping[Any, Any], scope: Scope, place: Place, where: Origin | None
) -> tuple[Task | Block, ...]:
    kind = HANDLER if scope.handler else TASK
    keywords, rest = read_keywords(item, kind, project.problems)
    found = _find_action(project, item, keywords, rest, kind, where)
    if found is None:
        return ()
    action, arguments, origin = found
    written = next((key_origin(item, word) for word in (action, "action", "local_action") if word in item), origin)
    keywords, action = _in_collections(project, action, keywords, scope)
    if not _is_module(project, action, written):
        return ()
    _check_vars(project, keywords)
    if short_name(action) in ("include_tasks", "include_role"):
        keywords = fitting_include(project, keywords, item, short_name(action), kind)
    inner = scope.enter(keywords)
    try:
        task = make_task(action, arguments, keywords, inner, item, origin or Origin(place.file))
    except OrchestraError as error:
        project.problems.extend(error)
        return ()
    return expand_import(project, task, keywords, scope, inner, place)


def expand_import(
    project: Project, task: Task, keywords: Mapping[str, Any], outer: Scope, inner: Scope, place: Place
) -> tuple[Task | Block, ...]:
    """What stands in the place of a task: what it imports, itself, or nothing, with a problem noted."""
    short = short_name(task.action)
    if task.handler and short in ("import_role", "include_role"):
        project.problems.add(
            f"Using '{short}' as a handler is not supported.", task.origin, "notify the handlers of the role instead"
        )
        return ()
    if short == "meta" and is_misplaced(project, task, str(task.free_form).strip()):
        return ()
    if refuses_options(project, task, short):
        return ()
    if short in ("import_tasks", "import_role"):
        project.imports.append(task)
    if short == "import_tasks":
        return _import_tasks(project, task, inner, place)
    if short == "import_role":
        return roles.import_role(project, task, inner, place)
    if short in ("include_tasks", "include_role"):
        apply = task.args.get("apply") or {}
        return (_with_scope(task, outer.enter(apply) if isinstance(apply, dict) else outer),)
    return (task,)


def _with_scope(task: Task, scope: Scope) -> Task:
    from dataclasses import replace

    return replace(task, scope=scope)


def _import_tasks(project: Project, task: Task, inner: Scope, place: Place) -> tuple[Task | Block, ...]:
    if task.loop is not None:
        project.problems.add(
            "import_tasks cannot be looped over", task.key_origins.get("loop", task.origin), "use include_tasks"
        )
        return ()
    wanted = task.free_form if task.free_form is not None else task.args.get("file", task.args.get("_raw_params"))
    if wanted is None:
        project.problems.add("import_tasks needs a file", task.origin, "write 'import_tasks: FILE'")
        return ()
    static = static_vars(inner, place)
    name = project.path_text(wanted, Place(place.file, place.basedir, static), task.origin, "tasks")
    if name is None:
        return ()
    path = find_tasks_file(name, place, inner)
    if path is None:
        hint, last = _looked_in(name, place, inner), tasks_candidates(name, place, inner)[-1]
        project.problems.missing(f"tasks file {name!r} is not found", task.origin, hint, not_accessible(last))
        return ()
    inner_place = Place(path, place.basedir, place.static_vars)
    return (Block(read_file(project, path, inner, inner_place, task.origin), origin=task.origin),)


def static_vars(scope: Scope, place: Place) -> dict[str, Any]:
    """What an import's name may use: all that is known before any host is."""
    known: dict[str, Any] = {"playbook_dir": place.basedir}
    role = scope.role
    for layer in role.default_layers if role is not None else ():
        known.update(layer)
    known.update(place.static_vars)
    if role is not None:
        for layer in (*role.var_layers, role.params):
            known.update(layer)
        known.update(role_path=role.path, role_name=role.name)
    for layer in scope.var_layers:
        known.update(layer)
    return known


def tasks_candidates(name: str, place: Place, scope: Scope) -> list[str]:
    """Where a tasks file called ``name`` may be, in order."""
    kind = "handlers" if scope.handler else "tasks"
    folders = [os.path.dirname(place.file)]
    if scope.role is not None:
        folders += [os.path.join(scope.role.path, kind), os.path.join(scope.role.path, "tasks"), scope.role.path]
    folders += [os.path.join(place.basedir, kind), place.basedir]
    return [os.path.normpath(os.path.join(folder, os.path.expanduser(name))) for folder in folders]


def find_tasks_file(name: str, place: Place, scope: Scope) -> str | None:
    """The tasks file called ``name``, seen from ``place``."""
    return first_existing(tasks_candidates(name, place, scope))


def not_accessible(path: str) -> str:
    """What a host's result says of a tasks file that is not there; programs count its lines."""
    said = f"Could not find or access '{path}' on the Ansible Controller"
    return f"{said}: there is no such file.\n{said}."


def _looked_in(name: str, place: Place, scope: Scope) -> str:
    return "looked for " + ", ".join(dict.fromkeys(tasks_candidates(name, place, scope)))


def _find_action(
    project: Project,
    item: Mapping[Any, Any],
    keywords: dict[str, Any],
    rest: Mapping[Any, Any],
    kind: str,
    where: Origin | None,
) -> tuple[str, Arguments, Origin | None] | None:
    explicit = next((name for name in ("action", "local_action") if name in keywords), None)
    try:
        if explicit:
            return _explicit_action(project, item, keywords, rest, explicit, kind)
        name = _pick_module(project, rest, item, kind, where)
        if name is None:
            return None
        origin = key_origin(item, name)
        if not isinstance(name, str):
            raise LanguageError(f"{name!r} is not the name of a module", origin=origin)
        arguments = normalise(name, rest[name], value_origin(item, name))
        _mind_args(project, name, rest[name], keywords, item, arguments)
        return name, _merge_args(keywords.get("args"), arguments, value_origin(item, "args")), where or origin
    except OrchestraError as error:
        project.problems.extend(error)
        return None


def _explicit_action(
    project: Project, item: Mapping[Any, Any], keywords: dict[str, Any], rest: Mapping[Any, Any], word: str, kind: str
) -> tuple[str, Arguments, Origin | None]:
    origin, value = key_origin(item, word), keywords.pop(word)
    for name in rest:
        unknown_keyword(project.problems, name, kind, key_origin(item, name))
    if isinstance(value, dict) and isinstance(value.get("module"), str):
        where = value_origin(item, word)
        project.deprecate("Using a mapping for `action` is deprecated.", where, "Use a string value for `action`.")
        name, arguments = _from_mapping(value, origin)
    elif isinstance(value, str):
        name, text = cut_action(value, origin)
        arguments = normalise(name, text if text.strip() else None, origin)
    else:
        raise LanguageError(f"{word!r} must be a module with its arguments", origin=origin)
    if word == "local_action":
        keywords.setdefault("delegate_to", "localhost")
    return name, _merge_args(keywords.get("args"), arguments, value_origin(item, "args")), origin


def _from_mapping(value: Mapping[Any, Any], origin: Origin | None) -> tuple[str, Arguments]:
    """An ``action`` that is a mapping: its ``args`` win over the words behind ``module``, these over all other keys."""
    name, text = cut_action(value["module"], origin)
    keys = {key: item for key, item in value.items() if key not in ("module", "args")}
    arguments = _merge_args(keys, normalise(name, text or None, origin))
    inner = value.get("args")
    if isinstance(inner, dict):
        return name, Arguments({**arguments.options, **inner}, arguments.free_form)
    return name, _merge_args(inner, arguments)


def _mind_args(
    project: Project,
    name: str,
    written: Any,
    keywords: Mapping[str, Any],
    item: Mapping[Any, Any],
    arguments: Arguments,
) -> None:
    """Say what of ``args`` ansible-core is going to refuse."""
    if "args" not in keywords:
        return
    if keywords["args"] is None:
        hint = "A mapping or template which resolves to a mapping is required."
        project.deprecate("Ignoring empty task `args` keyword.", getattr(item, "origin", None), hint)
    elif isinstance(written, str) and arguments.options:
        names = ", ".join(repr(str(option)) for option in sorted(arguments.options, key=str))
        project.deprecate(
            f"Merging legacy k=v args ({names}) into task args.",
            value_origin(item, name),
            "Include all task args in the task `args` mapping.",
        )


def _pick_module(
    project: Project, rest: Mapping[Any, Any], item: Mapping[Any, Any], kind: str, where: Origin | None
) -> Any:
    if not rest:
        project.problems.add("no module or action in this task", where, "write the module's name as a key of the task")
        return None
    if len(rest) == 1:
        return next(iter(rest))
    exist = [name for name in rest if project.modules.known(str(name)) or project.modules.lacking(str(name))]
    if len(exist) > 1:
        project.problems.add(
            f"conflicting actions: {', '.join(map(str, exist))}", key_origin(item, exist[1]), "a task runs one module"
        )
        return None
    picked = exist[0] if exist else next(iter(rest))
    for name in rest:
        if name != picked:
            unknown_keyword(project.problems, name, kind, key_origin(item, name))
    return picked


def _in_collections(project: Project, name: str, keywords: dict[str, Any], scope: Scope) -> tuple[dict[str, Any], str]:
    """The full name of a module that is meant by way of ``collections`` or of the role's own collection.

    With it the keywords: a task without a name goes by what was written.
    """
    searched = [*(keywords.get("collections") or ()), *scope.lists.get("collections", ())]
    if scope.role is not None and scope.role.collection:
        searched.insert(0, scope.role.collection)
    if not searched or "." in name or "{{" in name:
        return keywords, name
    for collection in dict.fromkeys(map(str, searched)):
        if collection in ("ansible.builtin", "ansible.legacy"):
            break
        if project.modules.known(f"{collection}.{name}"):
            return {"name": name, **keywords}, f"{collection}.{name}"
    return keywords, name


def _is_module(project: Project, name: str, origin: Origin | None) -> bool:
    """Whether a module can be what a task names; a problem is noted for one that nobody knows."""
    try:
        if "{{" in name or project.modules.known(name):
            return True
    except OrchestraError as error:  # its collection says that it is gone
        project.problems.add(error.message, origin, f"{error.origin} says so" if error.origin else "")
        return False
    if project.modules.lacking(name):
        project.lacking.setdefault(name, origin or Origin("?"))
        return True
    close = list(project.modules.similar(name))
    keyword = [word for word in names_at(TASK) if word == name]
    hint = f"did you mean {' or '.join(close or keyword)}?" if close or keyword else "no module of this name is known"
    if short_name(name) == "include":
        hint = "include was removed; use include_tasks or import_tasks"
    project.problems.add(f"module {name!r} is not known", origin, hint)
    return False


def _merge_args(extra: Any, arguments: Arguments, origin: Origin | None = None) -> Arguments:
    if extra is None:
        return arguments
    if isinstance(extra, str):
        if not isinstance(extra, TemplateText):
            raise LanguageError(
                "The value of the task `args` keyword is invalid.",
                origin=origin,
                hint="A mapping or template which resolves to a mapping is required.",
            )
        options = dict(arguments.options)
        own = options.pop("_variable_params", None)
        both: Any = extra if own is None else [extra, own]  # what stands behind the module's name wins
        return Arguments({"_variable_params": both, **options}, arguments.free_form)
    if not isinstance(extra, dict):
        raise LanguageError("'args' must be a mapping", origin=getattr(extra, "origin", None))
    merged = LocatedDict(
        {**extra, **arguments.options},
        origin=getattr(extra, "origin", None),
        key_origins={**getattr(extra, "key_origins", {}), **getattr(arguments.options, "key_origins", {})},
        value_origins={**getattr(extra, "value_origins", {}), **getattr(arguments.options, "value_origins", {})},
    )
    return Arguments(merged, arguments.free_form)

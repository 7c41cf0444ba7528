"""Roles: found by name or path, with defaults, vars, dependencies, tasks and handlers."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from typing import Any

from orchestra.errors import nearest
from orchestra.language import rolespec, tasks
from orchestra.language.keywordreader import key_origin, read_keywords
from orchestra.language.keywords import ROLE
from orchestra.language.placing import FROM_PARTS
from orchestra.language.project import Place, Project, first_existing
from orchestra.language.reserved import warn_reserved
from orchestra.language.scope import Scope
from orchestra.model.origin import Origin
from orchestra.model.play import Block, RoleRef, Task
from orchestra.model.record import record

_SUFFIXES = (".yml", ".yaml", ".json", "")


@record
class RoleUse:
    """One wish for a role: name, parameters, which files to start from, where it was written."""

    name: str
    params: Mapping[str, Any] = field(default_factory=dict)
    vars: Mapping[str, Any] = field(default_factory=dict)
    starts: Mapping[str, str] = field(default_factory=dict)
    allow_duplicates: bool | None = None
    #: What ``public`` of an import_role says.
    public: bool | None = None
    #: Whether its argument specification is held against the variables.
    validate: bool = True
    origin: Origin | None = None


@record
class LoadedRole:
    """A role's tasks (those of its dependencies before) and handlers, and what the play sees of it."""

    ref: RoleRef
    steps: tuple[Task | Block, ...]
    handlers: tuple[Task | Block, ...]
    #: This role and its dependencies.
    refs: tuple[RoleRef, ...]


def search_folders(project: Project, place: Place, scope: Scope) -> list[str]:
    """Where roles are looked for, in order."""
    folders = [os.path.join(place.basedir, "roles"), *project.roles_path]
    if scope.role is not None:
        folders.insert(0, os.path.join(scope.role.path, "roles"))
        folders.append(os.path.dirname(scope.role.path))
    return [*dict.fromkeys([*folders, place.basedir])]


def find_role(project: Project, name: str, place: Place, scope: Scope) -> tuple[str, str, str] | None:
    """``(name, folder, collection)`` of a role, or None; a role that lies in a folder goes by what was written."""
    found = _find_in_collections(project, name, place, scope)
    if found is not None:
        return found
    expanded = os.path.expanduser(name)
    for folder in search_folders(project, place, scope):
        path = os.path.normpath(os.path.join(folder, expanded))
        if os.path.isdir(path):
            return name, path, ""
    return None


def _find_in_collections(project: Project, name: str, place: Place, scope: Scope) -> tuple[str, str, str] | None:
    qualified = name.count(".") >= 2 and "/" not in name
    prefixes = (str(prefix) for prefix in scope.lists.get("collections", ()))
    for full in [name] if qualified else [f"{prefix}.{name}" for prefix in prefixes if prefix.count(".") == 1]:
        namespace, collection, *rest = full.split(".")
        for root in (os.path.join(place.basedir, "collections"), *project.collections_path):
            path = os.path.join(root, "ansible_collections", namespace, collection, "roles", *rest)
            if os.path.isdir(path):
                return full, path, f"{namespace}.{collection}"
    return None


def load_role(
    project: Project, use: RoleUse, scope: Scope, place: Place, chain: tuple[RoleRef, ...] = ()
) -> LoadedRole | None:
    """Read a role with its dependencies; None, with a problem noted, when it is not found."""
    text = project.path_text(use.name, place, use.origin, "role")
    if text is None:
        return None
    use = replace(use, name=text)
    found = find_role(project, use.name, place, scope)
    if found is None:
        _report_missing(project, use, place, scope)
        return None
    name, path, collection = found
    project.on_folder(path)
    with project.reading(path + repr(sorted(use.starts.items())), use.origin):
        own_defaults = _read_variables(project, path, "defaults", use.starts.get("defaults_from"), use.origin)
        own_vars = _read_variables(project, path, "vars", use.starts.get("vars_from"), use.origin)
        meta = _read_meta(project, path, use.origin)
        around = chain[-1] if chain else scope.role  # what depends on it, or includes it: it sees that one's variables
        bare = RoleRef(
            name=name,
            path=path,
            default_layers=(*(around.default_layers if around else ()), *own_defaults),
            var_layers=(*(around.var_layers if around else ()), *own_vars, use.vars),
            exported_defaults=own_defaults,
            exported_vars=own_vars,
            params={**(around.params if around else {}), **use.params},
            parents=tuple(role.name for role in chain),
            parent_paths=(*around.parent_paths, around.path) if around else (),
            includers=_includers(scope, chain),
            includer_paths=_includer_paths(scope, chain),
            collection=collection,
            collections=_collections_of(meta),
            key=repr((name, path, sorted(use.params.items(), key=str), sorted(use.starts.items()), dict(use.vars),
                      dict(scope.single), {k: v for k, v in scope.lists.items() if k in ("when", "tags")})),
            allow_duplicates=_allows_duplicates(meta, use),
            public=use.public,
            origin=use.origin,
        )  # fmt: skip
        dependencies = _load_dependencies(project, meta, bare, scope, place, chain)
        specs = rolespec.read_specs(project, path, meta, use.origin) if use.validate else {}
        return _join(project, bare, dependencies, use, scope, place, specs)


def _includers(scope: Scope, chain: tuple[RoleRef, ...]) -> tuple[str, ...]:
    if chain:
        return chain[-1].includers
    return (scope.role.name, *scope.role.includers) if scope.role is not None else ()


def _includer_paths(scope: Scope, chain: tuple[RoleRef, ...]) -> tuple[str, ...]:
    if chain:
        return chain[-1].includer_paths
    return (scope.role.path, *scope.role.includer_paths) if scope.role is not None else ()


def _collections_of(meta: Mapping[str, Any]) -> tuple[str, ...]:
    named = meta.get("collections") or ()
    return tuple(map(str, named)) if isinstance(named, list) else ()


def _allows_duplicates(meta: Mapping[str, Any], use: RoleUse) -> bool:
    return use.allow_duplicates if use.allow_duplicates is not None else bool(meta.get("allow_duplicates", False))


def _join(
    project: Project,
    bare: RoleRef,
    dependencies: list[LoadedRole],
    use: RoleUse,
    scope: Scope,
    place: Place,
    specs: Mapping[str, Any],
) -> LoadedRole:
    dep_defaults = tuple(layer for dep in dependencies for layer in dep.ref.exported_defaults)
    dep_vars = tuple(layer for dep in dependencies for layer in dep.ref.exported_vars)
    ref = replace(
        bare,
        default_layers=(*bare.default_layers[: len(bare.default_layers) - len(bare.exported_defaults)], *dep_defaults,
                        *bare.exported_defaults),
        var_layers=(*bare.var_layers[: -1 - len(bare.exported_vars)], *dep_vars, *bare.exported_vars, use.vars),
        exported_defaults=(*dep_defaults, *bare.exported_defaults),
        exported_vars=(*dep_vars, *bare.exported_vars),
    )  # fmt: skip
    inner = scope.in_role(ref)
    steps = _read_part(project, ref, "tasks", use.starts.get("tasks_from"), inner, place, use.origin)
    handlers = _read_part(
        project, ref, "handlers", use.starts.get("handlers_from"), replace(inner, handler=True), place, use.origin
    )
    entry = use.starts.get("tasks_from") or "main"
    steps = (*rolespec.validation_step(project, ref, specs, entry, inner, use.origin), *steps)
    own = Block(steps, name=None, origin=use.origin, role=ref)
    return LoadedRole(
        ref,
        (*(step for dep in dependencies for step in dep.steps), own),
        (*(step for dep in dependencies for step in dep.handlers), *handlers),
        (*(role for dep in dependencies for role in dep.refs), ref),
    )


def _load_dependencies(
    project: Project, meta: Mapping[str, Any], bare: RoleRef, scope: Scope, place: Place, chain: tuple[RoleRef, ...]
) -> list[LoadedRole]:
    loaded: list[LoadedRole] = []
    entries = meta.get("dependencies") or []
    if not isinstance(entries, list):
        project.problems.add("'dependencies' must be a list of roles", key_origin(meta, "dependencies"))
        return loaded
    for entry in entries:
        parsed = read_entry(project, entry, scope.in_role(bare), bare.origin)
        if parsed is None:
            continue
        use, inner = parsed
        found = load_role(project, use, inner, place, (*chain, bare))
        loaded.extend([found] if found else [])
    return loaded


def read_entry(project: Project, entry: Any, scope: Scope, origin: Origin | None) -> tuple[RoleUse, Scope] | None:
    """One entry of ``roles:`` or ``dependencies:``: a name, or a mapping with keywords and parameters."""
    if isinstance(entry, str):
        return RoleUse(entry, origin=origin), scope
    if not isinstance(entry, dict):
        project.problems.add(f"a role is a name or a mapping, this is {entry!r}", getattr(entry, "origin", origin))
        return None
    where = getattr(entry, "origin", None) or origin
    keywords, rest = read_keywords(entry, ROLE, project.problems)
    name = keywords.pop("role", None) or keywords.pop("name", None) or rest.pop("src", None)
    if not isinstance(name, str):
        project.problems.add("this role has no name", where, "write 'role: NAME'")
        return None
    starts = {part: rest.pop(part) for part in FROM_PARTS if part in rest}
    inner = scope.enter(keywords, with_vars=False)
    allowed = rest.pop("allow_duplicates", None)
    return RoleUse(name, rest, keywords.get("vars") or {}, starts, allow_duplicates=allowed, origin=where), inner


def import_role(project: Project, task: Task, inner: Scope, place: Place) -> tuple[Task | Block, ...]:
    """The steps of ``import_role`` in the place of the task; its handlers go to the play by way of the block."""
    use = role_use(project, task, place, tasks.static_vars(inner, place))
    if use is None:
        return ()
    loaded = load_role(project, use, replace(inner, handler=False) if inner.handler else inner, place)
    if loaded is None:
        return ()
    return (Block(loaded.steps, origin=task.origin, imported_handlers=loaded.handlers, imported_roles=loaded.refs),)


def imports_in(steps: tuple[Task | Block, ...]) -> Iterator[Block]:
    """The blocks that stand for an ``import_role``, however deep."""
    for step in steps:
        if isinstance(step, Block):
            if step.imported_roles:
                yield step
            for part in (step.body, step.rescue, step.always):
                yield from imports_in(part)


def role_use(project: Project, task: Task, place: Place, known: Mapping[str, Any]) -> RoleUse | None:
    """The wish for a role that an import_role or include_role task expresses; ``known`` is what its name may use."""
    name = task.args.get("name", task.args.get("role"))
    if name is None:
        project.problems.add(f"{task.action} needs a name", task.origin, "write 'name: ROLE'")
        return None
    inside = Place(place.file, place.basedir, known)
    text = project.path_text(name, inside, task.origin, "role")
    starts = {part: project.path_text(task.args[part], inside, task.origin, "role") for part in FROM_PARTS
              if task.args.get(part)}  # fmt: skip
    if text is None or None in starts.values():
        return None
    given = [name for name in ("allow_duplicates", "public", "rolespec_validate") if task.args.get(name) is not None]
    switches = {name: project.path_text(task.args[name], inside, task.origin, "role") for name in given}
    return RoleUse(
        text,
        starts={k: str(v) for k, v in starts.items()},
        allow_duplicates=is_yes(switches.get("allow_duplicates", True)),
        public=is_yes(switches["public"]) if "public" in switches else None,
        validate=is_yes(switches.get("rolespec_validate", True)),
        origin=task.origin,
    )


def is_yes(value: Any) -> bool:
    """What a yes or no of an import's option means."""
    return str(value).lower() not in ("no", "false", "0", "off")


def _read_part(
    project: Project, ref: RoleRef, part: str, start: str | None, scope: Scope, place: Place, origin: Origin | None
) -> tuple[Task | Block, ...]:
    path = _main_file(os.path.join(ref.path, part), start)
    if path is not None and not _is_inside(path, os.path.join(ref.path, part)):
        project.problems.add(
            f"Failed to load {start!r} as it is not inside the expected role path: {ref.path}/{part}", origin,
            "files that a role starts from are in the role; import or include others as tasks",
        )  # fmt: skip
        return ()
    if path is None:
        if start and start != "main" and part in ("tasks", "handlers"):
            project.problems.add(f"role {ref.name!r} has no {part} file {start!r}", origin)
        return ()
    return tasks.read_file(project, path, scope, place, origin)


def _is_inside(path: str, folder: str) -> bool:
    """As written: a link in the folder may point out of it."""
    return os.path.normpath(path).startswith(os.path.normpath(folder) + os.sep)


def _main_file(folder: str, start: str | None) -> str | None:
    stem = os.path.join(folder, start or "main")
    return first_existing([stem + suffix for suffix in _SUFFIXES])


def _read_variables(
    project: Project, path: str, part: str, start: str | None, origin: Origin | None
) -> tuple[Mapping[str, Any], ...]:
    layers: list[Mapping[str, Any]] = []
    for file in _variable_files(os.path.join(path, part), start):
        content = project.read(file, origin)
        if isinstance(content, dict):
            warn_reserved(content, project.warn)
            layers.append(content)
        elif content is not None:
            project.problems.add(f"{part} of a role must be a mapping", Origin(file, 1, 1))
    if start and not layers and not _variable_files(os.path.join(path, part), start):
        project.problems.add(f"role {os.path.basename(path)!r} has no {part} file {start!r}", origin)
    return tuple(layers)


def _variable_files(folder: str, start: str | None) -> list[str]:
    stem = os.path.join(folder, start or "main")
    if os.path.isdir(stem):
        names = sorted(os.path.join(top, name) for top, _, files in os.walk(stem) for name in files)
        return [name for name in names if name.endswith((".yml", ".yaml", ".json")) and "/." not in name]
    found = first_existing([stem + suffix for suffix in _SUFFIXES])
    return [found] if found else []


def _read_meta(project: Project, path: str, origin: Origin | None) -> Mapping[str, Any]:
    file = _main_file(os.path.join(path, "meta"), None)
    content = project.read(file, origin) if file else None
    return content if isinstance(content, dict) else {}


def _report_missing(project: Project, use: RoleUse, place: Place, scope: Scope) -> None:
    folders = search_folders(project, place, scope)
    there = [
        name for folder in folders if folder.endswith("roles") and os.path.isdir(folder) for name in os.listdir(folder)
    ]
    close = nearest(use.name, there)
    hint = f"did you mean {' or '.join(close)}?" if close else "is it installed, and is the roles path right?"
    if "," in use.name:
        project.problems.add(f"Invalid old style role requirement: {use.name}", use.origin, "a name holds no comma")
        return
    project.problems.missing(f"the role {use.name!r} was not found in {':'.join(folders)}", use.origin, hint)

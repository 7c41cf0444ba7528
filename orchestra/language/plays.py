"""Plays and playbooks: from a file's mappings to the model, imports of other playbooks included."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from orchestra.errors import nearest
from orchestra.language import roles
from orchestra.language.arguments import normalise
from orchestra.language.keywordreader import key_origin, read_keywords, refuse_unknown, value_origin
from orchestra.language.keywords import IMPORT, PLAY
from orchestra.language.placing import check_module_defaults
from orchestra.language.project import Place, Project, first_existing
from orchestra.language.reserved import warn_reserved
from orchestra.language.scope import Scope, as_tuple
from orchestra.language.tasks import read_steps
from orchestra.model.origin import LocatedList, Origin
from orchestra.model.play import Block, Play, Prompt, Task
from orchestra.model.record import record

_IMPORTS = ("import_playbook", "ansible.builtin.import_playbook", "ansible.legacy.import_playbook")
_GIVEN = (
    "gather_facts", "gather_subset", "gather_timeout", "fact_path", "strategy", "serial", "order", "any_errors_fatal",
    "max_fail_percentage", "force_handlers",
)  # fmt: skip
_PROMPT_KEYS = ("name", "prompt", "default", "private", "confirm", "encrypt", "salt", "salt_size", "unsafe")


@record
class _Outside:
    """What an import_playbook hands to the plays that it brings in."""

    when: tuple[Any, ...] = ()
    tags: tuple[Any, ...] = ()
    vars: Mapping[str, Any] | None = None
    #: The collection that the importing playbook is part of.
    collection: str = ""


def read_playbook(project: Project, path: str, static_vars: Mapping[str, Any]) -> tuple[Play, ...]:
    """All plays of a playbook file. Problems are collected in ``project.problems``."""
    return tuple(_read_file(project, os.path.abspath(path), static_vars, _Outside(), None))


def _read_file(
    project: Project, path: str, static_vars: Mapping[str, Any], outside: _Outside, origin: Origin | None
) -> Iterator[Play]:
    with project.reading(path, origin):
        content = project.read(path, origin)
        if content is None and project.problems.found:
            return
        folder = os.path.dirname(path)
        outside = replace(outside, collection=_collection_of(project, path) or outside.collection)
        place = Place(path, folder, {**static_vars, "playbook_dir": folder})
        if not isinstance(content, list) or not content:
            empty = content == []
            text = (
                f"A playbook must contain at least one play: {path}" if empty else "a playbook must be a list of plays"
            )
            project.problems.add(text, Origin(path, 1, 1), "start with '- hosts: PATTERN'")
            return
        places = content.item_origins if isinstance(content, LocatedList) else ()
        for index, item in enumerate(content):
            where = places[index] if index < len(places) else Origin(path, 1, 1)
            if not isinstance(item, dict):
                project.problems.add(f"a play must be a mapping, this is {item!r}", where)
            elif any(word in item for word in _IMPORTS):
                yield from _import_playbook(project, item, place, outside, where)
            else:
                yield _read_play(project, item, place, outside, where)


def _import_playbook(
    project: Project, item: Mapping[Any, Any], place: Place, outside: _Outside, where: Origin
) -> Iterator[Play]:
    word = next(word for word in _IMPORTS if word in item)
    _, rest = read_keywords(item, IMPORT, project.problems)
    refuse_unknown({key: value for key, value in rest.items() if key != word}, item, IMPORT, project.problems)
    arguments = normalise(word, item[word], value_origin(item, word))
    given = {**dict(arguments.options), **(item.get("vars") or {})}
    static = {**place.static_vars, **given}
    name = project.path_text(
        arguments.free_form or given.pop("file", None), replace(place, static_vars=static), where, "playbook"
    )
    if name is None:
        return
    path = first_existing([os.path.join(place.basedir, os.path.expanduser(name)), *_collection_playbook(project, name)])
    if path is None:
        project.problems.add(f"playbook {name!r} is not found", value_origin(item, word), f"looked in {place.basedir}")
        return
    project.on_folder(os.path.dirname(os.path.normpath(path)))
    inner = _Outside(
        (*outside.when, *as_tuple("when", item.get("when"))),
        (*outside.tags, *as_tuple("tags", item.get("tags"))),
        {**(outside.vars or {}), **given},
        outside.collection,
    )
    yield from _read_file(project, os.path.normpath(path), static, inner, where)


def _collection_playbook(project: Project, name: str) -> list[str]:
    parts = name.split(".")
    if len(parts) < 3 or "/" in name:
        return []
    folder = os.path.join("ansible_collections", parts[0], parts[1], "playbooks", *parts[2:])
    return [os.path.join(root, folder + end) for root in project.collections_path for end in (".yml", ".yaml")]


def _collection_of(project: Project, path: str) -> str:
    """The collection that a playbook lies in, "" for none: only one that would also be found by its name."""
    root, _, inside = path.partition("/ansible_collections/")
    parts = inside.split("/")
    return ".".join(parts[:2]) if len(parts) > 2 and root in map(os.path.abspath, project.collections_path) else ""


def _read_play(project: Project, item: Mapping[Any, Any], place: Place, outside: _Outside, where: Origin) -> Play:
    keywords, rest = read_keywords(item, PLAY, project.problems)
    refuse_unknown(rest, item, PLAY, project.problems)
    if "user" in keywords:
        if "remote_user" in keywords:
            text = "both 'user' and 'remote_user' are set for this play."
            project.problems.add(text, key_origin(item, "user"), "leave 'user' out: it is the old name")
        keywords.setdefault("remote_user", keywords.pop("user"))
    _check_hosts(project, item, where)
    variables = {**(keywords.get("vars") or {}), **(outside.vars or {})} if outside.vars else keywords.get("vars") or {}
    warn_reserved(variables, project.warn)
    if keywords.get("module_defaults"):
        check_module_defaults(project, keywords)
    base = Scope().of_collection(outside.collection).enter({"when": outside.when, "tags": outside.tags})
    scope = base.enter(keywords, with_vars=False)
    inside = replace(place, static_vars={**variables, **place.static_vars})
    used = _read_roles(project, keywords, scope, inside, where)
    sections = tuple(
        read_steps(project, keywords.get(part), scope, inside, where) for part in ("pre_tasks", "tasks", "post_tasks")
    )
    sections = (sections[0], (*(step for role in used for step in role.steps), *sections[1]), sections[2])
    brought = [block for section in sections for block in roles.imports_in(section)]
    handler_scope = replace(scope, handler=True)
    own_handlers = read_steps(project, keywords.get("handlers"), handler_scope, inside, where)
    return Play(
        name=keywords.get("name"),
        hosts=keywords.get("hosts"),
        origin=where,
        sections=sections,
        handlers=(
            *_once(step for role in used for step in role.handlers),
            *(step for block in brought for step in block.imported_handlers),
            *own_handlers,
        ),
        vars=variables,
        vars_files=_vars_files(keywords.get("vars_files")),
        vars_prompt=_read_prompts(project, keywords.get("vars_prompt"), where),
        tags=scope.lists.get("tags", ()),
        roles=(
            *(ref for role in used for ref in role.refs),
            *(ref for block in brought for ref in block.imported_roles),
        ),
        key_origins=getattr(item, "key_origins", {}),
        scope=scope,
        basedir=place.basedir,
        **{name: keywords.get(name) for name in _GIVEN},
    )


def _once(handlers: Iterable[Task | Block]) -> Iterator[Task | Block]:
    """Handlers without those that a role brings again which several others depend on."""
    seen: set[tuple[Origin | None, str]] = set()
    for step in handlers:
        key = (step.origin, step.role.key if step.role is not None else "")
        if key not in seen:
            seen.add(key)
            yield step


def _vars_files(value: Any) -> tuple[Any, ...]:
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list) else (value,)


def _check_hosts(project: Project, item: Mapping[Any, Any], where: Origin) -> None:
    hosts = item.get("hosts")
    if "hosts" not in item:
        project.problems.add("this play has no 'hosts'", where, "add 'hosts: PATTERN', for example 'hosts: all'")
    elif hosts is None or hosts == "" or hosts == []:
        project.problems.add(
            "Hosts list cannot be empty. Please check your playbook",
            key_origin(item, "hosts"),
            "name a host, a group or 'all'",
        )
    elif not isinstance(hosts, (str, list)):
        project.problems.add("'hosts' must be a pattern or a list of them", value_origin(item, "hosts"))


def _read_roles(
    project: Project, keywords: Mapping[str, Any], scope: Scope, place: Place, where: Origin
) -> list[roles.LoadedRole]:
    loaded: list[roles.LoadedRole] = []
    entries = keywords.get("roles") or []
    places = entries.item_origins if isinstance(entries, LocatedList) else ()
    for index, entry in enumerate(entries):
        origin = places[index] if index < len(places) else where
        parsed = roles.read_entry(project, entry, scope, origin)
        if parsed is None:
            continue
        use, inner = parsed
        found = roles.load_role(project, use, inner, place)
        loaded.extend([found] if found else [])
    return loaded


def _read_prompts(project: Project, entries: Any, where: Origin) -> tuple[Prompt, ...]:
    """A list of prompts, or a single one."""
    prompts: list[Prompt] = []
    for entry in entries if isinstance(entries, list) else [entries] if entries else ():
        if not isinstance(entry, dict) or "name" not in entry:
            text = "Invalid vars_prompt data structure, missing 'name' key"
            project.problems.add(text, getattr(entry, "origin", None) or where, "an entry names its variable")
            continue
        for key in entry:
            if key not in _PROMPT_KEYS:
                text = f"Invalid vars_prompt data structure, found unsupported key '{key}'"
                close = nearest(str(key), _PROMPT_KEYS)
                project.problems.add(
                    text, key_origin(entry, key), f"did you mean {' or '.join(close)}?" if close else ""
                )
        fields = {key: entry[key] for key in _PROMPT_KEYS if key in entry}
        for flag in ("private", "confirm", "unsafe"):
            if flag in fields:
                fields[flag] = str(fields[flag]).lower() in ("true", "yes", "1", "on")
        prompts.append(Prompt(**fields, origin=getattr(entry, "origin", None)))
    return tuple(prompts)

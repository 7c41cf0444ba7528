"""Read variables from files while the run goes on."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from orchestra.engine.actions.options import checked
from orchestra.engine.context import TaskContext
from orchestra.engine.layers import merge
from orchestra.engine.results import ActionResult, failed
from orchestra.errors import OptionError
from orchestra.language.reserved import warn_reserved
from orchestra.language.vaultformat import is_vault
from orchestra.model.invocation import Reply
from orchestra.model.origin import LocatedDict


async def run(context: TaskContext) -> ActionResult:
    """One file, or all that match below ``dir``; ``name`` puts them below one variable."""
    try:
        return _include(context)
    except OptionError as error:
        text = f"{error.message} ({error.hint})" if error.hint else error.message
        return failed(text, message=text, ansible_included_var_files=[])


def _include(context: TaskContext) -> ActionResult:
    args = checked(context)
    if args["dir"]:
        files = _files_below(context, args)
    elif args["file"]:
        files = [_find(context, args["file"])]
    else:
        raise OptionError("Could not find file: neither 'file' nor 'dir' names one")
    variables: dict[str, Any] = {}
    for path in files:
        content = _read(context, path)
        variables = {**variables, **content}
    if args["name"]:
        variables = {args["name"]: LocatedDict(variables)}
    if args["hash_behaviour"] == "merge":
        variables = {key: _merged(context, key, value) for key, value in variables.items()}
    warn_reserved(variables, context.services.warn, context.task.origin)
    data: dict[str, Any] = {"ansible_facts": variables, "ansible_included_var_files": files}
    if any(map(_is_closed, files)):
        data["_ansible_no_log"] = True  # what else is in there may tell of what was locked away with it
    return ActionResult(Reply(data), included_vars=variables)


def _is_closed(path: str) -> bool:
    with open(path, "rb") as file:
        return is_vault(file.read(200))


def _merged(context: TaskContext, key: str, value: Any) -> Any:
    held = context.scope.raw(key)
    return merge(held, value) if isinstance(held, Mapping) and isinstance(value, Mapping) else value


def _find(context: TaskContext, name: str) -> str:
    path = context.lookups.search("vars", name)
    if path is None or os.path.isdir(path):
        looked = ", ".join(context.lookups.search_paths("vars"))
        raise OptionError(
            f"Could not find or access '{name}' on the controller",
            origin=context.task.origin,
            hint=f"looked in {looked}",
        )
    return path


def _read(context: TaskContext, path: str) -> Mapping[str, Any]:
    content = context.services.read_yaml(path)
    if content is None:
        return {}
    if not isinstance(content, Mapping):
        raise OptionError(f"{path} must be stored as a dictionary/hash", origin=context.task.origin)
    return content


def _files_below(context: TaskContext, args: Mapping[str, Any]) -> list[str]:
    top = context.lookups.search("vars", args["dir"])
    if top is None or not os.path.isdir(top):
        raise OptionError(f"{args['dir']} directory does not exist", origin=context.task.origin)
    pattern = re.compile(args["files_matching"]) if args["files_matching"] else None
    ignored = [re.compile(str(item)) for item in _as_list(args["ignore_files"])]
    endings = {str(item).lstrip(".") for item in _as_list(args["extensions"])}
    found: list[str] = []
    for path in _walk(top, args["depth"]):
        name = os.path.basename(path)
        if (pattern and not pattern.search(name)) or any(item.search(name) for item in ignored):
            continue
        if os.path.splitext(name)[1].lstrip(".") in endings:
            found.append(path)
        elif not args["ignore_unknown_extensions"]:
            raise OptionError(f"{path} does not have a valid extension: {', '.join(sorted(endings))}")
    return found


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else str(value).split()


def _leads_back(path: str, inside: str) -> bool:
    """Whether a link leads to a folder that it is in itself."""
    return os.path.islink(path) and inside.startswith(os.path.realpath(path) + os.sep)


def _walk(top: str, depth: int) -> list[str]:
    found: list[str] = []
    for folder, folders, files in os.walk(top, followlinks=True):
        real = os.path.realpath(folder) + os.sep
        folders[:] = sorted(name for name in folders if not _leads_back(os.path.join(folder, name), real))
        level = os.path.relpath(folder, top).count(os.sep) + (folder != top)
        if depth and level >= depth:
            folders.clear()
            continue
        found += [os.path.join(folder, name) for name in sorted(files) if not name.startswith(".")]
    return found

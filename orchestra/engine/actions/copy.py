"""Copy files or folders from the controller to the host."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

from orchestra.engine.actions.module import call
from orchestra.engine.actions.transfer import Content, content_of, place, sha1
from orchestra.engine.connections import is_true
from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult, failed
from orchestra.errors import OptionError

#: What is told to the host of a file, folder or link, and its path here.
_Member = tuple[dict[str, Any], str]

_OURS = ("src", "content", "remote_src", "local_follow", "decrypt")


async def run(context: TaskContext) -> ActionResult:
    """``content``, a file, a folder; with ``remote_src`` all happens on the host."""
    args = dict(context.args)
    if is_true(args.get("remote_src", False)):
        return await call(context, "ansible.builtin.copy", args)
    if args.get("content") is not None and args.get("src") is not None:
        return failed("src and content are mutually exclusive")
    if not args.get("dest"):
        return failed("dest is required")
    if args.get("content") is not None:
        return await _content(context, args)
    if not args.get("src"):
        return failed("src (or content) is required")
    source = str(args["src"])
    path = context.lookups.search("files", source)
    if path is None:
        raise not_found(context, source, "files")
    if os.path.isdir(path):
        return await _folder(context, args, path, source.endswith("/"))
    return await _file(context, args, path)


def not_found(context: TaskContext, name: str, kind: str) -> OptionError:
    """The error for a file that is nowhere on the controller."""
    looked = "\n\t".join(dict.fromkeys(os.path.join(folder, name) for folder in context.lookups.search_paths(kind)))
    return OptionError(
        f"Could not find or access '{name}'",
        origin=getattr(context.task.args, "value_origins", {}).get("src") or context.task.origin,
        hint=f"searched in:\n\t{looked}\n  a file that is on the host already needs remote_src",
    )


def passed(args: Mapping[str, Any]) -> dict[str, Any]:
    """The options that go on to the host."""
    return {name: value for name, value in args.items() if name not in _OURS}


async def _content(context: TaskContext, args: Mapping[str, Any]) -> ActionResult:
    content = args["content"]
    text = content if isinstance(content, str) else json.dumps(content)
    data = str.__str__(text).encode("utf-8", "surrogateescape")
    if str(args["dest"]).endswith("/"):
        return failed("can not use content with a dir as dest")
    return await _send(context, passed(args), data, None)


async def _file(context: TaskContext, args: Mapping[str, Any], path: str) -> ActionResult:
    options = passed(args)
    options["original_basename"] = os.path.basename(path)
    if options.get("mode") == "preserve":
        options["mode"] = f"0{os.stat(path).st_mode & 0o7777:o}"
    data = _read(context, args, path)
    return await _send(context, options, data, path)


def _read(context: TaskContext, args: Mapping[str, Any], path: str) -> Content:
    try:
        return content_of(context, path, decrypt=is_true(args.get("decrypt", True)))
    except OSError as error:
        raise OptionError(f"cannot read {path}: {error.strerror}", origin=context.task.origin) from error


async def _send(context: TaskContext, options: dict[str, Any], data: Content, source: str | None) -> ActionResult:
    found = sha1(data)
    if options.get("checksum") and options["checksum"] != found:
        text = "Copied file does not match the expected checksum. Transfer failed."
        return failed(text, checksum=found, expected_checksum=options["checksum"])
    options.update(content_attachment="content", checksum=found, source=source)
    return await place(context, "ansible.builtin.copy", options, {"content": data})


async def _folder(context: TaskContext, args: Mapping[str, Any], path: str, inside: bool) -> ActionResult:
    follow = is_true(args.get("local_follow", True))
    contents: dict[str, Content] = {}
    tree: list[dict[str, Any]] = []
    root = os.path.abspath(path)
    for member, full in _members(root, "" if inside else os.path.basename(root), follow):
        if member["kind"] == "file":
            data = _read(context, args, full)
            name = f"file{len(contents)}"
            contents[name] = data
            member.update(checksum=sha1(data), attachment=name, mode=f"0{os.stat(full).st_mode & 0o7777:o}")
        tree.append(member)
    options = passed(args)
    options.update(tree=tree, source=path)
    return await place(context, "ansible.builtin.copy", options, contents)


def _members(root: str, prefix: str, follow: bool) -> Iterator[_Member]:
    """All that is below ``root``; ``prefix`` is its own name on the host, where it is made there too."""
    if prefix:
        yield {"path": prefix, "kind": "directory"}, root
    yield from _below(root, prefix, follow, frozenset([_identity(root)]))


def _below(folder: str, prefix: str, follow: bool, above: frozenset[tuple[int, int]]) -> Iterator[_Member]:
    """Files first, by name. A link back to a folder that is being copied stays a link: it would have no end."""
    for entry in sorted(os.scandir(folder), key=lambda one: (os.path.isdir(one.path), one.name)):
        path = os.path.join(prefix, entry.name)
        is_folder = os.path.isdir(entry.path)  # False for a link in circles, where the entry itself would raise
        met = is_folder and _identity(entry.path) in above
        if entry.is_symlink() and (met or not (follow and os.path.exists(entry.path))):
            yield {"path": path, "kind": "link", "target": os.readlink(entry.path)}, entry.path
        elif is_folder:
            yield {"path": path, "kind": "directory"}, entry.path
            yield from _below(entry.path, path, follow, above | {_identity(entry.path)})
        else:
            yield {"path": path, "kind": "file"}, entry.path


def _identity(folder: str) -> tuple[int, int]:
    found = os.stat(folder)
    return found.st_dev, found.st_ino

"""Ask a web service from the host; files of the project that are part of the request go along."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestra.engine.actions.copy import not_found
from orchestra.engine.actions.module import call
from orchestra.engine.connections import is_true
from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult


async def run(context: TaskContext) -> ActionResult:
    """``src``, and the files of a multipart form, are on the controller unless ``remote_src`` says otherwise."""
    args = dict(context.args)
    if context.check or is_true(args.get("remote_src", False)):
        return await call(context, "ansible.builtin.uri", args)
    contents: dict[str, bytes] = {}
    if args.get("src"):
        contents["content"] = _read(context, str(args["src"]))
        args["content_attachment"] = "content"
    if args.get("body_format") == "form-multipart" and isinstance(args.get("body"), Mapping):
        args["body"] = {name: _field(context, field, contents) for name, field in args["body"].items()}
    return await call(context, "ansible.builtin.uri", args, contents)


def _read(context: TaskContext, name: str) -> bytes:
    path = context.lookups.search("files", name)
    if path is None:
        raise not_found(context, name, "files")
    return context.lookups.read(path)


def _field(context: TaskContext, field: Any, contents: dict[str, bytes]) -> Any:
    """A field that names a file without giving its content gets the file's, as an attachment."""
    if not isinstance(field, Mapping) or not field.get("filename") or field.get("content") is not None:
        return field
    attachment = f"field{len(contents)}"
    contents[attachment] = _read(context, str(field["filename"]))
    return {**field, "attachment": attachment}

"""Unpack an archive of the controller, or one that is on the host, on the host."""

from __future__ import annotations

import os

from orchestra.engine.actions.copy import not_found
from orchestra.engine.actions.module import call
from orchestra.engine.actions.transfer import content_of
from orchestra.engine.connections import is_true
from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult, failed


async def run(context: TaskContext) -> ActionResult:
    """With ``remote_src`` nothing is sent: the archive is on the host, or at an address that the host asks."""
    args = dict(context.args)
    if not args.get("src") or not args.get("dest"):
        return failed("src (or content) and dest are required")
    source = str(args["src"])
    on_host = is_true(args.get("remote_src", False)) or not is_true(args.pop("copy", True))
    if on_host:
        return await call(context, "ansible.builtin.unarchive", {**args, "remote_src": True})
    if "://" in source:
        return failed("Unsupported option, an URI src is only supported when remote_src is True")
    path = context.lookups.search("files", source)
    if path is None or os.path.isdir(path):
        raise not_found(context, source, "files")
    options = {**args, "content_attachment": "archive", "original_basename": os.path.basename(path)}
    content = content_of(context, path, decrypt=is_true(args.get("decrypt", True)))
    return await call(context, "ansible.builtin.unarchive", options, {"archive": content})

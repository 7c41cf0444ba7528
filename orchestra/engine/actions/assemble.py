"""Put a file on the host together from fragments of the project."""

from __future__ import annotations

import os

from orchestra.engine.actions.copy import not_found
from orchestra.engine.actions.module import call
from orchestra.engine.connections import is_true
from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult, failed


async def run(context: TaskContext) -> ActionResult:
    """With ``remote_src``, which is the default, the fragments are on the host."""
    args = dict(context.args)
    if is_true(args.get("remote_src", True)):
        return await call(context, "ansible.builtin.assemble", args)
    if not args.get("src") or not args.get("dest"):
        return failed("src and dest are required")
    source = str(args["src"])
    path = context.lookups.search("files", source)
    if path is None:
        raise not_found(context, source, "files")
    if not os.path.isdir(path):
        return failed(f"Source ({source}) is not a directory")
    names = [name for name in sorted(os.listdir(path)) if os.path.isfile(os.path.join(path, name))]
    contents = {name: context.lookups.read(os.path.join(path, name)) for name in names}
    return await call(context, "ansible.builtin.assemble", {**args, "fragments": names}, contents)

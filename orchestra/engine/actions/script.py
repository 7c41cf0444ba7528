"""Send a script of the project to the host and run it there."""

from __future__ import annotations

import os

from orchestra.engine.actions.copy import not_found
from orchestra.engine.actions.module import call
from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult, failed
from orchestra.language.arguments import split_words, unquote
from orchestra.model.invocation import Reply


async def run(context: TaskContext) -> ActionResult:
    """The first word is the script, the others its arguments."""
    args = dict(context.args)
    line = context.free_form if context.free_form is not None else args.pop("cmd", args.pop("_raw_params", None))
    if not line:
        return failed("one of the following is required: free_form, cmd")
    words = split_words(str(line).strip())
    name = unquote(words[0])
    path = context.lookups.search("files", name)
    if path is None or os.path.isdir(path):
        raise not_found(context, name, "files")
    args.pop("cmd", None)
    options = {
        **args,
        "cmd": str(line),
        "script_attachment": "script",
        "script_name": os.path.basename(path),
        "script_args": str(line).strip()[len(words[0]) :].strip(),
    }
    result = await call(context, "ansible.builtin.script", options, {"script": context.lookups.read(path)})
    if result.reply.changed and not result.reply.failed and "rc" in result.reply.data:
        return ActionResult(Reply({**result.reply.data, "stdout_lines": result.reply.data["stdout"].splitlines()},
                                  changed=True))  # fmt: skip
    return result

"""Render a template of the project and put the result on the host."""

from __future__ import annotations

import os
from typing import Any

from orchestra.engine.actions.copy import not_found
from orchestra.engine.actions.options import option_origin
from orchestra.engine.actions.transfer import place, sha1
from orchestra.engine.connections import is_true
from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult, failed
from orchestra.errors import OptionError

#: Options that say how to render; the rest goes on to the host.
_RENDERING = (
    "newline_sequence", "block_start_string", "block_end_string", "variable_start_string", "variable_end_string",
    "comment_start_string", "comment_end_string", "trim_blocks", "lstrip_blocks",
)  # fmt: skip
_ESCAPED = {"\\n": "\n", "\\r": "\r", "\\r\\n": "\r\n"}


async def run(context: TaskContext) -> ActionResult:
    """``src`` is a template beside the playbook or in the role."""
    args = dict(context.args)
    if not args.get("src") or not args.get("dest"):
        return failed("src and dest are required")
    source = str(args.pop("src"))
    path = context.lookups.search("templates", source)
    if path is None or os.path.isdir(path):
        raise not_found(context, source, "templates")
    rendering = {name: args.pop(name) for name in _RENDERING if name in args}
    encoding = str(args.pop("output_encoding", None) or "utf-8")
    about = {"template_path": source, "template_destpath": str(args.get("dest"))}
    text = _render(context, path, rendering, about)
    data = _encoded(context, text, encoding)
    options = dict(args)
    if options.get("mode") == "preserve":
        options["mode"] = f"0{os.stat(path).st_mode & 0o7777:o}"
    options.update(
        src=source,
        content_attachment="content",
        checksum=sha1(data),
        original_basename=os.path.basename(path),
        source=path,
    )
    return await place(context, "ansible.builtin.template", options, {"content": data})


def _encoded(context: TaskContext, text: str, encoding: str) -> bytes:
    try:
        return text.encode(encoding, "surrogateescape")  # bytes that are no text pass through
    except (LookupError, UnicodeEncodeError) as error:
        raise OptionError(str(error), origin=option_origin(context, "output_encoding")) from error


def _render(context: TaskContext, path: str, rendering: dict[str, Any], about: dict[str, Any]) -> str:
    for name in ("trim_blocks", "lstrip_blocks"):
        if name in rendering:
            rendering[name] = is_true(rendering[name])
    sequence = rendering.get("newline_sequence")
    if sequence in _ESCAPED:
        rendering["newline_sequence"] = _ESCAPED[str(sequence)]
    try:
        text = context.lookups.read(path).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OptionError(f"cannot read the template {path}: {error}", origin=context.task.origin) from error
    return context.scope.render_file(text, path, options=rendering, extra_vars=about)

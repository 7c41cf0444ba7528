"""Sends content that the controller has: first only its checksum, then what the host answers that it lacks."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from orchestra.engine.actions.module import call
from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult

#: Smaller content comes along at once: one round trip costs more than its bytes.
SMALL = 2048


def sha1(content: bytes) -> str:
    """The checksum that hosts compare."""
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


async def place(
    context: TaskContext, module: str, options: Mapping[str, Any], contents: Mapping[str, bytes]
) -> ActionResult:
    """Run ``module`` (copy or template), sending those of ``contents`` that it needs."""
    first = {} if sum(map(len, contents.values())) > SMALL else dict(contents)
    result = await call(context, module, options, first)
    needed = result.reply.data.get("needs_content")
    if not needed:
        return result
    return await call(context, module, options, {name: contents[name] for name in needed})

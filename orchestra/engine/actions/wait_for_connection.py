"""Wait until the host can be reached and used."""

from __future__ import annotations

import asyncio
import time

from orchestra.engine.actions.module import call
from orchestra.engine.actions.options import checked
from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult, failed, skipped
from orchestra.errors import HostError


async def run(context: TaskContext) -> ActionResult:
    """Try again until ``timeout`` seconds have passed."""
    args = checked(context)
    if context.check:
        return skipped("check mode is not supported")
    started = time.monotonic()
    await asyncio.sleep(args["delay"])
    trouble = ""
    while time.monotonic() - started < args["timeout"]:
        try:
            result = await call(context, "ansible.builtin.ping", {})
        except HostError as error:
            trouble = error.message
            await context.services.sessions.reset(context.target)
            await asyncio.sleep(args["sleep"])
            continue
        data = {**result.reply.data, "elapsed": int(time.monotonic() - started)}
        data.pop("ping", None)
        from dataclasses import replace

        return ActionResult(replace(result.reply, data=data))
    elapsed = int(time.monotonic() - started)
    return failed(f"timed out waiting for ping module test: {trouble}", elapsed=elapsed)

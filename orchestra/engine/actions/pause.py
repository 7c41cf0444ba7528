"""Wait a while, or for the user."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from orchestra.engine.actions.options import checked
from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult, failed
from orchestra.model.event import Noted
from orchestra.model.invocation import Reply

_BOOLEANS = frozenset(("yes", "no", "true", "false", "on", "off", "1", "0", "y", "n", "t", "f"))


async def run(context: TaskContext) -> ActionResult:
    """``seconds``, ``minutes``, or a ``prompt``."""
    refusal = _refusal(context.args)
    if refusal:
        return failed(refusal)
    args = checked(context)
    seconds, unit = _duration(args)
    if seconds is not None and seconds < 0:
        seconds = 0.0
    started, wall = time.monotonic(), time.strftime("%Y-%m-%d %H:%M:%S")
    answer = ""
    if seconds is not None:
        if context.check:
            seconds = 0.0
        context.services.emit(Noted(f"Pausing for {seconds:g} seconds", 0))
        await asyncio.sleep(seconds)
    else:
        answer = await _ask(context, args)
    elapsed = time.monotonic() - started
    spent = round(elapsed / 60, 2) if unit == "minutes" else round(elapsed, 2)
    data = {
        "start": wall,
        "stop": time.strftime("%Y-%m-%d %H:%M:%S"),
        "delta": int(elapsed),
        "echo": args["echo"],
        "user_input": answer,
        "stdout": f"Paused for {spent} {unit}",
        "stderr": "",
        "rc": 0,
    }
    return ActionResult(Reply(data)) if answer is not None else failed("user requested abort!")


def _refusal(args: Mapping[str, Any]) -> str:
    """What is wrong, in the words that playbooks look for in the ``msg`` of a pause; "" when nothing is."""
    unknown = [str(name) for name in args if name not in ("minutes", "seconds", "prompt", "echo")]
    if unknown:
        return f"Unsupported parameters for (pause) module: {', '.join(unknown)}."
    given = [name for name in ("minutes", "seconds") if args.get(name) is not None]
    if len(given) > 1:
        return "parameters are mutually exclusive: minutes|seconds"
    echo = args.get("echo", True)
    if not isinstance(echo, bool) and str(echo).lower() not in _BOOLEANS:
        return f"argument 'echo' is {echo!r}, which is not a valid boolean"
    for name in given:
        try:
            float(args[name])
        except (TypeError, ValueError):
            return f"argument {name!r} is {args[name]!r}: unable to convert to int"
    return ""


def _duration(args: dict[str, Any]) -> tuple[float | None, str]:
    if args["minutes"] is not None:
        return args["minutes"] * 60, "minutes"
    return args["seconds"], "minutes" if args["seconds"] is None else "seconds"


async def _ask(context: TaskContext, args: dict[str, Any]) -> str:
    title = f"[{context.info.name}]\n"
    prompt = args["prompt"] or "Press enter to continue, Ctrl+C to interrupt"
    answer = await asyncio.to_thread(context.services.ask, f"{title}{prompt}:\n", not args["echo"])
    if answer is None:
        context.services.warn("Not waiting for response to prompt as stdin is not interactive")
    return answer or ""

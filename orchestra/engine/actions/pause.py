"""Wait a while, or for the user."""

from __future__ import annotations

import asyncio
import time

from orchestra.engine.actions.options import checked
from orchestra.engine.connections import is_true
from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult, failed
from orchestra.model.event import Noted
from orchestra.model.invocation import Reply

_BOOLEANS = frozenset(("yes", "no", "true", "false", "on", "off", "1", "0", "y", "n", "t", "f"))


async def run(context: TaskContext) -> ActionResult:
    """``seconds``, ``minutes``, or a ``prompt``."""
    args = checked(context, {"seconds": None, "minutes": None, "prompt": None, "echo": True})
    try:
        seconds, unit = _duration(args)
    except ValueError as error:
        return failed(str(error))
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
        "echo": is_true(args["echo"]),
        "user_input": answer,
        "stdout": f"Paused for {spent} {unit}",
        "stderr": "",
        "rc": 0,
    }
    return ActionResult(Reply(data)) if answer is not None else failed("user requested abort!")


def _duration(args: dict[str, object]) -> tuple[float | None, str]:
    given = [name for name in ("minutes", "seconds") if args[name] is not None]
    if len(given) > 1:
        raise ValueError("parameters are mutually exclusive: minutes|seconds")
    if not isinstance(args["echo"], bool) and str(args["echo"]).lower() not in _BOOLEANS:
        raise ValueError(f"argument 'echo' is {args['echo']!r}, which is not a valid boolean")
    for name in given:
        try:
            return float(str(args[name])) * (60 if name == "minutes" else 1), name
        except ValueError:
            raise ValueError(f"argument {name!r} is {args[name]!r}: unable to convert to int") from None
    return None, "minutes"


async def _ask(context: TaskContext, args: dict[str, object]) -> str:
    title = f"[{context.info.name}]\n"
    prompt = str(args["prompt"]) if args["prompt"] else "Press enter to continue, Ctrl+C to interrupt"
    answer = await asyncio.to_thread(context.services.ask, f"{title}{prompt}:\n", not is_true(args["echo"]))
    if answer is None:
        context.services.warn("Not waiting for response to prompt as stdin is not interactive")
    return answer or ""

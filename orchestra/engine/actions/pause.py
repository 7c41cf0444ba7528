"""Wait a while, or for the user."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Mapping
from contextlib import nullcontext
from typing import Any, TypeVar

from orchestra.engine.actions.options import checked
from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult, failed
from orchestra.errors import OrchestraError
from orchestra.model.event import Noted
from orchestra.model.invocation import Reply

T = TypeVar("T")
_BOOLEANS = frozenset(("yes", "no", "true", "false", "on", "off", "1", "0", "y", "n", "t", "f"))


async def run(context: TaskContext) -> ActionResult:
    """``seconds``, ``minutes``, or a ``prompt``. Ctrl-C leads to a question: go on, or fail."""
    refusal = _refusal(context.args)
    if refusal:
        return failed(refusal)
    args = checked(context)
    seconds, unit = _duration(args)
    started, wall = time.monotonic(), time.strftime("%Y-%m-%d %H:%M:%S")
    if seconds is None:
        answer = await _ask(context, args)
    else:
        answer = ""
        await _sleep(context, args, 0.0 if context.check else max(seconds, 0.0))
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
    return ActionResult(Reply(data))


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


async def _ask(context: TaskContext, args: Mapping[str, Any]) -> str:
    services = context.services
    question = _question(context, args["prompt"] or "Press enter to continue, Ctrl+C to interrupt", args)
    async with services.conversation:
        answer, interrupted = await _or_interrupted(context, services.terminal.line(question, not args["echo"]))
    if interrupted:
        await _go_on(context)
    elif answer is None:
        services.warn("Not waiting for response to prompt as stdin is not interactive")
    return answer or ""


async def _sleep(context: TaskContext, args: Mapping[str, Any], seconds: float) -> None:
    """Wait; somebody at the terminal may cut it short."""
    terminal = context.services.terminal
    with terminal.hushed() if terminal.is_interactive else nullcontext():
        _, interrupted = await _or_interrupted(context, _pass(context, args, seconds))
        if interrupted:
            await _go_on(context)


async def _pass(context: TaskContext, args: Mapping[str, Any], seconds: float) -> None:
    """Say that time passes, and what may be done about it, once Ctrl-C is heard."""
    emit = context.services.emit
    emit(Noted(f"Pausing for {seconds:g} seconds{_hidden(args)}", 0))
    if context.services.terminal.is_interactive:
        emit(Noted("(ctrl+C then 'C' = continue early, ctrl+C then 'A' = abort)", 0))
        if args["prompt"]:
            for line in _question(context, args["prompt"], args).splitlines():
                emit(Noted(line, 0))
    await asyncio.sleep(seconds)


def _question(context: TaskContext, prompt: str, args: Mapping[str, Any]) -> str:
    return f"[{context.info.name}]\n{prompt}{_hidden(args)}:\n"


def _hidden(args: Mapping[str, Any]) -> str:
    return "" if args["echo"] else " (output is hidden)"


async def _or_interrupted(context: TaskContext, work: Coroutine[Any, Any, T]) -> tuple[T | None, bool]:
    """What ``work`` gives; or that Ctrl-C was pressed first, if there is a terminal to ask on what that means."""
    if not context.services.terminal.is_interactive:
        return await work, False
    waiting = asyncio.ensure_future(work)  # begins when we wait, so Ctrl-C is heard by the time anything is said
    pressed = asyncio.Event()

    def interrupt() -> None:
        pressed.set()
        waiting.cancel()

    with context.services.interrupts.claimed(interrupt):
        try:
            return await waiting, False
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if not pressed.is_set() or (task is not None and task.cancelling()):
                raise
            return None, True


async def _go_on(context: TaskContext) -> None:
    """Ask what Ctrl-C meant. Raises OrchestraError: to abort."""
    services = context.services
    async with services.conversation:
        try:
            key = await services.terminal.key("Press 'C' to continue the play or 'A' to abort \n", "ca")
        except EOFError:
            key = "a"
    if key == "a":
        raise OrchestraError("user requested abort!", origin=context.task.origin)

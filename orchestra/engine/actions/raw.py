"""Run a command line through the login shell, without Python on the host."""

from __future__ import annotations

import shlex

from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult, failed, skipped
from orchestra.model.invocation import Reply


async def run(context: TaskContext) -> ActionResult:
    """The words of the task are the command."""
    command = context.free_form if context.free_form is not None else context.args.get("_raw_params")
    if not command:
        return failed("no command given")
    if context.check:
        return skipped("raw is not run in check mode")
    line = str(command)
    executable = context.args.get("executable")
    if executable:
        line = f"{executable} -c {shlex.quote(line)}"
    if context.environment:
        line = " ".join(f"{name}={shlex.quote(value)}" for name, value in context.environment.items()) + " " + line
    done = await context.remote.run_raw(line, become=context.become, timeout=context.timeout)
    data = {
        "rc": done.status,
        "stdout": done.stdout.decode("utf-8", "replace"),
        "stderr": done.stderr.decode("utf-8", "replace"),
    }
    if done.status:
        return ActionResult(Reply({**data, "msg": "non-zero return code"}, changed=True, failed=True))
    return ActionResult(Reply(data, changed=True))

"""Hold variables against an argument specification."""

from __future__ import annotations

from typing import Any

from orchestra.engine.actions.options import checked
from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult, failed, ok
from orchestra.library.argspec import faults_of


async def run(context: TaskContext) -> ActionResult:
    """``argument_spec`` against the task's variables and ``provided_arguments``."""
    args = checked(context)
    spec: dict[str, Any] = args["argument_spec"]
    told = {"validate_args_context": args["validate_args_context"] or {}}
    names = [name for name in spec if name in context.scope.variables]
    given = {name: context.scope.get(name) for name in names}
    faults = faults_of(spec, {**given, **(args["provided_arguments"] or {})})
    if not faults:
        return ok(msg="The arg spec validation passed", **told)
    text = "Validation of arguments failed:\n" + "\n".join(faults)
    return failed(text, argument_spec_data=spec, argument_errors=faults, **told)

"""Print a message, or the value of a variable or expression."""

from __future__ import annotations

from typing import Any

from orchestra.engine.actions.options import checked, option_origin
from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult, ok
from orchestra.errors import UndefinedVariable
from orchestra.model.invocation import Reply
from orchestra.model.origin import TemplateText


async def run(context: TaskContext) -> ActionResult:
    """``msg`` or ``var``; quiet below ``verbosity``."""
    args = checked(context)
    if args["verbosity"] > context.services.options.verbosity:
        return ActionResult(Reply({"skipped_reason": "Verbosity threshold not met."}, skipped=True))
    if args["var"] is None:
        return _shown({"msg": args["msg"] if args["msg"] is not None else "Hello world!"})
    return _shown(_variable(context, args["var"]))


def _variable(context: TaskContext, var: Any) -> dict[str, Any]:
    if not isinstance(var, str):
        return {str(type(var).__name__): var}
    written = context.task.args.get("var", var)
    try:
        if isinstance(written, TemplateText):
            return {var: context.scope.get(var, _shown_error(f"'{var}' is undefined"))}
        return {var: context.scope.render(TemplateText("{{ " + written + " }}", option_origin(context, "var")))}
    except UndefinedVariable as error:
        return {var: _shown_error(error.message.partition(" (")[0])}  # what is undefined, not who uses it


def _shown_error(text: str) -> str:
    return f"<< error 1 - {text} >>"


def _shown(data: dict[str, Any]) -> ActionResult:
    return ok(**data, _ansible_verbose_always=True)

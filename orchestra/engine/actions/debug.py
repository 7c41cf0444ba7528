"""Print a message, or the value of a variable or expression."""

from __future__ import annotations

from typing import Any

from orchestra.engine.actions.options import checked, option_origin
from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult, ok
from orchestra.errors import OptionError, OrchestraError
from orchestra.model.invocation import Reply
from orchestra.model.origin import ProjectText, TemplateText
from orchestra.templating.faults import type_name, untrusted
from orchestra.templating.omit import OMIT

_NOT_OMITTED = "The result of the `var` expression could not be omitted; a placeholder was used instead."


async def run(context: TaskContext) -> ActionResult:
    """``msg`` or ``var``; quiet below ``verbosity``."""
    args = checked(context)
    if args["verbosity"] > context.services.options.verbosity:
        return ActionResult(Reply({"skipped_reason": "Verbosity threshold not met."}, skipped=True))
    if args["var"] is None:
        return _shown({"msg": args["msg"] if args["msg"] is not None else "Hello world!"})
    return _shown(_variable(context, args["var"]))


def _variable(context: TaskContext, var: Any) -> dict[str, Any]:
    origin = option_origin(context, "var")
    if not isinstance(var, str):
        kind = type_name(var)
        text = f"argument 'var' is of type {kind} and we were unable to convert to str:"
        raise OptionError(f"{text} {str(var)!r} is not a string and conversion is not allowed", origin=origin)
    if type(var) is not ProjectText:
        raise untrusted(origin)
    errors: list[str] = []

    def shown(error: OrchestraError) -> str:
        what = f"error {len(errors) + 1} - {error.message.partition(' (')[0]}"  # what is undefined, not who uses it
        errors.append(what)
        context.lookups.warn(f"Encountered 1 template error.\n{what}", error.origin)
        return f"<< {what} >>"

    value = context.scope.render_partly(TemplateText("{{ " + var + " }}", origin), shown)
    if value is OMIT:
        context.lookups.warn(_NOT_OMITTED, origin)
        value = "<<Omit>>"
    return {var: value}


def _shown(data: dict[str, Any]) -> ActionResult:
    return ok(**data, _ansible_verbose_always=True)

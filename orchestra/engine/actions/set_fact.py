"""Set variables of a host for the rest of the run."""

from __future__ import annotations

from orchestra.engine.actions.options import checked, option_origin, undeclared
from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult, failed
from orchestra.language.arguments import parse_text
from orchestra.language.reserved import is_variable_name, name_fault, taken
from orchestra.model.invocation import Reply


async def run(context: TaskContext) -> ActionResult:
    """Every option but ``cacheable`` is a variable."""
    facts, cacheable = undeclared(context), checked(context)["cacheable"]
    if context.free_form is not None:
        facts.update(parse_text(str(context.free_form), context.task.origin).options)
    for name in facts:
        if not is_variable_name(name):
            return failed(name_fault(name))
    if not facts:
        return failed("No key/value pairs provided, at least one is required for this action to succeed")
    for name in taken(facts):
        context.services.warn(f"Found variable using reserved name '{name}'.", option_origin(context, name))
    data = {"ansible_facts": facts, "_ansible_facts_cacheable": cacheable}
    return ActionResult(Reply(data), set_facts=facts, cacheable=cacheable)

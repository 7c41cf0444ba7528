"""Set variables of a host for the rest of the run."""

from __future__ import annotations

import keyword

from orchestra.engine.connections import is_true
from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult, failed
from orchestra.language.arguments import parse_text
from orchestra.model.invocation import Reply

_RESERVED = frozenset((*keyword.kwlist, "true", "false", "none"))


def is_variable_name(name: object) -> bool:
    """Whether a template could name a variable of this name."""
    return isinstance(name, str) and name.isidentifier() and name.isascii() and name not in _RESERVED


async def run(context: TaskContext) -> ActionResult:
    """Every option but ``cacheable`` is a variable."""
    facts = dict(context.args)
    cacheable = is_true(facts.pop("cacheable", False))
    if context.free_form is not None:
        facts.update(parse_text(str(context.free_form), context.task.origin).options)
    for name in facts:
        if not is_variable_name(name):
            return failed(f"Invalid variable name {name!r}.")
    if not facts:
        return failed("No key/value pairs provided, at least one is required for this action to succeed")
    data = {"ansible_facts": facts, "_ansible_facts_cacheable": cacheable}
    return ActionResult(Reply(data), set_facts=facts, cacheable=cacheable)

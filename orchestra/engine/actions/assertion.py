"""Fail unless every condition holds."""

from __future__ import annotations

from orchestra.engine.actions.options import checked
from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult, ok
from orchestra.errors import OptionError
from orchestra.model.invocation import Reply
from orchestra.model.origin import LocatedList
from orchestra.templating.written import part, untrusted


async def run(context: TaskContext) -> ActionResult:
    """``that``: conditions, judged from the project's own text."""
    args = checked(context)
    conditions = _conditions(context, args["that"])
    for condition in conditions if isinstance(conditions, (list, tuple)) else [conditions]:
        if not isinstance(condition, (str, bool)):
            raise OptionError(f"a condition must be a text, this is {condition!r}", origin=context.task.origin)
        if not context.scope.condition(condition):
            return _broken(args, condition)
    message = args["success_msg"] if args["success_msg"] is not None else "All assertions passed"
    return ok(msg=message) if args["quiet"] else ok(msg=message, _ansible_verbose_always=True)


def _conditions(context: TaskContext, rendered: object) -> object:
    """What the task itself says; of options that came as a whole only what the project wrote is ever evaluated."""
    if "that" in context.task.args:
        return _own_list(context, context.task.args["that"])
    own = part(context.scope.written(context.task.args.get("_variable_params")), "that")
    if isinstance(rendered, (list, tuple)):
        return [_own(context, value, part(own, index)) for index, value in enumerate(rendered)]
    return _own(context, rendered, own)


def _own(context: TaskContext, value: object, own: object) -> object:
    if isinstance(value, str) and (type(own) is not str or own != value):
        raise untrusted(context.task.origin)
    return value


def _own_list(context: TaskContext, conditions: object) -> object:
    """``that: "{{ name }}"``: the conditions in a list that the project's own text gave the variable."""
    if isinstance(conditions, str):
        name = conditions.strip().removeprefix("{{").removesuffix("}}").strip()
        held = context.scope.raw(name) if name.isidentifier() and len(name) < len(conditions) else None
        if isinstance(held, LocatedList):
            return held
    return conditions


def _broken(args: dict[str, object], condition: object) -> ActionResult:
    message = args["fail_msg"] or "Assertion failed"
    data = {"msg": message, "assertion": condition if isinstance(condition, bool) else str(condition)}
    loud = {} if args["quiet"] else {"_ansible_verbose_always": True}
    return ActionResult(Reply({**data, "evaluated_to": False, **loud}, failed=True))

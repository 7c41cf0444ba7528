"""Fail unless every condition holds."""

from __future__ import annotations

from orchestra.engine.actions.options import checked
from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult, ok
from orchestra.errors import InvalidOptions, OptionError
from orchestra.model.invocation import Reply
from orchestra.model.origin import LocatedList, ProjectText, TemplateText
from orchestra.templating.core import is_all_template
from orchestra.templating.faults import untrusted

#: Text of the project; no other is ever evaluated.
_VOUCHED = (TemplateText, ProjectText)


async def run(context: TaskContext) -> ActionResult:
    """``that``: conditions, judged from the project's own text."""
    if "that" not in context.args:
        raise InvalidOptions("missing required arguments: that", origin=context.task.origin)
    if context.args["that"] is None and context.scope.condition(None, context.task.origin):
        return ok(msg="All assertions passed")  # where the settings let nothing count as true
    args = checked(context)
    given = context.task.args.get("that", args["that"])
    if isinstance(given, TemplateText) and is_all_template(given.strip()):
        held = _held(context, given)
        if not isinstance(held, list):
            return _said(args) if context.scope.judge_rendered(held, given) else _broken(args, given)
        given = held
    for condition in given if isinstance(given, (list, tuple)) else [given]:
        if condition is not None and not isinstance(condition, (str, bool)):
            text = "Conditional expressions must be strings."
            raise OptionError(text, origin=context.task.origin, hint=f"this is {condition!r}")
        if isinstance(condition, str) and type(condition) not in _VOUCHED:
            raise untrusted(context.task.origin)
        if not context.scope.condition(condition):
            return _broken(args, condition)
    return _said(args)


def _held(context: TaskContext, template: TemplateText) -> object:
    """What ``that: "{{ ... }}"`` stands for; a list of the project as it is written, for each condition by itself."""
    name = template.strip().removeprefix("{{").removesuffix("}}").strip()
    held = context.scope.raw(name) if name.isidentifier() else None
    return held if isinstance(held, LocatedList) else context.scope.render(template)


def _said(args: dict[str, object]) -> ActionResult:
    message = args["success_msg"] if args["success_msg"] is not None else "All assertions passed"
    return ok(msg=message) if args["quiet"] else ok(msg=message, _ansible_verbose_always=True)


def _broken(args: dict[str, object], condition: object) -> ActionResult:
    message = args["fail_msg"] or "Assertion failed"
    data = {"msg": message, "assertion": condition if isinstance(condition, bool) else str(condition)}
    loud = {} if args["quiet"] else {"_ansible_verbose_always": True}
    return ActionResult(Reply({**data, "evaluated_to": False, **loud}, failed=True))

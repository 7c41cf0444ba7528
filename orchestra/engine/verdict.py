"""From a reply to a verdict: changed_when, failed_when, and the mapping that ``register`` stores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from orchestra.errors import TemplateError
from orchestra.model.invocation import Reply
from orchestra.model.outcome import Status
from orchestra.model.play import Task
from orchestra.model.ports import Conditions

CENSORED = "the output has been hidden due to the fact that 'no_log: true' was specified for this result"


def result_of(reply: Reply) -> dict[str, Any]:
    """The mapping that playbooks see of a reply."""
    result = dict(reply.data)
    _add_lines(result, "stdout")
    _add_lines(result, "stderr")
    said = result.get("failed") is False  # a plugin's own verdict, whatever ``rc`` is
    result["failed"] = reply.failed or (not said and result.get("rc", 0) not in (0, "0", None))
    result["changed"] = reply.changed
    if reply.skipped:
        result["skipped"] = True
    if result["failed"] and "exception" not in result:
        result["exception"] = "(traceback unavailable)"
    if reply.warnings:
        result["warnings"] = list(reply.warnings)
    if reply.diff:
        result["diff"] = list(reply.diff) if len(reply.diff) > 1 else reply.diff[0]
    return result


def _add_lines(result: dict[str, Any], name: str) -> None:
    text = result.get(name)
    if isinstance(text, str) and name + "_lines" not in result:
        result[name + "_lines"] = text.splitlines()


def judge(task: Task, result: dict[str, Any], scope: Conditions) -> None:
    """Apply ``changed_when`` and ``failed_when``, which see the result under its registered name too.

    Raises:
        TemplateError: one of them cannot be judged; the result is failed and says so.
    """
    if result.get("skipped"):
        return
    if task.changed_when is not None:
        result["changed"] = _judged("changed_when_result", task.changed_when, result, scope)
    if task.failed_when is not None:
        failed = _judged("failed_when_result", task.failed_when, result, scope)
        if not failed and "exception" in result:
            result["failed_when_suppressed_exception"] = result.pop("exception")
        result["failed_when_result"] = result["failed"] = failed
        if failed and "msg" not in result:
            result["msg"] = "Task failed: Action failed: Unknown error."


def _judged(name: str, conditions: tuple[Any, ...], result: dict[str, Any], scope: Conditions) -> bool:
    try:
        return _all(conditions, scope)
    except TemplateError as error:
        result.update({"failed": True, name: f"Error while evaluating conditional: {error.message}"})
        raise


def _all(conditions: tuple[Any, ...], scope: Conditions) -> bool:
    return all(scope.condition(condition) for condition in conditions)


def status_of(result: Mapping[str, Any], items: Sequence[Mapping[str, Any]] = ()) -> Status:
    """The verdict that a result stands for; ``items``: those of a loop that it is the sum of."""
    if result.get("unreachable"):
        return Status.UNREACHABLE
    # What failed_when said stays when tries run out.
    told = [item["failed_when_result"] for item in (result, *items) if "failed_when_result" in item]
    if any(told) if told else result.get("failed"):
        return Status.FAILED
    if result.get("skipped"):
        return Status.SKIPPED
    return Status.CHANGED if result.get("changed") else Status.OK


def sum_of_items(items: list[dict[str, Any]]) -> dict[str, Any]:
    """What a loop registers."""
    failed = any(item.get("failed") for item in items)
    skipped = all(item.get("skipped") for item in items)
    total: dict[str, Any] = {
        "results": items,
        "skipped": skipped,
        "msg": "All items skipped" if skipped else "One or more items failed" if failed else "All items completed",
        "changed": any(item.get("changed") for item in items),
    }
    if failed:
        total["failed"] = True
    if any(item.get("unreachable") for item in items):
        total.update(unreachable=True, failed=False)
    if any(item.get("_ansible_no_log") for item in items):
        total["_ansible_no_log"] = True
    return total


def no_items() -> dict[str, Any]:
    """What a loop over nothing registers."""
    return {"changed": False, "skipped": True, "skipped_reason": "No items in the list", "results": []}


def public(result: dict[str, Any]) -> dict[str, Any]:
    """A result as projects see it: without the marks that are only for those who show it."""
    items = result.get("results")
    if isinstance(items, list) and any(isinstance(item, dict) and any(map(_is_mark, item)) for item in items):
        result = {**result, "results": [public(item) for item in items]}
    if not any(map(_is_mark, result)):
        return result
    return {name: value for name, value in result.items() if not _is_mark(name)}


def _is_mark(name: object) -> bool:
    return isinstance(name, str) and name.startswith("_ansible_")

"""Tests about what a task returned: failed, changed, skipped ..."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from orchestra.errors import TemplateError


def _of_result(result: Any, name: str) -> Mapping[Any, Any]:
    if isinstance(result, Mapping):
        return result
    raise TemplateError(
        f"The '{name}' test expects a dictionary, not a {type(result).__name__}", hint="test what a task registered"
    )


def failed(result: Any) -> bool:
    """The task failed."""
    return bool(_of_result(result, "failed").get("failed"))


def succeeded(result: Any) -> bool:
    """The task did not fail."""
    return not failed(result)


def changed(result: Any) -> bool:
    """The task, or one item of its loop, changed something."""
    result = _of_result(result, "changed")
    if "changed" in result:
        return bool(result["changed"])
    items = result.get("results")
    return isinstance(items, list) and any(isinstance(item, Mapping) and item.get("changed") for item in items)


def skipped(result: Any) -> bool:
    """The task was skipped."""
    return bool(_of_result(result, "skipped").get("skipped"))


def unreachable(result: Any) -> bool:
    """The host could not be reached."""
    return bool(_of_result(result, "unreachable").get("unreachable"))


def reachable(result: Any) -> bool:
    """The host could be reached."""
    return not unreachable(result)


def started(result: Any) -> bool:
    """The background job has started."""
    return bool(_of_result(result, "started").get("started", True))


def finished(result: Any) -> bool:
    """The background job has ended."""
    return bool(_of_result(result, "finished").get("finished", True))


def timedout(result: Any) -> bool:
    """The task ran out of time."""
    found = _of_result(result, "timedout").get("timedout")
    return bool(isinstance(found, Mapping) and found.get("period"))


TESTS: dict[str, Callable[..., Any]] = {
    "failed": failed,
    "failure": failed,
    "succeeded": succeeded,
    "success": succeeded,
    "successful": succeeded,
    "changed": changed,
    "change": changed,
    "skipped": skipped,
    "skip": skipped,
    "reachable": reachable,
    "unreachable": unreachable,
    "started": started,
    "finished": finished,
    "timedout": timedout,
}

"""Faults as outcomes: what a person reads when a template, an option, a host or a deadline fails."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from orchestra.engine.words import holds, value_of
from orchestra.errors import (
    HostError,
    InvalidOptions,
    Lost,
    OrchestraError,
    ParseErrors,
    ReportedUnreachable,
    TimedOut,
    Unreachable,
)
from orchestra.model.outcome import Cause, Outcome, Status
from orchestra.model.play import Task
from orchestra.payload.client import NoInterpreter

if TYPE_CHECKING:
    from orchestra.engine.task import Finished, Work
    from orchestra.templating.scope import Scope

T = TypeVar("T")
#: What failed results hold where ansible-core may have a traceback.
NO_TRACE = "(traceback unavailable)"


def ignores_errors(task: Task, scope: Scope) -> bool:
    """Whether ``ignore_errors`` holds; one that cannot be rendered does, as in ansible-core."""
    return _holds_or_fails(scope, task.ignore_errors)


def ignores_unreachable(task: Task, scope: Scope) -> bool:
    """Whether ``ignore_unreachable`` holds; one that cannot be rendered does, as in ansible-core."""
    return _holds_or_fails(scope, task.ignore_unreachable)


def _holds_or_fails(scope: Scope, keyword: Any) -> bool:
    try:
        return holds(scope, keyword)
    except OrchestraError:
        return True


def causes_of(error: BaseException) -> tuple[Cause, ...]:
    """The chain of an error's causes, the outermost first."""
    causes: list[Cause] = []
    link: BaseException | None = error
    while isinstance(link, OrchestraError):
        several = link.problems if isinstance(link, ParseErrors) else (link,)
        causes.extend(Cause(problem.message, problem.origin, problem.hint) for problem in several)
        link = link.__cause__
    return tuple(causes)


def of_error(work: Work, error: OrchestraError, scope: Scope | None = None) -> Finished:
    """A fault of the project: the task fails on this host."""
    result: dict[str, Any] = {"changed": False, "failed": True, "msg": f"Task failed: {error.during}{error.message}"}
    if isinstance(error, InvalidOptions):
        result["msg"] = error.message
    result["exception"] = NO_TRACE
    return _finished(work, Status.FAILED, result, error, scope)


def of_break(work: Work, error: OrchestraError) -> Finished:
    """Whether a loop is to end cannot be known: in ansible-core that is all that the task's result says."""
    result = {"failed": True, "msg": f"{error.during}{error.message}", "exception": NO_TRACE}
    return _finished(work, Status.FAILED, result, error, None)


def of_bug(work: Work, error: Exception, scope: Scope) -> Finished:
    """A fault of ours: this host's task fails, the others go on."""
    text = f"this is a bug: {type(error).__name__}: {error}"
    found = of_error(
        work, OrchestraError(text, origin=work.task.origin, hint="please report it with 'exception'"), scope
    )
    result = {**found.outcome.result, "exception": "".join(traceback.format_exception(error))}
    return replace(found, outcome=replace(found.outcome, result=result))


def of_host(work: Work, error: HostError, scope: Scope | None = None) -> Finished:
    """A fault of the host or of the way to it."""
    message = error.message
    if isinstance(error, (Unreachable, Lost)):
        lost = isinstance(error, Lost)
        words = message if isinstance(error, ReportedUnreachable) else f"Task failed: {error.during}{message}"
        result: dict[str, Any] = {"changed": False, "unreachable": True, "msg": words}
        return _finished(work, Status.LOST if lost else Status.UNREACHABLE, result, error, scope)
    text = message if isinstance(error, NoInterpreter) else f"Task failed: {message}"
    result = {"changed": False, "failed": True, "msg": text, "exception": NO_TRACE}
    if isinstance(error, TimedOut):
        result["timedout"] = {"frame": None, "period": int(error.seconds) or error.seconds}
    return _finished(work, Status.FAILED, result, error, scope)


def _finished(
    work: Work, status: Status, result: dict[str, Any], error: OrchestraError, scope: Scope | None
) -> Finished:
    from orchestra.engine.task import Finished

    inner = scope or work.scope
    ignored = (
        ignores_unreachable(work.task, inner)
        if status in (Status.UNREACHABLE, Status.LOST)
        else ignores_errors(work.task, inner)
    )
    return Finished(
        Outcome(
            host=work.state.name,
            task=work.info,
            status=status,
            result=result,
            ignored=ignored,
            delegated_to=_where(work.task, inner),
            origin=error.origin or work.task.origin,
            hint=error.hint,
            causes=causes_of(error),
        )
    )


def _where(task: Task, scope: Scope) -> str:
    """The host that the task was to run on instead, as far as that can be known."""
    if task.delegate_to is None:
        return ""
    try:
        value = value_of(scope, task.delegate_to)
        return "" if value is None else str(value or task.delegate_to)
    except OrchestraError:
        return str(task.delegate_to)


async def within(seconds: float, work: Awaitable[T]) -> T:
    """Wait for ``work`` at most ``seconds`` (the task's ``timeout``).

    Raises:
        TimedOut: it took longer; it was cancelled.
    """
    try:
        async with asyncio.timeout(seconds):
            return await work
    except TimeoutError:
        raise TimedOut(f"Timed out after {seconds:g} second(s).", seconds=seconds) from None

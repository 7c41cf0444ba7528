"""One task on one host: variables, loop, `when`, delegation, the action, `until`, the verdict, `register`.

It decides what became of the task; what follows for the host and the play is decided in steps.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from orchestra.engine import failures
from orchestra.engine.actions import find_action
from orchestra.engine.actions.refusing import refuse
from orchestra.engine.connections import is_true
from orchestra.engine.hoststate import HostState
from orchestra.engine.lookups import TaskLookups
from orchestra.engine.loops import LoopItems, early_label_of, item_variables, label_of, loop_items
from orchestra.engine.prepare import prepare, target_of
from orchestra.engine.results import ActionResult
from orchestra.engine.verdict import judge, no_items, public, result_of, status_of, sum_of_items
from orchestra.engine.wishes import add_host
from orchestra.engine.words import number_of
from orchestra.errors import HostError, OrchestraError, TemplateError
from orchestra.model.event import HostStarted, ItemFinished, Retrying
from orchestra.model.origin import TemplateText
from orchestra.model.outcome import Outcome, Status, TaskInfo
from orchestra.model.play import Task
from orchestra.model.record import record

if TYPE_CHECKING:
    from orchestra.engine.context import TaskContext
    from orchestra.engine.playstate import PlayState
    from orchestra.engine.services import Services
    from orchestra.templating.scope import Scope


_ANOTHER_NAME = (
    "You should set the `loop_var` value in the `loop_control` option for the task to something else to avoid variable "
    "collisions and unexpected behavior."
)
_BAD = frozenset((Status.FAILED, Status.UNREACHABLE, Status.LOST))


@record
class Finished:
    """What became of a task on a host: the outcome for all to see, and the wishes of its actions."""

    outcome: Outcome
    results: tuple[ActionResult, ...] = ()


@record
class Work:
    """One task for one host, with all that its execution needs."""

    services: Services
    play: PlayState
    task: Task
    info: TaskInfo
    state: HostState
    lookups: TaskLookups
    scope: Scope


async def run_task(services: Services, play: PlayState, task: Task, info: TaskInfo, state: HostState) -> Finished:
    """Run ``task`` on one host. Never raises for a fault of the project or the host: the outcome says it."""
    started = time.monotonic()
    lookups = TaskLookups(services, task, play.play.basedir)
    scope = services.templar.scope(services.variables.view(state, play, task), lookups)
    work = Work(services, play, _named(task, scope), info, state, lookups, scope)
    services.emit(HostStarted(state.name, info))
    services.in_flight[state.name] = info.name
    finished = await _run(work)
    services.in_flight.pop(state.name, None)  # not when cancelled: then it is what was under way
    outcome = replace(finished.outcome, elapsed=time.monotonic() - started)
    return Finished(outcome, finished.results)


def _named(task: Task, scope: Scope) -> Task:
    """The task with the module that ``action: "{{ name }} ..."`` means on this host."""
    if not isinstance(task.action, TemplateText):
        return task
    with contextlib.suppress(OrchestraError):  # a task that is skipped needs no name; any other says what is wrong
        return replace(task, action=str(scope.render(task.action)))
    return task


async def _run(work: Work) -> Finished:
    if work.task.loop is None:
        return await _run_item(work, work.scope, None)
    try:
        items = loop_items(work.task, work.scope)
    except OrchestraError as error:
        return _loop_fault(work, error)
    return await _run_loop(work, items)


def _loop_fault(work: Work, error: OrchestraError) -> Finished:
    """A loop that cannot be known does not matter when the task is not to run anyway."""
    try:
        skipped = _skipped(work, work.scope)
    except OrchestraError:
        skipped = None
    return skipped or failures.of_error(work, error)


async def _run_loop(work: Work, items: LoopItems) -> Finished:
    if not items.values:
        return _finish(work, no_items(), None, looped=True)
    if items.name in work.scope.variables:
        work.services.warn(f"The loop variable {items.name!r} is already in use.", hint=_ANOTHER_NAME)
    results: list[dict[str, Any]] = []
    wishes: list[ActionResult] = []
    outcomes: list[Outcome] = []
    for index, value in enumerate(items.values):
        if index and items.pause:
            await asyncio.sleep(items.pause)
        extra = item_variables(items, index, value)
        scope = work.scope.child(extra)
        finished = await _run_item(work, scope, early_label_of(work.task, scope, value), extra)
        outcome = _labelled(work, scope, finished.outcome, value)
        result = {**outcome.result, **_item_keys(items, index, value)}
        outcome = replace(outcome, result=result)
        work.services.emit(ItemFinished(outcome))
        results.append(result)
        outcomes.append(outcome)
        wishes.extend(finished.results)
        lost = outcome.status is Status.LOST and not outcome.ignored
        try:
            if lost or _breaks(work.task, scope.child({work.task.register or "": result})):
                break
        except OrchestraError as error:
            return failures.of_break(work, error)
    return _sum(work, results, outcomes, wishes)


def _labelled(work: Work, scope: Scope, outcome: Outcome, value: Any) -> Outcome:
    """The outcome of an item with its label, which may name what the item registered."""
    task = work.task
    if task.register and task.loop_control.label is not None:
        scope = scope.child({task.register: public(dict(outcome.result))})
    try:
        return replace(outcome, label=label_of(task, scope, value))
    except OrchestraError as error:
        text = f"Failed to template loop_control.label: {error.message}"
        result = {**outcome.result, "failed": True, "msg": text}
        ignored = failures.ignores_errors(task, scope)
        return replace(outcome, label=str(value), status=Status.FAILED, result=result, ignored=ignored,
                       origin=error.origin or task.origin, causes=failures.causes_of(error))  # fmt: skip


def _learn(work: Work, finished: ActionResult) -> None:
    """What an item or an attempt set is there for the next one."""
    if finished.set_facts and not finished.receiver:
        work.state.live_vars.update(finished.set_facts)
    if finished.add_host is not None:
        add_host(work.services, finished.add_host)


def _breaks(task: Task, scope: Scope) -> bool:
    conditions = task.loop_control.break_when
    return bool(conditions) and all(scope.condition(condition) for condition in conditions)


def _item_keys(items: LoopItems, index: int, value: Any) -> dict[str, Any]:
    keys: dict[str, Any] = {items.name: value, "ansible_loop_var": items.name}
    if items.index_name:
        keys["ansible_index_var"] = items.index_name
        keys[items.index_name] = index
    return keys


def _sum(work: Work, results: list[dict[str, Any]], outcomes: list[Outcome], wishes: list[ActionResult]) -> Finished:
    finished = _finish(work, sum_of_items(results), None, looped=True)
    lost = next((outcome for outcome in outcomes if outcome.status is Status.LOST), None)
    blamed = next((outcome for outcome in outcomes if outcome.status in _BAD and not outcome.ignored), None)
    outcome = replace(
        finished.outcome,
        status=Status.LOST if lost else finished.outcome.status,
        ignored=any(outcome.ignored for outcome in outcomes) and blamed is None,
        delegated_to=outcomes[-1].delegated_to if outcomes else "",
        delegated_address=outcomes[-1].delegated_address if outcomes else "",
        origin=(blamed or outcomes[-1]).origin,
        hint=(blamed or outcomes[-1]).hint,
        causes=blamed.causes if blamed else (),
        assumed=any(outcome.assumed for outcome in outcomes),
    )
    return Finished(outcome, tuple(wishes))


def _skipped(work: Work, scope: Scope) -> Finished | None:
    for condition in work.task.when:
        if not scope.condition(condition):
            result = {
                "changed": False,
                "skipped": True,
                "skip_reason": "Conditional result was False",
                "false_condition": str(condition) if isinstance(condition, str) else condition,
            }
            return _finish(work, result, None)
    return None


async def _run_item(
    work: Work, scope: Scope, label: str | None, loop_vars: Mapping[str, Any] | None = None
) -> Finished:
    finished = await _ended(work, scope, label, loop_vars)
    told = work.lookups.told()
    if not told:
        return finished
    result = {**finished.outcome.result}
    for key, entries in told.items():
        result[key] = [*(result.get(key) or ()), *entries]
    return replace(finished, outcome=replace(finished.outcome, result=result))


async def _ended(work: Work, scope: Scope, label: str | None, loop_vars: Mapping[str, Any] | None) -> Finished:
    try:
        target_of(work.services, work.task, scope, work.state)  # a host that is not named fails even what is skipped
        skipped = _skipped(work, scope)
        if skipped is not None:
            return skipped
        return await _attempts(work, scope, label, loop_vars)
    except HostError as error:
        return failures.of_host(work, error, scope)
    except OrchestraError as error:
        return failures.of_error(work, error, scope)
    except Exception as error:
        return failures.of_bug(work, error, scope)


async def _attempts(work: Work, scope: Scope, label: str | None, loop_vars: Mapping[str, Any] | None) -> Finished:
    task = work.task
    retries = _retries(task, scope)
    for attempt in range(1, retries + 2):
        finished = await _once(work, scope, label, loop_vars, attempt)
        if not _repeats(task):
            return finished
        result = dict(finished.outcome.result)
        if _satisfied(task, scope, result):
            return finished
        if attempt <= retries:
            work.services.emit(Retrying(work.state.name, work.info, retries + 1 - attempt, result, label))
            await asyncio.sleep(_delay(task, scope))
    failed = {**finished.outcome.result, "failed": True, "attempts": retries}
    return replace(finished, outcome=_outcome_of(work, scope, failed, finished.outcome))


def _outcome_of(work: Work, scope: Scope, result: dict[str, Any], like: Outcome) -> Outcome:
    """What has not been met: a failure, unless ``failed_when`` says that it is none."""
    if result.get("failed_when_result") is False:
        return replace(like, result=result)
    ignored = failures.ignores_errors(work.task, scope)
    status = status_of(result)
    return replace(like, result=result, status=status, ignored=ignored and status is Status.FAILED)


def _repeats(task: Task) -> bool:
    return bool(task.until) or task.retries is not None


def _retries(task: Task, scope: Scope) -> int:
    if not _repeats(task):
        return 0
    return int(number_of(scope, task.retries, 3, "retries", task))


def _delay(task: Task, scope: Scope) -> float:
    return number_of(scope, task.delay, 5.0, "delay", task)


def _satisfied(task: Task, scope: Scope, result: Mapping[str, Any]) -> bool:
    if not task.until:
        return not result.get("failed")
    inner = scope.child({task.register: public(dict(result))}) if task.register else scope
    return all(inner.condition(condition) for condition in task.until)


async def _once(
    work: Work, scope: Scope, label: str | None, loop_vars: Mapping[str, Any] | None, attempt: int
) -> Finished:
    context = prepare(work, scope, label, loop_vars)
    action = find_action(work.task.action, work.services.library, work.services.plugins.actions)
    refuse(context, action)
    if context.timeout:
        finished = await failures.within(context.timeout, action(context))
    else:
        finished = await action(context)
    if context.target != work.state.name and is_true(scope.render(work.task.delegate_facts)):
        finished = replace(finished, receiver=context.target)
    _learn(work, finished)
    result = result_of(finished.reply)
    if _repeats(work.task):
        result["attempts"] = attempt
    seen = context.scope
    judged = seen.child({work.task.register: public(result)}) if work.task.register else seen
    try:
        judge(work.task, result, judged)
    except TemplateError as error:
        broken = failures.of_error(work, error, scope)
        return Finished(replace(broken.outcome, result={**broken.outcome.result, **result}), (finished,))
    return _finish(work, result, finished, scope=scope, context=context)


def _finish(
    work: Work,
    result: dict[str, Any],
    action: ActionResult | None,
    *,
    scope: Scope | None = None,
    context: TaskContext | None = None,
    looped: bool = False,
) -> Finished:
    status = status_of(result, result["results"] if looped else ())
    ignored = status is Status.FAILED and not looped and failures.ignores_errors(work.task, scope or work.scope)
    outcome = Outcome(
        host=work.state.name,
        task=work.info,
        status=status,
        result=result,
        ignored=ignored,
        looped=looped,
        diff=action.reply.diff if action and context and context.diff else (),  # some modules always tell one
        origin=work.task.origin,
        delegated_to=context.target if context and work.task.delegate_to is not None else "",
        delegated_address=context.target_address if context else "",
        check=context.check if context else False,
        assumed=action.reply.assumed if action is not None else False,
    )
    return Finished(outcome, (action,) if action is not None else ())

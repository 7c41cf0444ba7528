"""``meta`` tasks: words to the engine itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from orchestra.engine.hoststate import HostState
from orchestra.engine.lookups import TaskLookups
from orchestra.errors import LanguageError, nearest
from orchestra.language.placing import end_role_fault
from orchestra.model.event import ImplicitMeta, MetaRan, TaskFinished
from orchestra.model.outcome import Outcome, Status, TaskInfo
from orchestra.model.play import Task

if TYPE_CHECKING:
    from orchestra.engine.playstate import PlayState
    from orchestra.engine.services import Services

Flush = Callable[[Sequence[HostState]], Awaitable[None]]

WORDS = (
    "flush_handlers", "clear_facts", "clear_host_errors", "end_batch", "end_host", "end_play", "end_role", "noop",
    "refresh_inventory", "reset_connection",
)  # fmt: skip
#: Words that take no ``when``.
_UNCONDITIONAL = frozenset(("noop", "refresh_inventory", "reset_connection"))
_DONE = {
    "noop": "noop", "refresh_inventory": "inventory successfully refreshed", "clear_facts": "facts cleared",
    "clear_host_errors": "cleared host errors", "end_batch": "ending batch", "end_play": "ending play",
    "reset_connection": "reset connection",
}  # fmt: skip
_DONE_ON = {
    "flush_handlers": "triggered running handlers for {host}", "end_host": "ending play for {host}",
    "end_role": "ending role for {host}",
}  # fmt: skip
_NOT_DONE = {
    "flush_handlers": "not running handlers for {host}",
    "clear_facts": "not clearing facts and fact cache for {host}",
    "clear_host_errors": "not clearing host error state for {host}",
    "end_batch": "continuing current batch",
    "end_play": "continuing play",
    "end_host": "continuing execution for {host}",
    "end_role": "continuing role for {host}",
}


def word_of(task: Task) -> str:
    """The word of a meta task.

    Raises:
        LanguageError: there is no such word, or it means nothing here.
    """
    word = str(task.free_form if task.free_form is not None else task.args.get("free_form", "")).strip()
    if word not in WORDS:
        close = nearest(word, WORDS)
        hint = f"did you mean {close[0]}?" if close else f"it knows {', '.join(WORDS)}"
        raise LanguageError(f"meta has no {word!r}", origin=task.origin, hint=hint)
    if word == "end_role" and (task.handler or task.role is None):
        raise LanguageError(end_role_fault(task), origin=task.origin)
    return word


async def run(
    services: Services, play: PlayState, task: Task, info: TaskInfo, hosts: Sequence[HostState], flush: Flush
) -> None:
    """Do what a meta task says, for those of ``hosts`` for which its ``when`` holds."""
    word = word_of(task)
    chosen: list[HostState] = []
    for host in hosts:
        if word in _UNCONDITIONAL or _wanted(services, play, task, host):
            chosen.append(host)
        else:
            _skip(services, word, info, host)
    if word in _UNCONDITIONAL and task.when:
        services.warn(f"{word} task does not support when conditional", task.origin)
    if not chosen:
        return
    for text, name in _said(word, chosen):
        services.emit(MetaRan(text, name))
    if word == "flush_handlers":
        names = {host.name for host in chosen}
        await flush([host for host in play.batch if host.name in names or host.failed])
    elif word == "reset_connection":
        for host in chosen:
            await services.sessions.reset(host.name)
    elif word == "refresh_inventory":
        services.refresh_inventory()
    else:
        _mark(play, word, task, chosen)
        if word == "clear_facts" and services.fact_cache is not None:
            for host in chosen:
                services.fact_cache.forget(host.name)


def announce_flush(services: Services, play: PlayState, hosts: Sequence[HostState]) -> None:
    """Tell callbacks of the handlers that a section of a play ends with; with forced ones it always has a task."""
    if services.described is None:
        return
    due = any(host.notified for host in hosts if host.live)
    if not due and not play.force_handlers:
        return
    number, origin = services.task_id(), play.play.origin
    services.described[number] = Task(
        None, "meta", {}, origin, free_form="flush_handlers" if due else "noop", implicit=True
    )
    services.emit(ImplicitMeta(TaskInfo(number, "meta", "meta", origin)))


def _skip(services: Services, word: str, info: TaskInfo, host: HostState) -> None:
    reason = f"{word} conditional evaluated to False, {_NOT_DONE[word].format(host=host.name)}"
    services.emit(MetaRan(reason, host.name))
    result = {"msg": word, "skipped": True, "skip_reason": reason}
    services.emit(TaskFinished(Outcome(host.name, info, Status.SKIPPED, result, origin=info.origin)))


def _said(word: str, hosts: Sequence[HostState]) -> Iterator[tuple[str, str]]:
    """What is told about a word, and about which host; in the words that ansible-playbook uses at -vv."""
    if word in _DONE:
        yield _DONE[word], ""
    elif word in _DONE_ON:
        for host in hosts:
            yield _DONE_ON[word].format(host=host.name), host.name


def _mark(play: PlayState, word: str, task: Task, hosts: Sequence[HostState]) -> None:
    if word in ("end_play", "end_batch"):
        play.ended = play.ended or word == "end_play"
        for host in play.batch:
            host.ended = True
    for host in hosts:
        if word == "end_host":
            host.ended = True
        elif word == "end_role" and task.role is not None:
            host.ended_role = task.role.key
        elif word == "clear_facts":
            host.forget_facts()
    if word == "clear_host_errors":
        for host in play.hosts:
            host.pardon()


def _wanted(services: Services, play: PlayState, task: Task, host: HostState) -> bool:
    if not task.when:
        return True
    view = services.variables.view(host, play, task)
    scope = services.templar.scope(view, TaskLookups(services, task, play.play.basedir))
    return all(scope.condition(condition) for condition in task.when)

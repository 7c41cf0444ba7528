"""``meta`` tasks: words to the engine itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from orchestra.engine.hoststate import HostState
from orchestra.engine.lookups import TaskLookups
from orchestra.errors import LanguageError, nearest
from orchestra.model.event import MetaRan
from orchestra.model.play import Task

if TYPE_CHECKING:
    from orchestra.engine.playstate import PlayState
    from orchestra.engine.services import Services

Flush = Callable[[Sequence[HostState]], Awaitable[None]]

WORDS = (
    "flush_handlers", "clear_facts", "clear_host_errors", "end_batch", "end_host", "end_play", "end_role", "noop",
    "refresh_inventory", "reset_connection",
)  # fmt: skip


def word_of(task: Task) -> str:
    """The word of a meta task.

    Raises:
        LanguageError: there is no such word.
    """
    word = str(task.free_form if task.free_form is not None else task.args.get("free_form", "")).strip()
    if word not in WORDS:
        close = nearest(word, WORDS)
        hint = f"did you mean {close[0]}?" if close else f"it knows {', '.join(WORDS)}"
        raise LanguageError(f"meta has no {word!r}", origin=task.origin, hint=hint)
    return word


async def run(services: Services, play: PlayState, task: Task, hosts: Sequence[HostState], flush: Flush) -> None:
    """Do what a meta task says, for those of ``hosts`` for which its ``when`` holds."""
    word = word_of(task)
    chosen = [host for host in hosts if _wanted(services, play, task, host)]
    for host in hosts:
        if host not in chosen:
            services.emit(MetaRan(f"{word} conditional evaluated to False, continuing execution", host.name))
    if not chosen:
        return
    if word == "flush_handlers":
        await flush([host for host in play.batch if host in chosen or host.failed])
    elif word == "reset_connection":
        for host in chosen:
            await services.sessions.reset(host.name)
    elif word == "refresh_inventory":
        services.refresh_inventory()
    else:
        _mark(play, word, task, chosen)


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

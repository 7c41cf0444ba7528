"""Handlers: which of them a changed task wakes, and how the waiting ones are run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from orchestra.engine.hoststate import HostState
from orchestra.engine.lookups import TaskLookups
from orchestra.engine.tags import flatten
from orchestra.errors import OrchestraError, nearest
from orchestra.model.event import HandlersNotified
from orchestra.model.play import Block, Task

if TYPE_CHECKING:
    from orchestra.engine.playstate import PlayState
    from orchestra.engine.services import Services
    from orchestra.engine.task import Finished

Run = Callable[[Task, Sequence[HostState]], Awaitable[None]]


def each(steps: Sequence[Task | Block]) -> Iterator[Task]:
    """All handler tasks, blocks opened."""
    for step in steps:
        if isinstance(step, Task):
            yield step
        else:
            yield from each((*step.body, *step.rescue, *step.always))


def notify(services: Services, play: PlayState, task: Task, finished: Finished, host: HostState) -> None:
    """Let the handlers that ``task`` names wait on ``host``.

    Raises:
        OrchestraError: no handler has such a name, and the settings want one.
    """
    scope = services.templar.scope(
        services.variables.view(host, play, task), TaskLookups(services, task, play.play.basedir)
    )
    woken: list[str] = []
    for name in flatten_names(scope.render(list(task.notify))):
        found = find(services, play, name, host, task)
        if not found:
            _refuse(services, play, task, name, host)
        for handler in found:
            host.notified.setdefault(id(handler), handler)
        woken.append(name)
    services.emit(HandlersNotified(host.name, tuple(woken)))


def flatten_names(names: object) -> list[str]:
    """The names of a rendered ``notify``, lists opened; commas are part of a name."""
    if isinstance(names, (list, tuple)):
        return [name for item in names for name in flatten_names(item)]
    return [str(names)] if names not in (None, "") else []


def find(services: Services, play: PlayState, name: str, host: HostState, task: Task) -> list[Task]:
    """The handler of that name and all that listen to it.

    Of several with the name, those of the play win over a role's, and those of a later role over an earlier one's; in
    one file the first does.
    """
    named: Task | None = None
    listening: list[Task] = []
    for handler in each(play.handlers):
        if name in _names(services, play, handler, host) and (named is None or _section(named) != _section(handler)):
            named = handler
        if name in _topics(handler):
            listening.append(handler)
    if named is not None and named not in listening:
        return [named, *listening]
    return listening


def _topics(handler: Task) -> set[str]:
    """What a handler listens to; a role's topics with the role's name before them, too."""
    topics = {*flatten(handler.listen), *map(str, handler.listen)}
    if handler.role is not None:
        topics |= {f"{role} : {topic}" for role in _role_names(handler) for topic in topics}
    return topics


def _role_names(handler: Task) -> tuple[str, ...]:
    assert handler.role is not None
    return handler.role.name, handler.role.name.rpartition(".")[2]


def _section(handler: Task) -> tuple[int, str]:
    return (id(handler.role), handler.origin.file)


def _names(services: Services, play: PlayState, handler: Task, host: HostState) -> tuple[str, ...]:
    if handler.name is None:
        return ()
    plain = str(handler.name)
    if "{" in plain:
        view = services.variables.view(host, play, handler)
        try:
            plain = str(
                services.templar.scope(view, TaskLookups(services, handler, play.play.basedir)).render(handler.name)
            )
        except OrchestraError as error:
            if not handler.listen:
                services.warn(
                    f"Handler '{plain}' is unusable because it has no listen topics and the name could not be "
                    f"templated (host-specific variables are not supported in handler names): {error.message}",
                    handler.origin,
                )
            return ()
    if handler.role is None:
        return (plain,)
    return (plain, *(f"{role}{colon}{plain}" for role in _role_names(handler) for colon in (" : ", ":")))


def _refuse(services: Services, play: PlayState, task: Task, name: str, host: HostState) -> None:
    known = [item for handler in each(play.handlers) for item in _names(services, play, handler, host)[:1]]
    known += [topic for handler in each(play.handlers) for topic in flatten(handler.listen)]
    close = nearest(name, known)
    text = (
        f"The requested handler '{name}' was not found in either the main handlers list nor in the listening handlers "
        "list"
    )
    origin = task.key_origins.get("notify", task.origin)
    if not services.settings.error_on_missing_handler:
        services.warn(text, origin)
        return
    hint = f"did you mean {' or '.join(close)}?" if close else f"known handlers: {', '.join(known) or 'none'}"
    raise OrchestraError(text, origin=origin, hint=hint)


async def flush(play: PlayState, hosts: Sequence[HostState], run: Run) -> None:
    """Run waiting handlers in the order they are written, each once. One that is woken by a later one waits on."""
    if not any(host.notified for host in hosts):
        return
    for handler in list(each(play.handlers)):
        concerned = [host for host in hosts if host.live and id(handler) in host.notified]
        for host in concerned:
            del host.notified[id(handler)]
        if concerned:
            await run(handler, concerned)


def pending(hosts: Sequence[HostState]) -> dict[str, tuple[str, ...]]:
    """Handlers that never ran, by host."""
    return {host.name: tuple(str(task.name) for task in host.notified.values()) for host in hosts if host.notified}

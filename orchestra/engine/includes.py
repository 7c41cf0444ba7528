"""Brings in what include_tasks and include_role ask for while the run goes on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any

from orchestra.engine import failures
from orchestra.engine.handlers import each
from orchestra.engine.hoststate import HostState
from orchestra.engine.layers import flatten
from orchestra.engine.results import IncludeWish
from orchestra.errors import FileMissing, LanguageError, OrchestraError, ParseErrors, VaultError
from orchestra.language.project import Place, Project
from orchestra.language.roles import RoleUse, imports_in, load_role
from orchestra.language.scope import Scope
from orchestra.language.tasks import read_file, short_name
from orchestra.model.event import Included, TaskFinished
from orchestra.model.origin import Origin
from orchestra.model.outcome import Cause, Outcome, Status, TaskInfo
from orchestra.model.play import Block, Task
from orchestra.model.record import mutable

if TYPE_CHECKING:
    from orchestra.engine.playstate import PlayState
    from orchestra.engine.services import Services
    from orchestra.engine.task import Finished

Walk = Callable[[Sequence[Task | Block], Sequence[HostState], bool], Awaitable[None]]


def is_include(task: Task) -> bool:
    """Whether a task brings others in while the run goes on."""
    return short_name(task.action) in ("include_tasks", "include_role")


@mutable
class _Group:
    """Hosts that want the same thing."""

    wish: IncludeWish
    hosts: list[HostState] = field(default_factory=list)


class Includer:
    """Groups what hosts wish for, reads it once for each group and walks it."""

    def __init__(self, services: Services, play: PlayState, walk: Walk) -> None:
        self._services = services
        self._play = play
        self._walk = walk

    async def bring_in(
        self,
        task: Task,
        info: TaskInfo,
        finished: Sequence[tuple[HostState, Finished]],
        rescuing: bool,
    ) -> bool:
        """Walk everything that ``task`` included, for those who asked; with run_once that is one host. True: some
        could not be read."""
        broken = False
        read: list[tuple[Sequence[Task | Block], Sequence[HostState]]] = []
        for group in _group(finished):
            live = [host for host in group.hosts if host.live]
            if not live:
                continue
            try:
                read.append((self._read(task, group.wish, live[0]), live))
            except OrchestraError as error:
                if not _is_of_hosts(error):
                    raise
                self._fail(info, live, group.wish, error, rescuing)
                broken = True
            else:
                self._announce(info, group.wish, live)
        for steps, concerned in read:
            await self._walk(steps, [host for host in concerned if host.live], rescuing)
        return broken

    def _announce(self, info: TaskInfo, wish: IncludeWish, hosts: Sequence[HostState]) -> None:
        names = tuple(host.name for host in hosts)
        self._services.emit(Included(info, wish.target, names, wish.label))
        for host in hosts:
            host.count("ok")

    def _read(self, task: Task, wish: IncludeWish, host: HostState) -> Sequence[Task | Block]:
        if wish.lacks is not None:
            raise wish.lacks
        project = self._services.project()
        outer = task.scope if isinstance(task.scope, Scope) else Scope()
        scope = outer.included_with({**task.own_vars, **wish.variables})
        static: dict[str, Any] = dict(self._services.variables.view(host, self._play, task))
        static.update(wish.variables)
        place = Place(task.origin.file, self._play.play.basedir, static)
        if wish.role:
            steps = self._read_role(project, task, wish, scope, place)
        else:
            steps = read_file(project, wish.target, scope, place, task.origin)
        project.problems.check()
        self._refuse_strangers(project)
        for block in imports_in(tuple(steps)):
            self._bring_handlers(block.imported_handlers)
        return steps

    def _refuse_strangers(self, project: Project) -> None:
        """Modules of collections that nobody knows: no task of such a file could be trusted to have been meant."""
        for name, origin in project.lacking.items():
            if self._services.library.is_of_strangers(name):
                raise LanguageError(f"module {name!r} is not known", origin=origin, hint="is its collection installed?")

    def _bring_handlers(self, brought: Sequence[Task | Block]) -> None:
        """Handlers of a role come to the play once, however often it is used."""
        places = {handler.origin for handler in each(brought)}
        if not places <= self._play.handler_places:
            self._play.handler_places |= places
            self._play.handlers.extend(brought)

    def _read_role(
        self, project: Project, task: Task, wish: IncludeWish, scope: Scope, place: Place
    ) -> Sequence[Task | Block]:
        args = wish.args
        starts = {part: str(args[part]) for part in ("tasks_from", "vars_from", "defaults_from", "handlers_from")
                  if args.get(part)}  # fmt: skip
        duplicates = bool(args.get("allow_duplicates", True))
        validate = bool(args.get("rolespec_validate", True))
        use = RoleUse(
            wish.target, starts=starts, allow_duplicates=duplicates, validate=validate, origin=_place_of_name(task)
        )
        loaded = load_role(project, use, replace(scope, handler=False), place)
        if loaded is None:
            return ()
        self._bring_handlers(loaded.handlers)
        if self._is_public(task, args):
            self._play.export_role(flatten(loaded.ref.exported_defaults), flatten(loaded.ref.exported_vars))
        return loaded.steps

    def _is_public(self, task: Task, args: Mapping[str, Any]) -> bool:
        """``public``; where it is not given, a setting that says that roles' variables are not private."""
        settings = self._services.settings
        said = "private_role_vars" in settings.sources and not settings.private_role_vars
        return bool(args.get("public")) if "public" in task.args else said

    def _fail(
        self, info: TaskInfo, hosts: Sequence[HostState], wish: IncludeWish, error: OrchestraError, rescuing: bool
    ) -> None:
        asked = {} if wish.role else {"include": wish.args["file"]}
        for host in hosts:
            result = {"changed": False, "failed": True, **asked, "reason": _reason(error)}
            outcome = Outcome(host.name, info, Status.FAILED, result, origin=error.origin, causes=_causes(error))
            self._services.emit(TaskFinished(outcome))
            host.failed = True
            host.count("failed")  # also where a rescue follows: ansible-core counts so
            if not rescuing:
                host.failures.append(outcome)


def _is_of_hosts(error: OrchestraError) -> bool:
    """Whether what is wrong with an included file fails those who asked for it, and does not end the run."""
    problems = error.problems if isinstance(error, ParseErrors) else (error,)
    return all(isinstance(problem, FileMissing | VaultError) for problem in problems)


def _reason(error: OrchestraError) -> str:
    first = error.problems[0] if isinstance(error, ParseErrors) else error
    return first.reason if isinstance(first, FileMissing) else first.message


def _causes(error: OrchestraError) -> tuple[Cause, ...]:
    """All that is wrong; the first in the words of the result."""
    first, *others = failures.causes_of(error)
    return (replace(first, message=_reason(error)), *others)


def _place_of_name(task: Task) -> Origin:
    """Where the name of an include's role stands."""
    places = getattr(task.args, "value_origins", {})
    found: Origin = places.get("name") or places.get("role") or task.origin
    return found


def _group(finished: Sequence[tuple[HostState, Finished]]) -> list[_Group]:
    groups: dict[str, _Group] = {}
    for host, end in finished:
        for action in end.results:
            wish = action.include
            if wish is None:
                continue
            key = repr((wish.target, wish.role, wish.variables, wish.args, wish.label))
            group = groups.setdefault(key, _Group(wish))
            group.hosts.append(host)
    return list(groups.values())

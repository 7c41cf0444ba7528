"""Fact gathering at the start of a play: whether, for whom, and the task that does it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from orchestra.engine.connections import is_true
from orchestra.engine.hoststate import HostState
from orchestra.engine.words import value_of
from orchestra.language.scope import Scope
from orchestra.model.play import Play, Task

if TYPE_CHECKING:
    from orchestra.engine.services import Services

_INHERITED = (
    "any_errors_fatal", "become", "become_exe", "become_flags", "become_method", "become_user", "check_mode",
    "connection", "diff", "ignore_errors", "ignore_unreachable", "no_log", "port", "remote_user", "timeout",
)  # fmt: skip
#: Options of the implicit task: those of the play. What settings say of them is weaker than module_defaults.
_OPTIONS = ("gather_subset", "gather_timeout", "fact_path")


def needed(services: Services, play: Play, host: HostState) -> bool:
    """Whether facts of ``host`` are to be gathered for ``play``."""
    if play.gather_facts is not None:
        wanted = _rendered(services, play) if isinstance(play.gather_facts, str) else is_true(play.gather_facts)
        if wanted is not None:
            return wanted
    mode = services.settings.gathering
    return mode == "implicit" or (mode == "smart" and not host.gathered)


def _rendered(services: Services, play: Play) -> bool | None:
    """The value of ``gather_facts``; None when it is omitted."""
    from orchestra.engine.lookups import TaskLookups

    scope = services.templar.scope(services.variables.of_play(play), TaskLookups(services, None, play.basedir))
    value = value_of(scope, play.gather_facts)
    return None if value is None else is_true(value)


def task_for(services: Services, play: Play, hosts: Sequence[HostState]) -> Task | None:
    """The implicit task "Gathering Facts", if any of ``hosts`` needs it."""
    if not any(needed(services, play, host) for host in hosts):
        return None
    scope = play.scope if isinstance(play.scope, Scope) else Scope()
    inherited: dict[str, Any] = {name: scope.single.get(name) for name in _INHERITED}
    return Task(
        name="Gathering Facts",
        action="ansible.builtin.gather_facts",
        args={name: value for name in _OPTIONS if (value := getattr(play, name))},
        origin=play.origin,
        tags=tuple(scope.lists.get("tags", ())) or ("always",),  # a play that has tags gathers for those alone
        environment=scope.lists.get("environment", ()),
        module_defaults=scope.lists.get("module_defaults", ()),
        collections=scope.lists.get("collections", ()),
        implicit=True,
        key_origins=play.key_origins,
        **inherited,
    )

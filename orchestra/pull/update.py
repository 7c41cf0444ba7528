"""Brings the checkout up to date with the module for it, run by the engine as any ad hoc command; hears the end."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from orchestra.engine import api
from orchestra.language.vault import VaultOpener
from orchestra.model.event import Event, TaskFinished
from orchestra.model.options import RunOptions
from orchestra.model.outcome import Status
from orchestra.model.ports import Terminal
from orchestra.model.secret import Redactor
from orchestra.pull.plan import Source, options_of, outside_sources, own_limit, own_names
from orchestra.settings.settings import Settings


@dataclass(frozen=True, slots=True)
class Updated:
    """How the update ended: the status it would end a process with, and whether anything new came."""

    status: int
    changed: bool


class _Listener:
    """Notes whether a host changed."""

    def __init__(self) -> None:
        self.changed = False

    def __call__(self, event: Event) -> None:
        if isinstance(event, TaskFinished) and event.outcome.status is Status.CHANGED:
            self.changed = True


def update(
    source: Source,
    settings: Settings,
    options: RunOptions,
    sinks: Sequence[Callable[[Event], None]],
    terminal: Terminal,
    *,
    redactor: Redactor,
    vault: VaultOpener,
) -> Updated:
    """Bring ``source`` to its folder on this host. Check mode does not hold here: a play needs its project."""
    listener = _Listener()
    alone = settings.inventory == outside_sources(())
    limit = "localhost" if alone else own_limit(own_names())
    # Our own interpreter is known to be one; what the environment says is meant for the hosts of the project.
    given = {"ansible_python_interpreter": sys.executable, **options.extra_vars} if alone else options.extra_vars
    status = api.adhoc(
        "all",
        f"ansible.builtin.{source.module}",
        options_of(source),
        settings,
        replace(options, check=False, connection="local", limit=limit, tags=("all",), skip_tags=(), extra_vars=given),
        (*sinks, listener),
        terminal,
        redactor=redactor,
        vault=vault,
    )
    return Updated(status, listener.changed)

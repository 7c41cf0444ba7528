"""The run that plugins written to Ansible's interface belong to: that interface passes nothing, so it is kept here.

A process has one run at a time; whoever loads a plugin says which.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from orchestra.ansible_api.errors import AnsibleError
from orchestra.model.ports import Outputs
from orchestra.model.record import record


def _no_cache(name: str, options: Mapping[str, Any]) -> Any:
    raise AnsibleError(f"nothing can open the cache {name!r} here")


def _no_scope(loader: Any) -> Any:
    raise AnsibleError("a Templar needs the loader that the plugin was given")


@record
class Run:
    """What plugins may ask of a run: a value of the settings, a value of the configuration file, to warn, a fragment
    of documentation that the project or a collection brings."""

    setting: Callable[[str], Any]
    from_file: Callable[[str, str], Any]
    warn: Callable[[str], None]
    fragment: Callable[[str, str], str | None] = lambda name, section: None
    #: Opens a cache by its name with options of its own.
    cache: Callable[[str, Mapping[str, Any]], Any] = _no_cache
    #: What shows the run; None where nothing does.
    outputs: Callable[[], Outputs | None] = lambda: None
    #: What templates are rendered in that belong to no task; given the loader of who asks.
    scope: Callable[[Any], Any] = _no_scope


_runs: list[Run] = []


def begin(run: Run) -> None:
    """From now on this is the run."""
    _runs[:] = [run]


def current() -> Run | None:
    """The run, or None where nothing was loaded for one."""
    return _runs[0] if _runs else None


def warn(message: str) -> None:
    """Tell the user."""
    if _runs:
        _runs[0].warn(message)

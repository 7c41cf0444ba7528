"""The door to this room: one Templar for a run, one Scope for each host and task.

Only project text (``TemplateText``) is ever compiled; strings from hosts stay as they are, whatever they hold.
Jinja itself is imported when the first template is rendered, not before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from orchestra.model.ports import LookupContext
from orchestra.model.record import record
from orchestra.model.secret import Redactor
from orchestra.templating.scope import Scope

if TYPE_CHECKING:
    from orchestra.templating.core import Core


@record
class PluginTables:
    """What a project brings, by name (short, or with its collection); each wins over ours of the same name.

    A lookup is called with a ``LookupCall`` (lookups/registry.py) and returns a sequence.
    """

    filters: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    tests: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    lookups: Mapping[str, Callable[..., Sequence[Any]]] = field(default_factory=dict)
    #: Filters that belong to ours but need what other rooms know.
    provided: Mapping[str, Callable[..., Any]] = field(default_factory=dict)


class Templar:
    """Compiles each template text once in a run, and makes scopes."""

    def __init__(self, settings: object, redactor: Redactor, plugins: PluginTables | None = None) -> None:
        """Read what is needed of ``settings``: compat, allow_*, jinja2_extensions, ansible_managed."""
        self.redactor = redactor
        self._settings = settings
        self._plugins = plugins or PluginTables()

    @cached_property
    def core(self) -> Core:
        """The part that knows Jinja."""
        from orchestra.templating.core import Core, Options

        settings = self._settings
        options = Options(
            allow_broken_conditionals=bool(getattr(settings, "allow_broken_conditionals", False))
            or _is_older(settings),
            allow_embedded_templates=bool(getattr(settings, "allow_embedded_templates", True)),
            untrusted=str(getattr(settings, "untrusted_templates", "ignore")),
            extensions=_extensions(getattr(settings, "jinja2_extensions", ())),
            managed=str(getattr(settings, "ansible_managed", None) or "Ansible managed"),
        )
        return Core(options, self.redactor, self._plugins)

    def watch(self) -> None:
        """From now on tell of the use of texts that are deprecated: the run has met one."""
        self.core.watching = True

    def scope(self, variables: Mapping[str, Any], lookups: LookupContext) -> Scope:
        """A scope over raw variables; cheap, so make one for each host and task."""
        return Scope(self, variables, lookups)


def _is_older(settings: object) -> bool:
    """Whether the project is to be read as by an ansible-core before 2.19."""
    return str(getattr(settings, "compat", "")) not in ("", "2.19")


def _extensions(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, Sequence):
        return ()
    return tuple(str(item).strip() for item in value if str(item).strip())

"""One host's variables in one task, and what can be rendered over them.

Values are raw until a template names them; what has been rendered is kept as long as the scope lives.
This module must not import Jinja.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from orchestra.errors import OrchestraError, UndefinedVariable
from orchestra.model.origin import Origin, ProjectText, TemplateText, is_templated
from orchestra.model.ports import LookupContext
from orchestra.model.secret import Sealed
from orchestra.templating.omit import OMIT

if TYPE_CHECKING:
    from orchestra.templating.templar import Templar

#: What is said of a template inside a quoted text of a template; ansible-core's words, which people look for.
EMBEDDED = (
    "Jinja constant strings should not contain embedded templates."
    " This feature will be disabled by default in ansible-core 2.23."
)
_PLAIN = frozenset((str, ProjectText, int, bool, float, type(None)))


class Scope:
    """Renders values, conditions, files and lookups over one set of variables."""

    __slots__ = ("__weakref__", "_context", "_values", "lookups", "templar", "variables")

    def __init__(self, templar: Templar, variables: Mapping[str, Any], lookups: LookupContext) -> None:
        self.templar = templar
        self.variables = variables
        self.lookups = lookups
        self._values: Any = None
        self._context: Any = None

    # -- Values

    def render(self, value: Any) -> Any:
        """Plain data for ``value``, all through; ``value`` itself where nothing in it is a template.

        Values to omit drop out of the containers they are in; alone, it is OMIT that comes back.

        Raises:
            TemplateError: located; UndefinedVariable where a variable is not set.
            VaultError: an encrypted value can not be opened.
        """
        kind = type(value)
        if kind in _PLAIN:
            return value
        if kind is TemplateText:
            return self.templar.core.render(self, value)
        return self._render_container(value) if is_templated(value) else value

    def render_partly(self, text: TemplateText, stand_in: Callable[[OrchestraError], Any]) -> Any:
        """As ``render``, with what ``stand_in`` makes of its error in place of each undefined part of the value."""
        return self.templar.core.render_partly(self, text, stand_in)

    def render_args(self, args: Mapping[Any, Any]) -> dict[Any, Any]:
        """As ``render``, always a new dict, without the keys whose value is OMIT."""
        rendered = ((self.render(key), self.render(value)) for key, value in args.items())
        return {key: value for key, value in rendered if value is not OMIT}

    def render_str(self, value: Any) -> str:
        """``value`` rendered, as text; nothing is empty text."""
        rendered = self.render(value)
        if isinstance(rendered, str):
            return rendered
        return "" if rendered is None else self.templar.core.text(self, rendered)

    def _render_container(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return self.render_args(value)
        if isinstance(value, (list, tuple)):
            return [item for item in map(self.render, value) if item is not OMIT]
        return value.reveal() if isinstance(value, Sealed) else value

    def condition(self, condition: Any, origin: Origin | None = None) -> bool:
        """Judge a condition: an expression in the project's text, or a boolean. Its result is never read as text again.

        ``origin`` says where it stands, for conditions that do not know it themselves.

        Raises:
            TemplateError: it can not be evaluated, or its result is no boolean (unless the settings allow that).
        """
        if condition is True or condition is False:
            return bool(condition)
        try:
            return self.templar.core.condition(self, condition, origin)
        except UndefinedVariable as error:
            error.during = error.during or "Error while evaluating conditional: "
            raise

    def judge_rendered(self, value: Any, text: TemplateText) -> bool:
        """As ``condition``, for the value of ``text``, the template that is all of one. Raises TemplateError."""
        return self.templar.core.judge_rendered(self, value, text)

    # -- Variables

    def get(self, name: str, default: Any = None) -> Any:
        """One variable, rendered; ``default`` when it is not set. Raises TemplateError when its template fails."""
        try:
            raw = self.variables[name]
        except KeyError:
            return default
        if type(raw) in _PLAIN:
            return raw
        return self.templar.core.variable(self, name) if is_rendered_late(raw) else raw

    def raw(self, name: str, default: Any = None) -> Any:
        """One variable as it was written."""
        return self.variables.get(name, default)

    def names(self) -> Iterable[str]:
        """The names of all variables."""
        return self.variables.keys()

    def child(self, extra: Mapping[str, Any]) -> Scope:
        """A scope with more variables on top, as for a loop's item."""
        return Scope(self.templar, Layer(extra, self.variables), self.lookups)

    @property
    def values(self) -> Any:
        """Name -> value, resolved on demand; for this room."""
        values = self._values
        if values is None:
            values = self._values = self.templar.core.resolved(self)
        return values

    @property
    def context(self) -> Any:
        """Jinja's view of the values; for this room."""
        context = self._context
        if context is None:
            context = self._context = self.templar.core.context(self)
        return context

    def view(self) -> Any:
        """All variables as a mapping that renders what is looked at (``vars``, or a host's part of ``hostvars``)."""
        from orchestra.templating.views import ScopeView

        return ScopeView(self)

    def render_embedded(self, text: str) -> Any:
        """The value of a template that is quoted inside another one, or inside a condition."""
        self.lookups.warn(EMBEDDED, self.templar.core.place_of_quoted(text))
        return self.templar.core.evaluate(self, TemplateText(text))

    # -- Files and lookups

    def render_file(
        self, text: str, path: str, *, options: Any = None, extra_vars: Mapping[str, Any] | None = None
    ) -> str:
        """Render a template file's text as the template module does.

        ``path`` is the file's own path: errors, includes and imports start there, then in the task's search paths.
        ``options`` is a ``FileOptions`` or a mapping of its fields (trim_blocks, newline_sequence ...).
        """
        from orchestra.templating.files import render_file

        return render_file(self, text, path, options, extra_vars or {})

    def lookup(self, name: str, terms: Iterable[Any], **options: Any) -> Any:
        """What ``lookup(name, *terms, **options)`` gives in a template. Raises TemplateError."""
        return self.templar.core.lookup(self, name, list(terms), options)

    def run_lookup(self, name: str, terms: Any, wantlist: bool = True, **options: Any) -> Any:
        """Run a lookup for a ``with_<name>`` loop, over raw or rendered terms; a lone term makes a list of one.

        Raises:
            TemplateError: there is no such lookup, or it failed.
        """
        return self.templar.core.loop_lookup(self, name, terms, {**options, "wantlist": wantlist})


class Layer(Mapping[str, Any]):
    """Some variables on top of others; nothing is copied."""

    __slots__ = ("_below", "_top")

    def __init__(self, top: Mapping[str, Any], below: Mapping[str, Any]) -> None:
        self._top = top
        self._below = below

    def __getitem__(self, name: str) -> Any:
        try:
            return self._top[name]
        except KeyError:
            return self._below[name]

    def __contains__(self, name: object) -> bool:
        return name in self._top or name in self._below

    def __iter__(self) -> Iterator[str]:
        yield from self._top
        yield from (name for name in self._below if name not in self._top)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def is_rendered_late(raw: object) -> bool:
    """Say whether a variable's raw value is one that rendering may change; a plain container never is."""
    return type(raw) not in (dict, list) and is_templated(raw)

"""How plugins render: ``ansible.template``. Only project text is ever rendered, as everywhere.

Works with a scope of the templating room, which it is handed and does not import.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from orchestra.ansible_api.current import current
from orchestra.ansible_api.errors import (
    AnsibleError,
    AnsibleTemplateError,
    AnsibleUndefinedVariable,
    AnsibleValueOmittedError,
)
from orchestra.errors import TemplateError, UndefinedVariable
from orchestra.model.origin import ProjectText, TemplateText, is_templated, origin_of

__all__ = ["Templar", "is_trusted_as_template", "trust_as_template"]


def trust_as_template(value: Any) -> Any:
    """Text that a plugin vouches for: it may be rendered."""
    return TemplateText(value) if isinstance(value, str) else value


def is_trusted_as_template(value: Any) -> bool:
    """Whether a text may be rendered."""
    return type(value) in (TemplateText, ProjectText)


class TemplateFault(AnsibleTemplateError, TemplateError):
    """A template could not be rendered: an error of the house, which plugins catch by the name that they know."""


class UndefinedFault(AnsibleUndefinedVariable, UndefinedVariable):
    """A template names a variable that is not set."""


@contextmanager
def _known_to_plugins() -> Iterator[None]:
    """What templates raise, so that plugins can catch it; where they do not, place and hint are still there."""
    try:
        yield
    except AnsibleError:
        raise
    except TemplateError as error:
        known = (UndefinedFault if isinstance(error, UndefinedVariable) else TemplateFault)(error.message)
        known.origin, known.hint, known.during = error.origin, error.hint, error.during
        raise known.with_traceback(error.__traceback__) from error.__cause__


def _refuse_untrusted(expression: str) -> None:
    if not is_trusted_as_template(expression):
        text = "Encountered untrusted template or expression."
        raise TemplateFault(text, hint="a plugin says by trust_as_template which text is its own")


class Templar:
    """Renders with the variables of the task that uses the plugin."""

    def __init__(self, loader: Any = None, variables: Any = None, *, scope: Any = None) -> None:
        """A plugin gives a loader; whoever calls plugins gives the scope. ``variables`` go on top."""
        scope = scope if scope is not None else getattr(loader, "scope", None)
        run = current()
        if scope is None and run is not None:
            scope = run.scope(loader)
        if scope is None:
            raise AnsibleError("there is no run whose templates these could be")
        self._loader = loader
        self._base = scope
        self._scope = scope.child(variables) if variables is not None else scope

    @property
    def scope(self) -> Any:
        """The scope that is rendered in."""
        return self._scope

    @property
    def available_variables(self) -> Any:
        """All variables, rendered when looked at."""
        return self._scope.view()

    @available_variables.setter
    def available_variables(self, variables: Any) -> None:
        self._scope = self._base.child(variables)

    def copy_with_new_env(self, available_variables: Any = None, **more: Any) -> Templar:
        """Another one with more variables."""
        return Templar(self._loader, available_variables, scope=self._base)

    def template(self, variable: Any, *args: Any, **more: Any) -> Any:
        """The value of a template, all through; what is no project text stays as it is."""
        with _known_to_plugins():
            return self._scope.render(variable)

    do_template = template

    def evaluate_expression(self, expression: Any, **more: Any) -> Any:
        """The value of an expression of the project, or that a plugin vouches for; what is no text stays as it is."""
        if not isinstance(expression, str):
            return expression
        _refuse_untrusted(expression)
        text = TemplateText("{{" + expression + "}}", origin_of(expression))
        with _known_to_plugins():
            found = self._scope.render_args({"value": text})
        if "value" not in found:
            raise AnsibleValueOmittedError("the expression gives a value to omit")
        return found["value"]

    def evaluate_conditional(self, conditional: Any) -> bool:
        """Whether a condition of the project, or that a plugin vouches for, holds."""
        if isinstance(conditional, str):
            _refuse_untrusted(conditional)
        with _known_to_plugins():
            return bool(self._scope.condition(conditional))

    def is_template(self, data: Any) -> bool:
        """Whether rendering may change it."""
        return bool(is_templated(data))

    is_possibly_template = is_template

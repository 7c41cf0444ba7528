"""The part of the templar that knows Jinja; imported when the first template is rendered.

Holds the environments and what has been compiled in a run. Scopes come and go; this stays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any

from orchestra.errors import OrchestraError, TemplateError
from orchestra.model.origin import Origin, ProjectText, TemplateText, UnsafeText, origin_of
from orchestra.model.record import record
from orchestra.model.secret import Redactor
from orchestra.templating.environment import (
    ConditionEnvironment,
    Environment,
    ScopeContext,
    ValueEnvironment,
    make_context,
)
from orchestra.templating.faults import located, type_name, undefined_error, untrusted
from orchestra.templating.finish import finish, finish_partly, text_of
from orchestra.templating.functions import FUNCTIONS
from orchestra.templating.lookups.registry import Lookups
from orchestra.templating.marker import MARKERS, Fault, Marker, Tripped, place
from orchestra.templating.registry import make_tables
from orchestra.templating.resolved import Resolved, Watchful, tell
from orchestra.templating.templates import Compiled, compile_condition, compile_template

HEADER = "#jinja2:"
#: ansible-core's words, which people look for.
SURROUNDED = "Conditionals should not be surrounded by templating delimiters such as {{ }} or {% %}."
_EMPTY = "Empty conditional expressions are not allowed."
_NO_BOOLEAN = "Conditional result ({}) was derived from value of type '{}'. Conditionals must have a boolean result."
_ALLOW = "allow_broken_conditionals = true reads it as before 2.19"


@record
class Options:
    """What the settings say about templates."""

    allow_broken_conditionals: bool = False
    allow_embedded_templates: bool = True
    #: What happens to host text that looks like a template: ignore, warning, fail.
    untrusted: str = "ignore"
    extensions: tuple[str, ...] = ()
    managed: str = "Ansible managed"


class Core:
    """Compiles and evaluates; one for each run."""

    def __init__(self, options: Options, redactor: Redactor, plugins: Any) -> None:
        self.options = options
        self.redactor = redactor
        self.lookups = Lookups(plugins.lookups)
        self.filters, self.tests = make_tables(plugins.filters, plugins.tests, redactor, plugins.provided)
        kit: Mapping[str, Any] = {
            "filters": self.filters,
            "tests": self.tests,
            "functions": FUNCTIONS,
            "redactor": redactor,
            "extensions": options.extensions,
            "embeds": options.allow_embedded_templates,
        }
        self.values: Environment = ValueEnvironment(**kit)
        self.conditions: Environment = ConditionEnvironment(**kit)
        self.files: Environment = Environment(**kit)
        #: Whether what templates use is looked at, for what has to be told of it.
        self.watching = options.untrusted != "ignore"
        self._compiled: dict[str, Compiled] = {}
        self._judged: dict[str, Compiled] = {}
        self._quoted: dict[str, Origin | None] = {}
        self._file_environments: dict[object, Environment] = {}
        self.compiled_files: dict[object, Compiled] = {}

    def resolved(self, scope: Any) -> Resolved:
        """The values of a scope's variables."""
        kind = Watchful if self.watching else Resolved
        return kind(scope, self.values.globals)

    def context(self, scope: Any) -> ScopeContext:
        """The context that templates without state share in a scope."""
        context = make_context(self.values, None, {}, scope.values, scope)
        context.resolve_or_missing = scope.values.__getitem__  # type: ignore[method-assign]
        return context

    def render(self, scope: Any, text: TemplateText) -> Any:
        """Final, plain value of ``text``. Raises TemplateError."""
        return self.finish(scope, self.evaluate(scope, text), text)

    def render_partly(self, scope: Any, text: TemplateText, stand_in: Callable[[OrchestraError], Any]) -> Any:
        """As ``render``, with what ``stand_in`` makes of its error in place of each undefined part."""

        def replaced(marker: Marker) -> Any:
            return stand_in(self.undefined(scope, place(marker, text, text.origin)))

        try:
            return finish_partly(self.evaluate(scope, text), replaced)
        except OrchestraError as error:
            raise located(error, text, text.origin) from None

    def evaluate(self, scope: Any, text: TemplateText) -> Any:
        """What ``text`` computes: perhaps a marker, perhaps lazy. Raises TemplateError."""
        compiled = self._compiled.get(text)
        if compiled is None:
            compiled = self._compiled[str(text)] = self._compile(text)
        return self.run(compiled, scope, text, text.origin, "template")

    def examine(self, text: TemplateText) -> None:
        """See whether ``text`` compiles. Raises TemplateError, located."""
        if text not in self._compiled:
            self._compiled[str(text)] = self._compile(text)

    def examine_condition(self, condition: str, origin: Origin | None) -> None:
        """See whether a condition compiles. Raises TemplateError, located."""
        text = condition.strip()
        if is_all_template(text):
            self.examine(TemplateText(text, origin))
        elif text and condition not in self._judged and not isinstance(condition, UnsafeText):
            self._judged[str(condition)] = self._compile_condition(text, origin)

    def run(self, compiled: Compiled, scope: Any, text: str, origin: Origin | None, kind: str = "") -> Any:
        """What a compiled ``text``, a ``kind`` that errors name, computes. Raises TemplateError, located."""
        try:
            result = compiled(scope)
        except Tripped as trip:
            return place(trip.marker, text, origin)
        except Exception as error:
            raise located(error, text, origin, rendering=bool(kind), kind=kind) from _cause(error)
        if self.watching:
            tell(scope, origin)
        if type(result) in MARKERS:
            place(result, text, origin)
        return result

    def _compile(self, text: TemplateText) -> Compiled:
        if text.startswith(HEADER):
            return self._compile_with_header(text)
        try:
            compiled = compile_template(self.values, str(text))
        except Exception as error:
            raise located(self.explained(error), text, text.origin) from _cause(error)
        self._note_quoted(self.values, text.origin)
        newlines = len(text) - len(text.rstrip("\n"))
        return with_newlines(compiled, newlines, "\n") if newlines else compiled

    def _compile_with_header(self, text: TemplateText) -> Compiled:
        from orchestra.templating.files import FileOptions, split_header

        origin = text.origin
        body, options = split_header(str(text), origin.file if origin else "", FileOptions())
        environment = self.values.overlay(**_changed(options))
        compiled = self.compile(environment, body, None, 0)
        newlines = len(body) - len(body.rstrip("\n"))
        return with_newlines(compiled, newlines, options.newline_sequence) if newlines else compiled

    def compile(self, environment: Environment, text: str, path: str | None, skipped: int) -> Compiled:
        """Compile a file's text (``skipped`` lines of the file stand before it). Raises TemplateError, located."""
        try:
            return compile_template(environment, text, path)
        except Exception as error:
            problem = located(self.explained(error), text, Origin(path, 1, 1) if path else None)
            if skipped and problem.origin:
                problem.origin = replace(problem.origin, line=problem.origin.line + skipped)
            raise problem from _cause(error)

    def file_environment(self, options: Any, folders: tuple[str, ...], read: Any) -> Environment:
        """The environment for files with these options and search paths; made once."""
        from orchestra.templating.files import FileLoader

        key = (options, folders)
        environment = self._file_environments.get(key)
        if environment is None:
            environment = self.files.overlay(loader=FileLoader(folders, read), **_changed(options))
            assert isinstance(environment, Environment)
            self._file_environments[key] = environment
        return environment

    def explained(self, error: Exception) -> Exception:
        """A syntax error about an unknown filter or test, with the names that come near."""
        return self.filters.explained(self.tests.explained(error))

    def variable(self, scope: Any, name: str) -> Any:
        """One variable's final value. Raises TemplateError."""
        return self.finish(scope, scope.values[name], "")

    def finish(self, scope: Any, value: Any, text: str) -> Any:
        """Plain data for what a template computed. Raises TemplateError."""
        try:
            finished = finish(value)
            if self.watching:
                tell(scope, origin_of(text))
            return finished
        except Tripped as trip:
            raise self.undefined(scope, place(trip.marker, text, origin_of(text))) from None
        except OrchestraError as error:
            raise located(error, text, origin_of(text)) from None

    def undefined(self, scope: Any, marker: Marker) -> OrchestraError:
        """The error that a marker stands for."""
        if isinstance(marker, Fault):
            return marker._marker_error
        return undefined_error(marker, scope.names())

    def text(self, scope: Any, value: Any) -> str:
        """Text for a value; raises for markers."""
        try:
            return text_of(value)
        except Tripped as trip:
            raise self.undefined(scope, trip.marker) from None

    # -- Lookups

    def lookup(self, scope: Any, name: str, terms: list[Any], options: dict[str, Any]) -> Any:
        """Run a lookup as templates do; may return a marker. Raises TemplateError."""
        return self.lookups.call(scope, name, terms, options)

    def loop_lookup(self, scope: Any, name: str, terms: Any, options: dict[str, Any]) -> Any:
        """Run a lookup as ``with_<name>`` does. Raises TemplateError."""
        origin = origin_of(terms)
        try:
            return finish(self.lookups.call_for_loop(scope, name, terms, options))
        except Tripped as trip:
            raise self.undefined(scope, place(trip.marker, str(terms), origin)) from None
        except OrchestraError as error:
            raise located(error, str(terms), origin) from None

    # -- Conditions

    def condition(self, scope: Any, condition: Any, origin: Origin | None) -> bool:
        """Judge a condition of the project's text. Raises TemplateError."""
        origin = origin_of(condition) or origin
        return self._verdict(self._judge(scope, condition, origin), condition, scope, origin)

    def _judge(self, scope: Any, condition: Any, origin: Origin | None) -> Any:
        if not isinstance(condition, str):
            return scope.render(condition)
        if isinstance(condition, UnsafeText):
            raise untrusted(origin, "what is !unsafe is never evaluated")
        compiled = self._judged.get(condition)
        if compiled is None:
            text = condition.strip()
            if not text:
                return None
            if is_all_template(text):
                template = TemplateText(text, origin)
                return self._judge_value(scope, self.render(scope, template), origin)
            compiled = self._judged[str(condition)] = self._compile_condition(text, origin)
        value = self.run(compiled, scope, condition, origin, "expression")
        if value is True or value is False:
            return value
        return self.finish(scope, value, TemplateText(condition, origin))

    def judge_rendered(self, scope: Any, value: Any, text: TemplateText) -> bool:
        """As ``condition``, for the value of the template that is all of a condition. Raises TemplateError."""
        return self._verdict(self._judge_value(scope, value, text.origin), text, scope, text.origin)

    def _judge_value(self, scope: Any, value: Any, origin: Origin | None) -> Any:
        if not isinstance(value, str):
            scope.lookups.deprecate(SURROUNDED, origin)
            return value
        if not value.strip():
            return self._verdict(None, None, scope, origin)
        if type(value) is not ProjectText:
            raise untrusted(origin)
        return self._judge(scope, value, origin)

    def _compile_condition(self, text: str, origin: Origin | None) -> Compiled:
        try:
            compiled = compile_condition(self.conditions, text)
        except Exception as error:
            problem = located(self.explained(error), text, origin, kind="expression")
            if "{{" in text or "{%" in text:
                problem.hint = "a condition is an expression: name variables without {{ }}"
            raise problem from _cause(error)
        self._note_quoted(self.conditions, origin)
        return compiled

    def _note_quoted(self, environment: Environment, origin: Origin | None) -> None:
        """Remember where quoted texts with templates in them stand, for the warning when one is rendered."""
        for text in environment.quoted:
            self._quoted.setdefault(text, origin)
        environment.quoted.clear()

    def place_of_quoted(self, text: str) -> Origin | None:
        """Where a template stands that is quoted inside another one, or inside a condition."""
        return self._quoted.get(text)

    def _verdict(self, value: Any, condition: Any, scope: Any, origin: Origin | None) -> bool:
        if value is True or value is False:
            return value
        empty = condition is None or not str(condition).strip()
        message = _EMPTY if empty else _NO_BOOLEAN.format(bool(value), type_name(value))
        if self.options.allow_broken_conditionals:
            scope.lookups.deprecate(message, origin)
            return empty or bool(value)
        hint = f"{_boolean_hint(value, str(condition), empty)}; {_ALLOW}"
        raise TemplateError(message, origin=origin, hint=hint)


def _boolean_hint(value: Any, condition: str, empty: bool) -> str:
    if empty:
        return "write true, or leave it out"
    if is_all_template(condition.strip()):
        condition = condition.strip()[2:-2].strip()
    if isinstance(value, str):
        return f"compare it ({condition} == '...'), or convert it: {condition} | bool"
    if isinstance(value, (list, dict)):
        return f"ask for its length: {condition} | length > 0"
    return f"compare it, or convert it: {condition} | bool"


def is_all_template(text: str) -> bool:
    """Whether a condition is one template rather than an expression."""
    return text.startswith(("{{", "{%", "{#")) and text.endswith(("}}", "%}", "#}"))


def _cause(error: Exception) -> BaseException | None:
    return None if isinstance(error, OrchestraError) else error


def _changed(options: Any) -> dict[str, Any]:
    """Options of a file as Environment.overlay takes them."""
    return {field.name: getattr(options, field.name) for field in fields(options)}


def with_newlines(compiled: Compiled, count: int, newline: str) -> Compiled:
    """Give text back the line ends that Jinja drops from a template's end."""

    def render(scope: Any) -> Any:
        value = compiled(scope)
        if isinstance(value, str):
            lacking = count - (len(value) - len(value.rstrip("\n")))
            if lacking > 0:
                return type(value)(value + newline * lacking)
        return value

    return render

"""A compiled template, ready to be rendered over any scope. Compiling happens once for each text in a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from jinja2 import nodes
from jinja2.parser import Parser
from jinja2.utils import missing

from orchestra.templating.compiler import is_mutating, is_single, is_stateful, lone_name, plain_parts
from orchestra.templating.environment import Environment, ScopeTemplate, make_context
from orchestra.templating.resolved import Private

#: Renders over a scope; the result may be lazy, a marker, anything but final.
Compiled = Callable[[Any], Any]


def compile_template(environment: Environment, text: str, name: str | None = None) -> Compiled:
    """Compile ``text``; ``name`` is its file's path. Raises jinja2.TemplateSyntaxError."""
    tree = environment.parse(text, name, name)
    variable = lone_name(tree)
    if variable is not None:
        return _lone_variable(variable, environment)
    parts = plain_parts(tree)
    if parts is not None:
        return _joined(parts, environment)
    flags = is_stateful(tree), is_mutating(tree), is_single(tree)
    code = environment.compile(tree, name, name)
    template = environment.template_class.from_code(environment, code, environment.make_globals(None))
    assert isinstance(template, ScopeTemplate)
    return _runner(template, *flags)


def compile_condition(environment: Environment, text: str) -> Compiled:
    """Compile an expression without delimiters. Raises jinja2.TemplateSyntaxError."""
    parser = Parser(environment, text, state="variable")
    expression = parser.parse_expression()
    if not parser.stream.eos:
        parser.fail("chunk after expression", parser.stream.current.lineno)
    tree = nodes.Template([nodes.Output([expression], lineno=1)], lineno=1)
    tree.set_environment(environment)
    mutating = is_mutating(tree)
    template = environment.template_class.from_code(environment, environment.compile(tree), {})
    assert isinstance(template, ScopeTemplate)
    return _runner(template, stateful=False, mutating=mutating, single=True)


def _lone_variable(name: str, environment: Environment) -> Compiled:
    def render(scope: Any) -> Any:
        value = scope.values[name]
        return environment.undefined(name=name) if value is missing else value

    return render


def _joined(parts: list[tuple[str, str | None]], environment: Environment) -> Compiled:
    """Text with variables in it, as most options are: code for it would cost more than it saves on many hosts."""
    undefined, concat = environment.undefined, environment.concat

    def pieces(values: Any) -> Iterator[Any]:
        for text, name in parts:
            if name is None:
                yield text
            else:
                value = values[name]
                yield undefined(name=name) if value is missing else value

    def render(scope: Any) -> Any:
        return concat(pieces(scope.values))

    return render


def _runner(template: ScopeTemplate, stateful: bool, mutating: bool, single: bool) -> Compiled:
    root = template.root_render_func
    environment = template.environment
    concat = environment.concat

    def shared(scope: Any) -> Any:
        return concat(root(scope.context))

    def first(scope: Any) -> Any:
        return next(iter(root(scope.context)))

    def own(scope: Any) -> Any:
        parent = Private(scope.values) if mutating else scope.values
        return concat(root(make_context(environment, template.name, template.blocks, parent, scope)))

    if stateful or mutating:
        return own
    return first if single else shared

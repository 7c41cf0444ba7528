"""The Jinja environments that project text is rendered in: native types, sandboxed, strict about what is undefined.

Three of a kind: for values in YAML (backslashes taken as they are), for conditions (templates quoted inside are
rendered at once), for files (own delimiters and includes; see files.py). Compiled code asks the environment for
attributes, items, calls and operators; which variables there are is the context's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from jinja2.environment import Environment as JinjaEnvironment
from jinja2.environment import Template, TemplateModule
from jinja2.lexer import Lexer
from jinja2.runtime import Context, Macro
from jinja2.sandbox import SandboxedEnvironment
from jinja2.utils import missing

from orchestra.model.secret import Redactor, Secret
from orchestra.templating.compiler import CodeGenerator, PythonLexer, VerbatimLexer
from orchestra.templating.finish import Embedded, join_text, joined_text
from orchestra.templating.guard import first_marker, settled
from orchestra.templating.marker import MARKERS, Marker, Tripped
from orchestra.templating.omit import OMIT, Omit
from orchestra.templating.secrets import arguments, keep_secret

_DICT_ATTRIBUTES = frozenset(dir(dict))
_BITWISE = frozenset(("__and__", "__or__", "__xor__", "__lshift__", "__rshift__"))


class ScopeContext(Context):
    """What one template sees: names it set itself, then the scope's variables, then globals.

    ``scope`` is the scope of the run that renders; a module imported without context has one too, for its lookups,
    but sees no variables of it.
    """

    scope: Any

    def resolve_or_missing(self, key: str) -> Any:
        """A name's value, or Jinja's sentinel for none."""
        if key in self.vars:
            return self.vars[key]
        return self.parent[key]

    def __contains__(self, name: str) -> bool:
        return name in self.vars or self.parent[name] is not missing

    def get_all(self) -> Any:
        """What a template that this one brings in starts from."""
        return Handed(self, dict(self.vars))

    def derived(self, locals: dict[str, Any] | None = None) -> ScopeContext:
        """A context for a part of the same template, with names of loops and blocks."""
        handed: Handed = self.get_all()
        handed.names.update({key: value for key, value in (locals or {}).items() if value is not missing})
        context = handed.context(self.environment, self.name, {})
        context.eval_ctx = self.eval_ctx
        context.blocks.update({key: list(value) for key, value in self.blocks.items()})
        return context


class Handed:
    """A context on its way into an included or imported template."""

    __slots__ = ("names", "source")

    def __init__(self, source: ScopeContext, names: dict[str, Any]) -> None:
        self.source = source
        self.names = names

    def context(self, environment: JinjaEnvironment, name: str | None, blocks: Mapping[str, Any]) -> ScopeContext:
        """The context to render in; names that were set outside are variables inside."""
        parent = Names(self.names, self.source.parent) if self.names else self.source.parent
        return make_context(environment, name, blocks, parent, self.source.scope)


class Names(dict[str, Any]):
    """Names set by a template on top of what is below; as the scope's cache, it has an answer for every name."""

    __slots__ = ("below",)

    def __init__(self, names: Mapping[str, Any], below: Any) -> None:
        super().__init__(names)
        self.below = below

    def __missing__(self, key: str) -> Any:
        return self.below[key]


def make_context(
    environment: JinjaEnvironment, name: str | None, blocks: Mapping[str, Any], parent: Any, scope: Any
) -> ScopeContext:
    """A context over ``parent``, which answers every name with a value or Jinja's ``missing``."""
    context = ScopeContext(environment, parent, name, dict(blocks))
    context.scope = scope
    return context


class ScopeTemplate(Template):
    """A compiled template whose contexts carry the scope along."""

    def new_context(self, vars: Any = None, shared: bool = False, locals: Any = None) -> ScopeContext:
        """The context for an include, or for an import with context."""
        assert isinstance(vars, Handed)
        names = {key: value for key, value in (locals or {}).items() if value is not missing}
        return Handed(vars.source, {**vars.names, **names}).context(self.environment, self.name, self.blocks)

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        # Imported without context: sees globals only. Never kept, because the scope changes with each host and task.
        assert isinstance(ctx, ScopeContext)
        assert isinstance(self.environment, Environment)
        parent = Names(self.environment.globals, _Nothing())
        return TemplateModule(self, make_context(self.environment, self.name, self.blocks, parent, ctx.scope))


class _Nothing:
    """Below the globals there is nothing."""

    def __getitem__(self, key: str) -> Any:
        return missing


class Environment(SandboxedEnvironment):
    """Renders values; see the module's text."""

    code_generator_class = CodeGenerator
    template_class = ScopeTemplate
    context_class = ScopeContext
    intercepted_binops = frozenset(("+", "%", "*"))
    #: Quoted texts with template marks are rendered where they stand (conditions), or left to lookups (values).
    renders_embedded = False
    join_text = staticmethod(joined_text)
    lexer_class: type[Lexer] = PythonLexer

    def __init__(
        self,
        *,
        filters: Any,
        tests: Any,
        functions: Mapping[str, Any],
        redactor: Redactor,
        extensions: Sequence[str],
        embeds: bool = True,
    ) -> None:
        super().__init__(trim_blocks=True, undefined=Marker, autoescape=False, optimized=False, extensions=extensions)
        self.filters = filters
        self.tests = tests
        self.globals.update(functions, range=range, omit=OMIT)
        self.redactor = redactor
        self.embeds = embeds
        #: Quoted texts with template marks in them that the compiler has met, for whoever knows where.
        self.quoted: list[str] = []
        self._lexers: WeakKeyDictionary[Environment, Lexer] = WeakKeyDictionary()

    @property
    def lexer(self) -> Lexer:
        """The lexer for this environment's delimiters."""
        known = self._lexers.get(self)
        if known is None:
            known = self._lexers[self] = self.lexer_class(self)
        return known

    def join_path(self, template: str, parent: str) -> str:
        """The path of a template that ``parent`` includes or imports."""
        loader = self.loader
        path_of = getattr(loader, "path_of", None)
        return template if path_of is None else str(path_of(template, parent))

    def embedded(self, text: str, context: ScopeContext) -> Any:
        """A quoted text with template marks in it; plain text where the settings say so."""
        if not self.embeds:
            return text
        return context.scope.render_embedded(text) if self.renders_embedded else Embedded(text)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """As Jinja's sandbox; integers keep their bit operations, for which there are no filters."""
        if attr in _BITWISE and isinstance(obj, int):
            return True
        return super().is_safe_attribute(obj, attr, value)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """``obj.attribute``: a safe attribute, else an item of that name."""
        if isinstance(obj, dict) and attribute not in _DICT_ATTRIBUTES:
            try:
                return obj[attribute]
            except KeyError:
                return self.undefined(obj=obj, name=attribute)
        return self._general_attribute(obj, attribute)

    def _general_attribute(self, obj: Any, attribute: str) -> Any:
        safe = True
        try:
            value = getattr(obj, attribute)
        except AttributeError:
            pass
        else:
            wrapped = self.wrap_str_format(value)
            if wrapped is not None:
                return wrapped
            safe = self.is_safe_attribute(obj, attribute, value)
            if safe:
                return value
        try:
            return obj[attribute]
        except (TypeError, LookupError):
            pass
        if safe:
            return self.undefined(obj=obj, name=attribute)
        return self.undefined(f"access to attribute '{attribute}' of '{type(obj).__name__}' object is unsafe")

    def getitem(self, obj: Any, argument: Any) -> Any:
        """``obj[argument]``: an item, else a safe attribute of that name."""
        if type(argument) is Marker:
            return argument
        try:
            value = obj[argument]
        except (TypeError, LookupError, AttributeError):
            if isinstance(argument, str) and not isinstance(obj, dict):
                return self._general_attribute(obj, argument)
            return self.undefined(obj=obj, name=argument)
        return Secret(value) if type(obj) is Secret else value

    def call(self, context: Context, obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Call a function, a macro or a method of a value."""
        try:
            if isinstance(obj, Macro) or hasattr(obj, "takes_markers"):
                return super().call(context, obj, *args, **kwargs)
            if not (MARKERS.isdisjoint(map(type, args)) and MARKERS.isdisjoint(map(type, kwargs.values()))):
                return first_marker((*args, *kwargs.values()))
            result = super().call(context, obj, *args, **kwargs)
        except Tripped as trip:
            return trip.marker
        if self.redactor.seen:
            owner = getattr(getattr(obj, "__wrapped__", obj), "__self__", None)
            result = keep_secret(result, arguments((owner, *args), kwargs), self.redactor)
        return result if type(result) is range else settled(result)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """``+``, ``*`` and ``%``, which make text from secrets secret."""
        result = self.binop_table[operator](left, right)
        if self.redactor.seen:
            return keep_secret(result, (left, right), self.redactor)
        return result

    @staticmethod
    def concat(nodes: Iterable[Any]) -> Any:
        """The value of a template: of one part, that part; of several, their text."""
        parts = [part for part in nodes if part is not None]
        kinds = set(map(type, parts))
        if TemplateModule in kinds:
            parts = _flatten(parts)
        if len(parts) == 1:
            return parts[0]
        if Omit in kinds:
            parts = [part for part in parts if part is not OMIT]
        return join_text(parts) if parts else None


class ValueEnvironment(Environment):
    """For texts in YAML."""

    lexer_class = VerbatimLexer


class ConditionEnvironment(Environment):
    """For conditions, which are expressions."""

    renders_embedded = True


def _flatten(parts: Iterable[Any]) -> list[Any]:
    """Parts with imported modules replaced by what they print."""
    flat: list[Any] = []
    for part in parts:
        if type(part) is TemplateModule:
            flat.extend(_flatten(part._body_stream))
        elif part is not None:
            flat.append(part)
    return flat

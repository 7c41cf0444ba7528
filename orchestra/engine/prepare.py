"""Renders everything that one execution of a task needs: options, flags, environment, the way to the host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from orchestra.engine.connections import is_true
from orchestra.engine.context import TaskContext
from orchestra.engine.keywordcheck import check_keywords
from orchestra.engine.layers import Layers
from orchestra.engine.magic import DELEGATED, ProvidedText
from orchestra.engine.remote import Remote
from orchestra.engine.words import value_of
from orchestra.errors import LanguageError, OptionError, OrchestraError, UndefinedVariable
from orchestra.language.arguments import FREE_FORM_MODULES, parse_text
from orchestra.language.tasks import short_name
from orchestra.model.origin import is_templated
from orchestra.model.play import Task
from orchestra.templating.omit import OMIT

if TYPE_CHECKING:
    from orchestra.engine.hoststate import HostState
    from orchestra.engine.services import Services
    from orchestra.engine.task import Work
    from orchestra.templating.scope import Scope


def prepare(work: Work, scope: Scope, label: str | None, loop_vars: Mapping[str, Any] | None) -> TaskContext:
    """The context of one execution.

    Raises:
        TemplateError, OptionError, LanguageError: something in the task is wrong for this host.
    """
    services, task, state = work.services, work.task, work.state
    check_keywords(services, task, scope)
    target = target_of(services, task, scope, state)
    way, variables = scope, scope.variables
    if task.delegate_to is not None:
        of_target = services.variables.view(target, work.play, task)
        shown = Layers(({"inventory_hostname": state.name}, of_target))  # the name stays that of the task's host
        scope = scope.child({"ansible_delegated_vars": {target.name: shown}})
        if target is not state:
            way, variables = services.templar.scope(shown, work.lookups), shown
            way = way.child(loop_vars) if loop_vars else way
            scope = scope.child(_way_seen(way, scope))
    args, free_form = _arguments(services, task, scope)
    route = services.routes.find(way, variables, task, work.play, target)
    return TaskContext(
        task=task,
        info=work.info,
        state=state,
        args=args,
        free_form=free_form,
        scope=scope,
        check=_flag(task.check_mode, scope, services.options.check),
        diff=_flag(task.diff, scope, services.options.diff),
        no_log=work.info.no_log,
        environment=_environment(task, scope),
        become=route.become,
        timeout=_timeout(task, scope, services.settings.task_timeout),
        async_seconds=int(_seconds(task.async_seconds, scope, 0)),
        poll=int(_seconds(task.poll, scope, services.settings.poll_interval)),
        target=target.name,
        target_address=_address(way, target) if task.delegate_to is not None else "",
        remote=Remote(services.sessions, route),
        route=route,
        lookups=work.lookups,
        services=services,
        label=label,
        loop_vars=loop_vars,
    )


def _way_seen(way: Scope, scope: Scope) -> dict[str, Any]:
    """How the other host is reached, as far as the task's own host does not say it of itself."""
    own = scope.variables
    unsaid = [name for name in DELEGATED if name not in own or type(own[name]) is ProvidedText]
    return {name: way.get(name) for name in unsaid if name in way.variables}


def _address(way: Scope, target: HostState) -> str:
    """How a delegated task's host is reached, where that is not its name."""
    address = str(way.get("ansible_host") or "")
    return "" if address == target.name else address


def target_of(services: Services, task: Task, scope: Scope, state: HostState) -> HostState:
    """The host that a task runs on: its own, or the one that it is delegated to.

    Raises:
        TemplateError, LanguageError: there is nothing that names a host.
    """
    if task.delegate_to is None:
        return state
    name = value_of(scope, task.delegate_to)
    if name is None:
        return state
    if not name or not isinstance(name, str):
        raise LanguageError(
            f'Empty hostname produced from delegate_to: "{task.delegate_to}"' if not name
            else f"delegate_to must name a host, this is {name!r}",
            origin=task.key_origins.get("delegate_to", task.origin),
        )  # fmt: skip
    return services.state(name) or services.strange_host(name)


def _arguments(services: Services, task: Task, scope: Scope) -> tuple[Mapping[str, Any], Any]:
    args: Mapping[str, Any] = task.args
    if task.module_defaults:
        args = {**defaults_of(services, task, task.action, scope), **args}
    free = task.free_form
    if "_variable_params" in args:
        args, words = _open_variable(services, args, scope, task)
        free = words if words is not None else free
    rendered = _rendered(args, scope, task) if is_templated(args) or task.module_defaults else args
    if task.free_form is not None and task.action not in FREE_FORM_MODULES:
        _refuse_words(services, task)
    return rendered, scope.render(free) if is_templated(free) else free


def _takes_words(services: Services, task: Task) -> bool:
    plugins = services.plugins.actions
    brought = plugins.find(task.action)
    if brought is not None:
        return bool(plugins.load(brought).supports_raw_params)
    declaration = services.library.find(task.action)
    return declaration is not None and bool(declaration.free_form)


def _refuse_words(services: Services, task: Task) -> None:
    """Words that are no options, behind the name of a module that takes none."""
    if not _takes_words(services, task):
        names = sorted(services.library.names_of(task.action))
        full = next((name for name in names if name.count(".") >= 2), task.action)
        text = f"Action {full!r} does not support raw params."
        words = str(task.free_form).strip()
        if words.startswith("{{") and words.endswith("}}"):
            text = _no_mapping(task, "str")
        raise OptionError(text, origin=task.key_origins.get(task.action, task.origin))


#: Options that their action evaluates itself, from the project's own text.
_JUDGED_LATER = frozenset((("assert", "that"),))


def _rendered(args: Mapping[str, Any], scope: Scope, task: Task) -> dict[Any, Any]:
    """The options rendered; what fails knows in which of them, in ansible-core's words."""
    rendered = {}
    for name, value in args.items():
        try:
            made = value if (short_name(task.action), name) in _JUDGED_LATER else scope.render(value)
        except OrchestraError as error:
            action = task.action if "." in task.action else f"ansible.builtin.{task.action}"
            error.during = (
                f"Finalization of task args for '{action}' failed: Error while resolving value for '{name}': "
            )
            raise
        if made is not OMIT:
            rendered[scope.render(name)] = made
    return rendered


def _no_mapping(task: Task, kind: str) -> str:
    return f"Finalization of task args for {task.action!r} failed: Task args must resolve to a 'dict' not {kind!r}."


def _open_variable(
    services: Services, args: Mapping[str, Any], scope: Scope, task: Task
) -> tuple[Mapping[str, Any], Any]:
    """The options with those that templates stand for, and such a template's value that is words of the action."""
    rest = {name: value for name, value in args.items() if name != "_variable_params"}
    written = args["_variable_params"]
    opened: dict[Any, Any] = {}
    words = None
    for one in written if isinstance(written, list) else [written]:
        given = scope.render(one)
        if isinstance(given, Mapping):
            opened.update(given)
        elif given is not OMIT and _takes_words(services, task):
            words = given
        elif given is not OMIT:
            opened.update(_named_in(given, task))
    return {**opened, **rest}, words


def _named_in(given: Any, task: Task) -> Mapping[str, Any]:
    """The options of a text ``name=value``. Raises OptionError: it is something else."""
    found = parse_text(given, task.origin) if isinstance(given, str) else None
    if found is None or found.free_form is not None:
        raise OptionError(_no_mapping(task, type(given).__name__), origin=task.origin)
    return found.options


def defaults_of(services: Services, task: Task, action: str, scope: Scope) -> dict[str, Any]:
    """``module_defaults`` for a module: those of groups that it belongs to, over them those by its name.

    What an inner place says of a name replaces what an outer one said of it.
    """
    names = services.library.names_of(action)
    own: Mapping[str, Any] = {}
    groups: dict[str, Mapping[str, Any]] = {}
    for layer in task.module_defaults:
        for entry in layer if isinstance(layer, list) else [layer]:
            rendered = scope.render(entry) if isinstance(entry, str) else entry
            for name, options in (rendered or {}).items():
                if name in names:
                    own = options or {}
                elif str(name).startswith("group/") and services.library.in_group(names, name[len("group/") :]):
                    groups[name] = options or {}
    found = {name: value for options in groups.values() for name, value in options.items()}
    return {**found, **own}


def _flag(value: Any, scope: Scope, default: bool) -> bool:
    rendered = value_of(scope, value)
    return default if rendered is None else is_true(rendered)


def _seconds(value: Any, scope: Scope, default: float | None) -> float:
    rendered = value_of(scope, value)
    if rendered is None:
        return float(default or 0)
    try:
        return float(rendered)
    except (TypeError, ValueError):
        raise LanguageError(f"a number of seconds is expected, this is {rendered!r}") from None


#: The most that a task's ``timeout`` may be, in seconds; ansible-core's own bound.
_LONGEST = 100_000_000


def _timeout(task: Task, scope: Scope, default: float | None) -> float:
    seconds = _seconds(task.timeout, scope, default)
    if not 0 <= seconds <= _LONGEST:
        raise LanguageError(
            f"Timeout {seconds:.0f} is invalid, it must be between 0 and {_LONGEST}.",
            origin=task.key_origins.get("timeout", task.origin),
        )
    return seconds


_GATHERING = frozenset(prefix + name for prefix in ("", "ansible.builtin.") for name in ("gather_facts", "setup"))


def _environment_layer(task: Task, layer: Any, scope: Scope) -> Any:
    if not isinstance(layer, dict):
        return value_of(scope, layer)
    if task.action not in _GATHERING:
        return scope.render_args(layer)
    return {name: rendered for name, value in layer.items() if (rendered := _if_gathered(scope, value)) is not None}


def _if_gathered(scope: Scope, value: Any) -> Any:
    """A variable of fact gathering's own environment; None when it builds on the facts that are being gathered."""
    try:
        return value_of(scope, value)
    except UndefinedVariable as error:
        if "ansible_env" in error.message or "ansible_facts" in error.message:
            return None
        raise


def _environment(task: Task, scope: Scope) -> Mapping[str, str]:
    if not task.environment:
        return {}
    joined: dict[str, str] = {}
    for layer in task.environment:
        rendered = _environment_layer(task, layer, scope)
        if not rendered:
            continue
        if not isinstance(rendered, Mapping):
            written = [str(one) if isinstance(one, str) else one for one in task.environment]
            scope.lookups.warn(f"could not parse environment value, skipping: {written}")
            continue
        joined.update({str(name): str(value) for name, value in rendered.items() if value is not None})
    return joined

"""How to reach a host and as whom to act there, from variables, keywords, the command line and the configuration.

Stronger first, as in Ansible: connection variables, keywords of the task, flags, configuration.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from orchestra.engine.magic import ProvidedText
from orchestra.errors import OptionError
from orchestra.model.invocation import Become
from orchestra.model.origin import Origin, is_templated
from orchestra.model.play import Task
from orchestra.model.record import record
from orchestra.transport.arguments import parse_arguments
from orchestra.transport.endpoint import Endpoint

if TYPE_CHECKING:
    from orchestra.engine.hoststate import HostState
    from orchestra.engine.playstate import PlayState
    from orchestra.engine.services import Services
    from orchestra.templating.scope import Scope

_SSH_KINDS = ("ssh", "smart", "ansible.builtin.ssh")
_LOCAL_KINDS = ("local", "ansible.builtin.local")
#: What stands for no interpreter in particular.
_AUTO = ("", "auto", "auto_silent", "auto_legacy", "auto_legacy_silent")
_TRUE = frozenset(("true", "yes", "on", "1", "y", "t"))


@record
class Route:
    """Where a task runs and as whom; equal routes share a session."""

    endpoint: Endpoint
    become: Become | None
    #: Python on the host; empty: find one.
    interpreter: str


class _Reader:
    """First set of several variables, rendered."""

    def __init__(self, scope: Scope, variables: Mapping[str, Any]) -> None:
        self._scope = scope
        self._variables = variables

    def first(self, *names: str) -> Any:
        for name in names:
            if name in self._variables:
                value = self._scope.get(name)
                if value is not None and value != "" and type(value) is not ProvidedText:
                    return value
        return None


def is_true(value: Any) -> bool:
    """A rendered keyword as a truth value; texts as YAML 1.1 reads them."""
    if isinstance(value, str):
        return value.strip().lower() in _TRUE
    return bool(value)


_METHODS = ("sudo", "su", "doas", "pbrun", "runas", "machinectl", "ksu")
#: Every variable that decides about a route.
VARIABLES = (
    "ansible_connection", "ansible_python_interpreter", "ansible_host", "ansible_ssh_host", "ansible_port",
    "ansible_ssh_port", "ansible_user", "ansible_ssh_user", "ansible_password", "ansible_ssh_pass",
    "ansible_ssh_password", "ansible_private_key_file", "ansible_ssh_private_key_file", "ansible_ssh_args",
    "ansible_ssh_common_args", "ansible_ssh_extra_args", "ansible_timeout", "ansible_ssh_timeout",
    "ansible_ssh_private_key_passphrase", "ansible_private_key_passphrase", "ansible_host_key_checking",
    "ansible_ssh_host_key_checking", "ansible_become", "ansible_become_user", "ansible_become_method",
    "ansible_become_password", "ansible_become_pass", "ansible_become_flags", "ansible_become_exe",
    "ansible_sudo_chdir",
    *(f"ansible_{method}_{what}" for method in _METHODS for what in ("user", "pass", "flags", "exe")),
)  # fmt: skip

_DECIDING = frozenset(VARIABLES)


class Routes:
    """Routes of one run. Finding one costs some 50 look-ups, so it is kept as long as nothing can change it."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._kept: dict[tuple[Any, ...], Route] = {}
        self._fixed: dict[tuple[Any, ...], bool] = {}
        self._keywords: dict[int, tuple[Task, tuple[Any, ...] | None]] = {}

    def find(self, scope: Scope, variables: Mapping[str, Any], task: Task, play: PlayState, state: HostState) -> Route:
        """The way to ``state``'s host for a task. Raises TemplateError, OptionError."""
        key = self._key(task, play, state)
        route = self._kept.get(key) if key is not None else None
        if route is None:
            route = find_route(self._services, scope, variables, task, state)
            if key is not None:
                self._kept[key] = route
        return route

    def _key(self, task: Task, play: PlayState, state: HostState) -> tuple[Any, ...] | None:
        """What the route depends on, or None when it has to be found anew."""
        keywords = self._task_keywords(task)
        if keywords is None or not self._is_fixed(play, state):
            return None
        of_plugins = self._services.plugins.connections.deciding
        for layer in self._services.variables.changing_layers(state, task):
            if layer and not (_DECIDING.isdisjoint(layer) and of_plugins.isdisjoint(layer)):
                return None
        return (state.name, play.key, *keywords)

    def _task_keywords(self, task: Task) -> tuple[Any, ...] | None:
        known = self._keywords.get(id(task))
        if known is None:
            words = (task.connection, task.port, task.remote_user, task.become, task.become_user, task.become_method,
                     task.become_flags, task.become_exe)  # fmt: skip
            known = self._keywords[id(task)] = (task, None if any(map(is_templated, words)) else words)
        return known[1]

    def _is_fixed(self, play: PlayState, state: HostState) -> bool:
        """Whether none of the host's and the play's own variables about connections is a template."""
        of_plugins = self._services.plugins.connections.deciding
        key = (state.name, play.key, len(of_plugins))
        known = self._fixed.get(key)
        if known is None:
            view = self._services.variables.view(state, play)
            deciding = (name for name in view if name in _DECIDING or name in of_plugins)
            known = self._fixed[key] = not any(is_templated(view[name]) for name in deciding)
        return known

    def forget(self) -> None:
        """The inventory has changed."""
        self._kept.clear()
        self._fixed.clear()


def find_route(
    services: Services, scope: Scope, variables: Mapping[str, Any], task: Task | None, state: HostState
) -> Route:
    """The way to ``state``'s host for ``task``, whose variables ``scope`` renders."""
    reader = _Reader(scope, variables)
    kind = _kind(services, reader, scope, task, state)
    endpoint = _endpoint(services, reader, scope, task, state, kind)
    interpreter = str(reader.first("ansible_python_interpreter") or services.settings.interpreter_python or "")
    if services.plugins.connections.is_here(endpoint.plugin):
        interpreter = sys.executable
    elif interpreter in _AUTO:
        interpreter = sys.executable if kind in _LOCAL_KINDS and state.host.implicit else ""
    return Route(endpoint, _become(services, reader, scope, task), interpreter)


def _endpoint(
    services: Services, reader: _Reader, scope: Scope, task: Task | None, state: HostState, kind: str
) -> Endpoint:
    if kind in _LOCAL_KINDS:
        return _local(services, state)
    plugins = services.plugins.connections
    found = plugins.find(kind) if kind not in _SSH_KINDS else None
    if found is None:
        return _remote(services, reader, scope, task, state, kind)
    native = plugins.native_kind(found)
    if native == "local":
        return _local(services, state)
    endpoint = _remote(services, reader, scope, task, state, native or "ssh")
    if native:
        return endpoint
    variables = plugins.variables(found, reader.first)
    return replace(endpoint, kind=plugins.base_kind(found) or "plugin", plugin=found.name, variables=variables)


def _kind(services: Services, reader: _Reader, scope: Scope, task: Task | None, state: HostState) -> str:
    given = reader.first("ansible_connection")
    if given is None and task is not None:
        given = scope.render(task.connection)
    if given is None:
        given = "local" if state.host.implicit else services.options.connection or services.settings.transport
    return str(given)


def _local(services: Services, state: HostState) -> Endpoint:
    return Endpoint(name=state.name, address="localhost", kind="local")


def _remote(
    services: Services, reader: _Reader, scope: Scope, task: Task | None, state: HostState, kind: str
) -> Endpoint:
    options, settings = services.options, services.settings
    keyword = scope.render if task is not None else (lambda value: None)
    port = reader.first("ansible_port", "ansible_ssh_port") or keyword(task and task.port) or settings.remote_port
    user = reader.first("ansible_user", "ansible_ssh_user") or keyword(task and task.remote_user)
    checking = reader.first("ansible_host_key_checking", "ansible_ssh_host_key_checking")

    refused: list[OptionError] = []

    def arguments(name: str, fallback: str) -> str:
        given = reader.first(f"ansible_{name}")
        text = str(given or fallback or "")
        if text and kind in _SSH_KINDS:
            origin = services.variables.origin_of(state.name, f"ansible_{name}") if given else None
            refused.extend(filter(None, (_refusal(text, name, origin),)))
        return text

    return Endpoint(
        name=state.name,
        address=str(reader.first("ansible_host", "ansible_ssh_host") or state.name),
        port=_number(port, "ansible_port") or None,
        user=str(user or options.remote_user or settings.remote_user or ""),
        password=_text(
            reader.first("ansible_password", "ansible_ssh_pass", "ansible_ssh_password") or options.connection_password
        ),
        private_key_file=str(
            reader.first("ansible_private_key_file", "ansible_ssh_private_key_file")
            or options.private_key
            or settings.private_key_file
            or ""
        ),
        ssh_args=arguments("ssh_args", settings.ssh_args),
        common_args=arguments("ssh_common_args", options.ssh_common_args or settings.ssh_common_args),
        extra_args=arguments("ssh_extra_args", options.ssh_extra_args or settings.ssh_extra_args),
        timeout=float(reader.first("ansible_timeout", "ansible_ssh_timeout") or options.timeout or settings.timeout),
        passphrase=_text(reader.first("ansible_ssh_private_key_passphrase", "ansible_private_key_passphrase")),
        host_key_checking=settings.host_key_checking if checking is None else is_true(checking),
        kind="ssh" if kind in _SSH_KINDS else kind.rpartition(".")[2],
        refusal=next(iter(refused), None),
    )


def _refusal(text: str, name: str, origin: Origin | None) -> OptionError | None:
    """Why ssh would not take these words, looked at here, where it is known who gave them."""
    try:
        parse_arguments(text)
    except OptionError as error:
        hint = error.hint or f"ansible_{name} takes -o, -J, -F, -i, -A, -p, -l"
        return OptionError(error.message, origin=origin, hint=hint)
    return None


def _number(value: Any, name: str) -> int:
    if value in (None, ""):
        return 0
    try:
        return int(value)
    except (TypeError, ValueError):
        raise OptionError(f"{name} must be a number, this is {value!r}") from None


def _text(value: Any) -> str | None:
    return None if value is None else str.__str__(value) if isinstance(value, str) else str(value)


def _become(services: Services, reader: _Reader, scope: Scope, task: Task | None) -> Become | None:
    options, settings = services.options, services.settings
    wanted = reader.first("ansible_become")
    if wanted is None:
        wanted = scope.render(task.become) if task is not None else None
    if wanted is None:
        wanted = options.become or settings.become
    if not is_true(wanted):
        return None
    word = scope.render if task is not None else (lambda value: None)
    given = str(
        reader.first("ansible_become_method")
        or word(task and task.become_method)
        or options.become_method
        or settings.become_method
    )
    plugin = services.plugins.connections.find_become(given)
    method = plugin.name if plugin is not None else given.rpartition(".")[2]
    return Become(
        user=str(
            reader.first("ansible_become_user", f"ansible_{method}_user")
            or word(task and task.become_user)
            or options.become_user
            or settings.become_user
        ),
        method=method,
        flags=_text(
            reader.first("ansible_become_flags", f"ansible_{method}_flags")
            or word(task and task.become_flags)
            or (settings.become_flags if plugin is None else "")
            or None
        ),
        exe=_text(
            reader.first("ansible_become_exe", f"ansible_{method}_exe")
            or word(task and task.become_exe)
            or (settings.become_exe if plugin is None else "")
            or None
        ),
        password=_text(
            reader.first("ansible_become_password", "ansible_become_pass", f"ansible_{method}_pass")
            or options.become_password
        ),
        chdir=_text(reader.first("ansible_sudo_chdir")) if method == "sudo" else None,
    )

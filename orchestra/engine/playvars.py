"""A play's vars_prompt and vars_files."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from orchestra.engine.hoststate import HostState
from orchestra.engine.lookups import TaskLookups
from orchestra.engine.playstate import PlayState
from orchestra.errors import LanguageError, TemplateError, UndefinedVariable
from orchestra.language.yamlbuild import holds_template
from orchestra.model.event import Prompted, Warned
from orchestra.model.origin import LocatedDict, ProjectText, TemplateText, is_templated, origin_of
from orchestra.model.play import Play, Prompt
from orchestra.model.secret import Sealed, Secret

if TYPE_CHECKING:
    from orchestra.engine.services import Services
    from orchestra.templating.scope import Scope


def ask_prompts(services: Services, play: Play) -> Mapping[str, Any]:
    """Ask for what ``vars_prompt`` wants and the command line has not given."""
    answers: dict[str, Any] = {}
    for prompt in play.vars_prompt:
        if prompt.name in services.options.extra_vars:
            continue
        answers[prompt.name] = _ask(services, play, prompt)
    return answers


def _ask(services: Services, play: Play, prompt: Prompt) -> Any:
    scope = services.templar.scope(services.variables.of_play(play), TaskLookups(services, None, play.basedir))
    written = prompt.name if prompt.prompt is None else scope.render(prompt.prompt)
    text = str(written or f"input for {prompt.name}")
    default = scope.render(prompt.default)
    services.emit(_asked(prompt, str(written), default))
    shown = f"{text}: " if default is None or isinstance(default, (Secret, Sealed)) else f"{text} [{default}]: "
    while True:
        answer = services.terminal.ask(shown, prompt.private)
        if answer is None:
            services.emit(Warned("Not prompting as we are not in interactive mode", prompt.origin))
            break
        if not prompt.confirm or services.terminal.ask(f"confirm {shown}", prompt.private) == answer:
            break
        services.emit(Warned("***** VALUES ENTERED DO NOT MATCH ****", prompt.origin))
    by_default = not answer and default is not None
    value = default if by_default else answer
    if prompt.encrypt and value is not None:
        value = _encrypted(scope, prompt, str(value))
    if isinstance(value, (Secret, Sealed)):
        return value
    if prompt.private and answer:
        return services.redactor.add(str(value))
    if by_default and isinstance(value, str) and not prompt.unsafe:
        return value  # the play's own text has been rendered; what a lookup brought into it is data
    return str(value) if by_default else _typed(str(value), prompt)


def _typed(answer: str, prompt: Prompt) -> str:
    """Whoever sits at the terminal is the user, and may write templates where the play does not say ``unsafe``."""
    if prompt.unsafe:
        return answer
    return TemplateText(answer, prompt.origin) if holds_template(answer) else ProjectText(answer)


def _asked(prompt: Prompt, text: str, default: Any) -> Prompted:
    given = {name: getattr(prompt, name) for name in ("private", "confirm", "encrypt", "salt", "salt_size", "unsafe")}
    hidden = isinstance(default, (Secret, Sealed)) or prompt.encrypt  # what is to be encrypted is a password
    return Prompted(prompt.name, text, default=None if hidden else default, **given)


def _encrypted(scope: Scope, prompt: Prompt, clear: str) -> Any:
    options = {"clear": clear, "kind": prompt.encrypt, "salt": prompt.salt or "", "size": prompt.salt_size}
    hashed = TemplateText("{{ clear | password_hash(kind, salt or none, size) }}", prompt.origin)
    return scope.child(options).render(hashed)


def read_vars_files(services: Services, state: PlayState) -> None:
    """Read the play's vars_files; those whose names differ between hosts for each host of the play."""
    shared: list[Mapping[str, Any]] = []
    for entry in state.play.vars_files:
        layer = None if _differs(entry) else _read_entry(services, state, entry, None)
        if layer is not None:
            shared.append(layer)
            continue
        if not _differs(entry):
            continue
        for host in state.hosts:
            own = _read_entry(services, state, entry, host)
            if own is not None:
                state.host_file_layers[host.name] = (*state.host_file_layers.get(host.name, ()), own)
    state.file_layers = tuple(shared)
    state.forget_variables()


def _differs(entry: Any) -> bool:
    return is_templated(entry)


def _read_entry(services: Services, state: PlayState, entry: Any, host: HostState | None) -> Mapping[str, Any] | None:
    names = entry if isinstance(entry, list) else [entry]
    looked: list[str] = []
    for name in names:
        try:
            path = _render_name(services, state, name, host)
        except UndefinedVariable:
            if host is not None and not host.gathered:
                return None
            raise
        looked.append(path)
        if os.path.exists(path):
            return _load(services, path, state)
    text = f"vars file {' or '.join(map(str, names))} was not found; looked for {', '.join(looked)}"
    services.warn(text, state.play.key_origins.get("vars_files", state.play.origin))
    return {}


def _render_name(services: Services, state: PlayState, name: Any, host: HostState | None) -> str:
    variables = services.variables.of_play(state.play) if host is None else services.variables.view(host, state)
    lookups = TaskLookups(services, None, state.play.basedir)
    text = services.templar.scope(variables, lookups).render(name)
    if not isinstance(text, str):
        raise TemplateError(f"the name of a vars file must be a text, this is {text!r}")
    return lookups.search("vars", text) or os.path.join(state.play.basedir, os.path.expanduser(text))


def _load(services: Services, path: str, state: PlayState) -> Mapping[str, Any]:
    content = services.read_yaml(path)
    if content is None:
        return {}
    if isinstance(content, list) and all(isinstance(part, LocatedDict) for part in content):
        return _joined(content)
    if not isinstance(content, dict):
        raise LanguageError(f"{path} must hold a mapping of variables", origin=state.play.origin)
    return content


def _joined(parts: Sequence[LocatedDict]) -> LocatedDict:
    """A file may hold a list of mappings; later ones win."""
    joined = LocatedDict({name: value for part in parts for name, value in part.items()}, origin=origin_of(parts))
    joined.key_origins = {name: place for part in parts for name, place in part.key_origins.items()}
    joined.value_origins = {name: place for part in parts for name, place in part.value_origins.items()}
    return joined

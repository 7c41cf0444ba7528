"""Keywords of a task that are templates or texts: each must give what its kind is, whether or not anybody asks for it.

What is neither was held against its kind when the playbook was read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from orchestra.engine.words import value_of
from orchestra.errors import LanguageError, TemplateError
from orchestra.model.origin import is_templated
from orchestra.model.play import Task

if TYPE_CHECKING:
    from orchestra.engine.services import Services
    from orchestra.templating.scope import Scope

_BOOLEAN_WORDS = frozenset(("y", "yes", "on", "1", "true", "t", "n", "no", "off", "0", "false", "f"))
#: Keyword -> its kind, as ansible-core's errors call it. ``delegate_to`` and conditions are looked at elsewhere.
_KINDS = {
    **dict.fromkeys(("any_errors_fatal", "become", "check_mode", "delegate_facts", "diff", "ignore_errors",
                     "ignore_unreachable", "no_log", "run_once"), "bool"),
    **dict.fromkeys(("async", "poll", "port", "retries", "throttle", "timeout"), "int"),
    **dict.fromkeys(("become_exe", "become_flags", "become_method", "become_user", "connection", "debugger",
                     "remote_user"), "string"),
    "delay": "float", "notify": "list",
}  # fmt: skip
_FIELDS = {"async": "async_seconds"}
#: What ansible-core's errors call a keyword that has another name inside.
_CALLED = {"async": "async_val"}


def check_keywords(services: Services, task: Task, scope: Scope) -> None:
    """Render each keyword that is a template, and judge it; judge each text that must be something else.

    Raises:
        LanguageError: one gives nothing that its kind could be; located.
        TemplateError: one cannot be rendered.
    """
    found = services.templated_keywords.get(id(task))
    if found is None:
        names = tuple(name for name in _KINDS if is_templated(_of(task, name)) or _is_wrong(task, name))
        found = services.templated_keywords[id(task)] = (task, names)
    for name in found[1]:
        _check(task, name, scope)


def wrong_texts(task: Task) -> Iterator[LanguageError]:
    """What is wrong with the task's keywords on whatever host."""
    return (_misfit(task, name, _of(task, name)) for name in _KINDS if _is_wrong(task, name))


def _is_wrong(task: Task, name: str) -> bool:
    value = _of(task, name)
    return isinstance(value, str) and not is_templated(value) and not _fits(value, _KINDS[name])


def _of(task: Task, name: str) -> Any:
    return getattr(task, _FIELDS.get(name, name))


def _check(task: Task, name: str, scope: Scope) -> None:
    try:
        value = value_of(scope, _of(task, name))
    except TemplateError as error:
        text = f"Error processing keyword {name!r}: {error.message}"
        raise type(error)(text, origin=error.origin, hint=error.hint) from None
    if value is not None and not _fits(value, _KINDS[name]):
        raise _misfit(task, name, value)


def _misfit(task: Task, name: str, value: Any) -> LanguageError:
    called = _CALLED.get(name, name)
    text = f"Error processing keyword {called!r}: The value {value!r} could not be converted to {_KINDS[name]!r}."
    return LanguageError(text, origin=task.key_origins.get(name, task.origin))


def _fits(value: Any, kind: str) -> bool:
    if kind == "bool":
        return value in (0, 1) or (isinstance(value, str) and value.strip().lower() in _BOOLEAN_WORDS)
    if kind == "string":
        return not isinstance(value, (dict, list))
    if kind == "list":
        return not isinstance(value, dict)
    try:
        float(value) if kind == "float" else int(value)
    except (TypeError, ValueError):
        return False
    return True

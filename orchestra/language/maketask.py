"""One task's fields from its keywords and what it inherits, its loop among them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestra.errors import LanguageError
from orchestra.language.arguments import Arguments
from orchestra.language.keywordreader import key_origin, value_origin
from orchestra.language.keywords import KINDS
from orchestra.language.reserved import is_variable_name, name_fault
from orchestra.language.scope import Scope, as_tuple
from orchestra.model.origin import Origin
from orchestra.model.play import Loop, LoopControl, Task

#: Keywords of a task whose field has the same name.
_OWN_FIELDS = ("register", "retries", "delay", "poll")
_RENAMED = {"async": "async_seconds"}
_CONDITION_LISTS = ("until", "changed_when", "failed_when")
_INNERMOST = (
    "any_errors_fatal", "become", "become_exe", "become_flags", "become_method", "become_user", "check_mode",
    "connection", "debugger", "delegate_facts", "delegate_to", "diff", "ignore_errors", "ignore_unreachable",
    "no_log", "port", "remote_user", "run_once", "throttle", "timeout",
)  # fmt: skip
_JOINED = ("when", "tags", "environment", "module_defaults", "notify", "collections")
_LOOP_CONTROL = ("loop_var", "index_var", "label", "pause", "extended", "extended_allitems", "break_when")


def make_task(
    action: str,
    arguments: Arguments,
    keywords: Mapping[str, Any],
    scope: Scope,
    item: Mapping[Any, Any],
    origin: Origin,
) -> Task:
    """The task that ``item`` writes.

    Raises:
        LanguageError: its loop, register or loop_control is wrong.
    """
    fields = inherited(scope)
    fields.update({name: keywords.get(name) for name in _OWN_FIELDS})
    if isinstance(fields["register"], str):
        fields["register"] = str(fields["register"])  # as the name of a variable no more than text
    fields.update({field: keywords.get(name) for name, field in _RENAMED.items()})
    for name in _CONDITION_LISTS:
        if name in keywords:
            fields[name] = as_tuple(name, keywords[name])
    _check_register(keywords.get("register"), item)
    _check_options(action, arguments.options, origin)
    return Task(
        name=keywords.get("name"),
        action=action,
        args=arguments.options,
        free_form=arguments.free_form,
        origin=origin,
        loop=_read_loop(keywords, item),
        loop_control=_read_loop_control(keywords.get("loop_control")),
        listen=as_tuple("listen", keywords.get("listen")),
        var_layers=scope.var_layers,
        param_layers=scope.param_layers,
        own_vars=keywords.get("vars") or {},
        role=scope.role,
        handler=scope.handler,
        key_origins=getattr(item, "key_origins", {}),
        **fields,
    )


def inherited(scope: Scope) -> dict[str, Any]:
    """The fields of a task that come from around it."""
    fields: dict[str, Any] = {name: scope.single.get(name) for name in _INNERMOST}
    fields.update({name: scope.lists.get(name, ()) for name in _JOINED})
    return fields


def _check_register(name: Any, item: Mapping[Any, Any]) -> None:
    if name is not None and not is_variable_name(name):
        raise LanguageError(
            f"Invalid 'register' specified: {name_fault(name)}",
            origin=value_origin(item, "register"),
            hint="a name starts with a letter or underscore, and has only letters, digits and underscores",
        )


def _check_options(action: str, options: Mapping[Any, Any], origin: Origin) -> None:
    for name in options:
        if isinstance(name, str) and name.startswith("_ansible_"):
            text = f"Invalid parameter specified beginning with keyword '_ansible_' for action {str(action)!r}: "
            raise LanguageError(
                f"{text}{str(name)!r}. The prefix '_ansible_' is reserved for internal use only.",
                origin=getattr(options, "key_origins", {}).get(name, origin),
            )


def _read_loop(keywords: Mapping[str, Any], item: Mapping[Any, Any]) -> Loop | None:
    withs = [name for name in keywords if name.startswith("with_")]
    if "loop" in keywords and withs:
        raise LanguageError(f"'loop' and {withs[0]!r} exclude each other", origin=key_origin(item, withs[0]))
    if len(withs) > 1:
        raise LanguageError(f"{withs[0]!r} and {withs[1]!r} exclude each other", origin=key_origin(item, withs[1]))
    if keywords.get("loop") is not None:
        return Loop(keywords["loop"], None, value_origin(item, "loop"))
    if withs:
        return Loop(keywords[withs[0]], withs[0][len("with_") :], value_origin(item, withs[0]))
    return None


def _read_loop_control(value: Any) -> LoopControl:
    if not value:
        return LoopControl()
    unknown = [name for name in value if name not in _LOOP_CONTROL]
    if unknown:
        raise LanguageError(
            f"loop_control has no {unknown[0]!r}",
            origin=key_origin(value, unknown[0]),
            hint=f"it takes {', '.join(_LOOP_CONTROL)}",
        )
    for name, item in value.items():
        test, expected = KINDS["bool" if name.startswith("extended") else "names" if name == "break_when" else "text"]
        if not test(item):
            raise LanguageError(f"{name!r} of loop_control must be {expected}", origin=value_origin(value, name))
    fields = dict(value)
    if "break_when" in fields:
        fields["break_when"] = as_tuple("break_when", fields["break_when"])
    return LoopControl(**fields)

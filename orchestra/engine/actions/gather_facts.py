"""Gather facts: the setup module, and those of ``facts_modules``."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from orchestra.engine.actions.module import call
from orchestra.engine.actions.options import option_origin
from orchestra.engine.connections import is_true
from orchestra.engine.context import TaskContext
from orchestra.engine.factcache import GATHERED
from orchestra.engine.prepare import defaults_of
from orchestra.engine.results import ActionResult
from orchestra.errors import OptionError, TimedOut
from orchestra.model.invocation import Reply

_SETUP = "ansible.builtin.setup"
_SETUPS = ("setup", "ansible.legacy.setup", _SETUP)
#: Options that the setup module alone is sure to know.
_SETUP_ONLY = ("gather_subset", "gather_timeout", "filter")


async def run(context: TaskContext) -> ActionResult:
    """Ask the host for its facts; several modules side by side, unless the task says otherwise."""
    options = {name: _options(context, name) for name in _modules(context)}
    if list(options) == [_SETUP]:
        result = await call(context, _SETUP, options[_SETUP])
    elif _is_parallel(context):
        result = ActionResult(_joined(await _side_by_side(context, options)))
    else:
        result = ActionResult(_joined({name: (await call(context, name, options[name])).reply for name in options}))
    if not result.reply.failed:
        context.state.gathered = True
        context.state.facts[GATHERED] = True
    return result


def _is_parallel(context: TaskContext) -> bool:
    given = context.scope.get("ansible_facts_parallel")
    return is_true(given if given is not None else context.args.get("parallel", True))


async def _side_by_side(context: TaskContext, options: Mapping[str, Mapping[str, Any]]) -> dict[str, Reply]:
    asked = [asyncio.ensure_future(_asked(context, name, options[name])) for name in options]
    try:
        return dict(zip(options, await asyncio.gather(*asked), strict=True))
    finally:
        for one in asked:
            one.cancel()


async def _asked(context: TaskContext, name: str, options: Mapping[str, Any]) -> Reply:
    """A module's reply; one that knows no ``gather_timeout`` of its own is stopped after it, and has failed."""
    seconds = 0 if name == _SETUP else _timeout(context)
    try:
        if seconds:
            context = replace(context, timeout=min(seconds, context.timeout or seconds))
        return (await call(context, name, options)).reply
    except TimedOut:
        if not seconds:
            raise
        return Reply({"msg": "Timeout exceeded"}, failed=True)  # as Ansible's jobs say it


def _timeout(context: TaskContext) -> float:
    given = context.args.get("gather_timeout") or 0
    try:
        return float(given)
    except (TypeError, ValueError):
        text = f"argument 'gather_timeout' is {given!r}: unable to convert to int"
        raise OptionError(text, origin=option_origin(context, "gather_timeout")) from None


def _modules(context: TaskContext) -> list[str]:
    """The modules to ask, each once; ``smart`` is setup."""
    given = context.scope.get("ansible_facts_modules")
    if given is None:
        given = context.services.settings.facts_modules
    words = [word.strip() for word in given.split(",")] if isinstance(given, str) else map(str, given)
    return list(dict.fromkeys(_SETUP if word == "smart" or word in _SETUPS else word for word in words))


def _options(context: TaskContext, name: str) -> dict[str, Any]:
    options = {key: value for key, value in context.args.items() if key != "parallel"}
    if name != _SETUP:
        _warn_of_lost(context, name)
        options = {key: value for key, value in options.items() if key not in _SETUP_ONLY}
    if context.task.module_defaults:
        defaults = defaults_of(context.services, context.task, name, context.scope)
        options = {**context.scope.render_args(defaults), **options}
    return {**_settings(context), **options} if name == _SETUP and context.task.implicit else options


def _warn_of_lost(context: TaskContext, name: str) -> None:
    """Tell of options that only setup gets."""
    subset = context.args.get("gather_subset")
    asked = {"subset": None if subset in ("all", ["all"], ("all",)) else subset,
             "timeout": context.args.get("gather_timeout"), "filter": context.args.get("filter")}  # fmt: skip
    for word, value in asked.items():
        if value is not None:
            context.services.warn(f"Not passing {word}({value}) to {name}", context.task.origin)


def _settings(context: TaskContext) -> dict[str, Any]:
    """What settings say of facts that nobody asked for."""
    settings = context.services.settings
    wanted = {name: getattr(settings, name) for name in ("gather_subset", "gather_timeout", "fact_path")}
    return {name: value for name, value in wanted.items() if value}


def _joined(replies: Mapping[str, Reply]) -> Reply:
    """One reply for those of all modules; the facts of those that failed or were skipped are none."""
    failed = {name: reply for name, reply in replies.items() if reply.failed}
    skipped = {name: reply for name, reply in replies.items() if reply.skipped and not reply.failed}
    facts: dict[str, Any] = {}
    for name, reply in replies.items():
        if name not in failed and name not in skipped:
            facts = _merged(facts, reply.data.get("ansible_facts") or {})
    data: dict[str, Any] = {"ansible_facts": facts}
    if skipped:
        data["msg"] = f"The following modules were skipped: {', '.join(skipped)}."
        data["skipped_modules"] = {name: dict(reply.data) for name, reply in skipped.items()}
    if failed:
        data["msg"] = f"The following modules failed to execute: {', '.join(failed)}."
        data["failed_modules"] = {name: {**reply.data, "failed": True} for name, reply in failed.items()}
    warnings = tuple(text for reply in replies.values() for text in reply.warnings)
    return Reply(data, failed=bool(failed), skipped=len(skipped) == len(replies), warnings=warnings)


def _merged(held: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Facts of two modules: the later one's, mappings are joined, lists are appended without what was there before."""
    joined = dict(held)
    for key, value in more.items():
        old = joined.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            joined[key] = _merged(old, value)
        elif isinstance(old, list) and isinstance(value, list):
            joined[key] = [item for item in old if item not in value] + value
        else:
            joined[key] = value
    return joined

"""Run a module on the host: check its options where the user's file is known, send it, wait for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from orchestra.engine.actions import background
from orchestra.engine.actions.deprecations import DEPRECATED_TEXTS, marked
from orchestra.engine.actions.options import refuse, with_free_form
from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult
from orchestra.errors import ModuleMissing, OptionError
from orchestra.library.declaration import ModuleDeclaration
from orchestra.model.invocation import Invocation, Reply
from orchestra.model.origin import is_templated

#: The fact which Python was found where the project names none.
_INTERPRETER = "discovered_interpreter_python"
#: The verbosity (-vvv) from which a result has the options that its module got.
_TELLS_OPTIONS = 3


async def run(context: TaskContext) -> ActionResult:
    """The module that the task names, with the task's options."""
    task, services = context.task, context.services
    constant = not task.module_defaults and not is_templated(task.args) and not is_templated(task.free_form)
    known = services.constant_options.get(id(task)) if constant else None
    if known is None:
        declaration = find(context, task.action)
        known = (task, declaration, bound(context, declaration, with_free_form(context, declaration)))
        if constant:
            services.constant_options[id(task)] = known
    _, declaration, options = known
    return await send(context, declaration, options)


def find(context: TaskContext, name: str) -> ModuleDeclaration:
    """The declaration of a module.

    Raises:
        ModuleMissing: it is not here; located.
        OptionError: it is a word of playbooks, which no host can run.
    """
    declaration = context.services.library.find(name)
    if declaration is not None and declaration.action:
        raise OptionError(f"{name!r} makes sense in a playbook only", origin=context.task.origin)
    if declaration is None:
        raise ModuleMissing(
            f"module {name!r} is part of the Ansible world, and not of Orchestra yet",
            origin=context.task.origin,
            hint="'orchestra doc' lists the modules there are; --syntax-check lists all that a playbook lacks",
        )
    return declaration


def bound(context: TaskContext, declaration: ModuleDeclaration, options: Mapping[str, Any]) -> Mapping[str, Any]:
    """The options, checked.

    Raises:
        OptionError: one is wrong (ParseErrors: several); located at the option.
    """
    problems = context.services.library.validate(declaration, options)
    if problems:
        refuse(context, problems)
    return options


async def call(
    context: TaskContext,
    name: str,
    options: Mapping[str, Any],
    attachments: Mapping[str, bytes | Path] | None = None,
    receive: Callable[[str, bytes], None] | None = None,
) -> ActionResult:
    """Run module ``name`` with options that an action made; ``receive`` takes what is attached to the reply."""
    declaration = find(context, name)
    return await send(context, declaration, bound(context, declaration, options), attachments or {}, receive)


async def send(
    context: TaskContext,
    declaration: ModuleDeclaration,
    options: Mapping[str, Any],
    attachments: Mapping[str, bytes | Path] | None = None,
    receive: Callable[[str, bytes], None] | None = None,
) -> ActionResult:
    """Run a module whose options are known to be right."""
    job = background.new_job(context)
    invocation = Invocation(
        module=declaration.name,
        options=options,
        check=context.check,
        alone=not (context.services.options.check and context.services.options.foresight),
        diff=context.diff,
        no_log=context.no_log,
        environment=context.environment,
        folder=_folder(context),
        timeout=context.timeout,
        job=job,
        become=context.become,
        attachments=attachments or {},
        receive=receive,
    )
    if job is not None and context.poll > 0:
        reply = await background.attend(context, job, invocation)
    else:
        reply = await context.remote.run_module(invocation)
    if DEPRECATED_TEXTS in reply.data:
        reply = replace(reply, data=marked(reply.data))
        context.services.templar.watch()
    if _INTERPRETER not in context.state.facts and context.target == context.state.name:
        reply = _with_interpreter(reply, context.remote.found_interpreter())
    return ActionResult(_with_options(reply, declaration, options, context.services.options.verbosity))


def _with_interpreter(reply: Reply, interpreter: str) -> Reply:
    """The reply with the fact which Python was found, where the task's host has it not yet."""
    if not interpreter:
        return reply
    facts = reply.data.get("ansible_facts") or {}
    return replace(reply, data={**reply.data, "ansible_facts": {**facts, _INTERPRETER: interpreter}})


def _with_options(reply: Reply, declaration: ModuleDeclaration, options: Mapping[str, Any], verbosity: int) -> Reply:
    """The reply with the options that made it, where they are asked for.

    A module to Ansible's interface says on the host which of its options are secret, and returns them without these.
    """
    if verbosity < _TELLS_OPTIONS:
        kept = {name: value for name, value in reply.data.items() if name != "invocation"}
        return replace(reply, data=kept) if "invocation" in reply.data else reply
    if not declaration.ours:
        return reply
    return replace(reply, data={**reply.data, "invocation": {"module_args": _shown(declaration, options)}})


def _folder(context: TaskContext) -> str:
    """On the controller itself a task begins beside its playbook, wherever the run was started."""
    return str(context.scope.get("playbook_dir", "")) if context.remote.is_controller else ""


def _shown(declaration: ModuleDeclaration, options: Mapping[str, Any]) -> dict[str, Any]:
    """Options as people may see them."""
    secret = {name for name, option in declaration.options.items() if option.secret}
    return {name: "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER" if name in secret else value for name, value in options.items()}

"""An action's options as its declaration has them, and located errors for those that are wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from orchestra.engine.actions import own_name
from orchestra.engine.context import TaskContext
from orchestra.errors import InvalidOptions, OptionError, OrchestraError, ParseErrors
from orchestra.library.catalogue import OptionProblem, names_of_options
from orchestra.library.declaration import ModuleDeclaration

#: Actions whose unknown options are told all in one sentence.
_BY_NAME = frozenset(("fail", "group_by", "reboot", "set_stats", "wait_for_connection"))


def checked(context: TaskContext) -> dict[str, Any]:
    """Every option that the action declares, with its value or default.

    Raises:
        OptionError: one is wrong (ParseErrors: several); located.
    """
    declaration = _declaration(context)
    _refuse_unknown(context, declaration)
    values, problems = context.services.library.values(declaration, with_free_form(context, declaration))
    if problems:
        refuse(context, problems)
    return values


def _refuse_unknown(context: TaskContext, declaration: ModuleDeclaration) -> None:
    """Options that some actions do not have, in the words that playbooks look for in the ``msg`` of such a task."""
    name = own_name(context.task.action)
    unknown = [one for one in context.args if one not in names_of_options(declaration)] if name in _BY_NAME else []
    if unknown:
        known = ", ".join(sorted(declaration.options))
        raise InvalidOptions(
            f"Invalid options for {context.task.action}: {','.join(map(str, unknown))}",
            origin=option_origin(context, unknown[0]),
            hint=f"it takes {known}",
        )


def undeclared(context: TaskContext) -> dict[str, Any]:
    """The other options of an action that takes any: names and values of the user's own."""
    declared = names_of_options(_declaration(context))
    return {name: value for name, value in context.args.items() if name not in declared}


def _declaration(context: TaskContext) -> ModuleDeclaration:
    return context.services.library.action(own_name(context.task.action))


def with_free_form(context: TaskContext, declaration: ModuleDeclaration) -> Mapping[str, Any]:
    """The task's options; the words behind the action's name are the one that the declaration says.

    Raises:
        OptionError: there are such words, and nothing takes them.
    """
    if context.free_form is None:
        return context.args
    if not declaration.free_form:
        if str(context.free_form).strip():
            text = f"Action {context.task.action!r} does not support raw params."
            raise OptionError(text, origin=context.task.origin, hint="write its options as name: value")
        return context.args
    return {**context.args, declaration.free_form: context.free_form}


def refuse(context: TaskContext, problems: Sequence[OptionProblem]) -> NoReturn:
    """Raise what is wrong with options: OptionError (ParseErrors: several), located at the option.

    Those that do not exist are told in the words that playbooks look for in the ``msg`` of such a task.
    """
    unknown = [problem for problem in problems if problem.unknown]
    if unknown:
        names = ", ".join(sorted(problem.option for problem in unknown))
        text = f"Unsupported parameters for ({context.task.action}) module: {names}"
        raise InvalidOptions(text, origin=option_origin(context, unknown[0].option), hint=unknown[0].hint)
    errors: list[OrchestraError] = [
        OptionError(problem.message, origin=option_origin(context, problem.option), hint=problem.hint)
        for problem in problems
    ]
    raise errors[0] if len(errors) == 1 else ParseErrors(errors)


def option_origin(context: TaskContext, name: object) -> Any:
    """Where an option stands in the user's file, else where the task does."""
    places = getattr(context.task.args, "key_origins", {})
    return places.get(name) or context.task.origin

"""Finds wrong options and keywords of all tasks of playbooks that were read, before anything runs.

A value that holds a template is left alone: what it will be is known only on a host. It reads the declarations of the
modules that the tasks name and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from orchestra.engine.keywordcheck import wrong_texts
from orchestra.engine.run import Playbook
from orchestra.errors import LanguageError
from orchestra.language.arguments import FREE_FORM_MODULES
from orchestra.library.beforehand import problems_beforehand
from orchestra.library.catalogue import Library, OptionProblem
from orchestra.library.declaration import ModuleDeclaration
from orchestra.library.locate import ModuleFileError
from orchestra.model.origin import Origin, TemplateText, is_templated
from orchestra.model.play import Block, Task
from orchestra.plugins.actions import ActionPlugins


def option_problems(
    playbooks: Iterable[Playbook], imports: Iterable[Task], library: Library, plugins: ActionPlugins | None = None
) -> list[LanguageError]:
    """Every wrong option and keyword, located, each once. ``imports`` are tasks that became what they brought in."""
    found: dict[tuple[Origin, str], LanguageError] = {}
    for task in (*all_tasks(playbooks), *imports):
        for wrong in wrong_texts(task):
            found.setdefault((wrong.origin or task.origin, wrong.message), wrong)
        if plugins is not None and not isinstance(task.action, TemplateText) and plugins.find(task.action) is not None:
            continue  # what an action of the project takes, it knows alone
        for origin, problem in _of_task(task, library):
            error = LanguageError(problem.message, origin=origin, hint=problem.hint)
            found.setdefault((origin, problem.message), error)
    return list(found.values())


def all_tasks(playbooks: Iterable[Playbook]) -> Iterator[Task]:
    """Every task and handler of playbooks, in blocks too, in the order of their text."""
    for playbook in playbooks:
        for play in playbook.plays:
            for steps in (*play.sections, play.handlers):
                yield from _below(steps)


def _below(steps: Sequence[Task | Block]) -> Iterator[Task]:
    for step in steps:
        if isinstance(step, Task):
            yield step
        else:
            yield from _below((*step.body, *step.rescue, *step.always, *step.imported_handlers))


def _of_task(task: Task, library: Library) -> Iterator[tuple[Origin, OptionProblem]]:
    declaration = _declaration(task, library)
    if declaration is None:
        return
    given, later, more = dict(task.args), [], any(task.module_defaults)
    for name in [name for name, value in given.items() if is_templated(name) or is_templated(value)]:
        if name == "_variable_params" or isinstance(name, TemplateText):
            more = True
        else:
            later.append(name)
        del given[name]
    if task.free_form is not None and declaration.free_form:
        if is_templated(task.free_form):
            given.pop(declaration.free_form, None)
            later.append(declaration.free_form)
        else:
            given[declaration.free_form] = task.free_form
    places = getattr(task.args, "key_origins", {})
    whole = task.key_origins.get(task.action, task.origin)
    if task.free_form is not None and not declaration.free_form and task.action not in FREE_FORM_MODULES:
        text = f"{str(task.free_form)!r} is not a key=value pair of {task.action!r}"
        hint = "write key=value, or put the options under the module as a mapping"
        yield whole, OptionProblem("", text, hint)
    for problem in problems_beforehand(declaration, given, later, more=more):
        yield places.get(problem.option, whole), problem


def _declaration(task: Task, library: Library) -> ModuleDeclaration | None:
    """None where nothing can be said: a name that is a template, a module that is not here or can not be read."""
    if task.implicit or isinstance(task.action, TemplateText):
        return None
    try:
        return library.find(task.action)
    except ModuleFileError:
        return None

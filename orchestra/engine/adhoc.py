"""A play of one task, for ad-hoc commands."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from orchestra.engine.assemble import Assembly
from orchestra.errors import LanguageError
from orchestra.language.arguments import Arguments, normalise
from orchestra.language.project import Place
from orchestra.language.roles import imports_in
from orchestra.language.scope import Scope
from orchestra.language.tasks import expand_import
from orchestra.language.yamltext import wrap
from orchestra.model.origin import Origin
from orchestra.model.play import Play, Task

_PLACE = Origin("the command line")


def adhoc_play(
    assembly: Assembly, pattern: str, module: str, arguments: str | Mapping[str, Any], *, background: int, poll: int
) -> Play:
    """A play that runs ``module`` on ``pattern`` without gathering facts.

    Raises:
        LanguageError: the module does not exist, or the arguments make no sense.
    """
    project = assembly.project()
    module = str(assembly.render_static(wrap(module, _PLACE), assembly.options.extra_vars))
    if not project.modules.known(module):
        if project.modules.lacking(module):
            raise LanguageError(f"module {module!r} is part of the Ansible world, and not of Orchestra yet")
        close = project.modules.similar(module)
        hint = f"did you mean {' or '.join(close)}?" if close else "'orchestra doc' lists the modules"
        raise LanguageError(f"module {module!r} is not known", hint=hint)
    found = _arguments(module, arguments)
    task = Task(
        name=None,
        action=module,
        args=found.options,
        free_form=found.free_form,
        origin=_PLACE,
        async_seconds=background or None,
        poll=poll if background else None,
        scope=Scope(),
    )
    basedir = assembly.settings.playbook_dir or os.getcwd()
    place = Place(_PLACE.file, basedir, assembly.options.extra_vars)
    steps = expand_import(project, task, {}, Scope(), Scope(), place)
    project.problems.check()
    return Play(
        name=f"Ad hoc {module}",
        hosts=wrap(pattern, _PLACE),
        origin=_PLACE,
        sections=(steps,),
        handlers=tuple(handler for block in imports_in(steps) for handler in block.imported_handlers),
        gather_facts=False,
        scope=Scope(),
        basedir=basedir,
    )


def _arguments(module: str, arguments: str | Mapping[str, Any]) -> Arguments:
    if isinstance(arguments, str):
        text = arguments.strip()
        if text.startswith("{") and not text.startswith("{{"):
            try:
                arguments = json.loads(text)
            except ValueError:
                return normalise(module, wrap(arguments, _PLACE) or None, _PLACE)
    value = wrap(arguments, _PLACE) if arguments else None
    return normalise(module, value, _PLACE)

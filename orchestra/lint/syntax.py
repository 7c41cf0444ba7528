"""What keeps a playbook from starting, as findings: the engine's own reading of it, options and templates included."""

from __future__ import annotations

import os
from collections.abc import Sequence

from orchestra.engine import api
from orchestra.errors import LanguageError, ParseErrors
from orchestra.language.vault import VaultOpener
from orchestra.lint.check import SYNTAX
from orchestra.lint.files import collect
from orchestra.lint.finding import Finding
from orchestra.model.listing import TaskFaults
from orchestra.model.options import RunOptions
from orchestra.model.origin import Origin
from orchestra.model.secret import Redactor
from orchestra.settings.settings import Settings


def syntax_findings(
    paths: Sequence[str], settings: Settings, options: RunOptions, *, redactor: Redactor, vault: VaultOpener
) -> list[Finding]:
    """The problems of every playbook among ``paths``, each once."""
    found: dict[Finding, None] = {}
    for document in collect(paths).documents.values():
        if document.kind == "playbook":
            try:
                api.list_playbooks(
                    [document.path], settings, options,
                    redactor=redactor, vault=vault, with_inventory=False, task_faults=TaskFaults.ERRORS,
                )  # fmt: skip
            except LanguageError as error:
                found.update(dict.fromkeys(_findings(error, document.path)))
    return list(found)


def _findings(error: LanguageError, path: str) -> list[Finding]:
    problems = error.problems if isinstance(error, ParseErrors) else (error,)
    return [
        Finding(
            SYNTAX.name, f"{one.message} ({one.hint})" if one.hint else one.message, _near(one.origin) or Origin(path)
        )
        for one in problems
    ]


def _near(origin: Origin | None) -> Origin | None:
    """A place below the current folder without that folder in front, as the other findings have theirs."""
    if origin is None or not os.path.isabs(origin.file):
        return origin
    relative = os.path.relpath(origin.file)
    return origin if relative.startswith("..") else Origin(relative, origin.line, origin.column)

"""How errors are told: in our own words, or as Ansible's commands say them where a program may read that.

Under ``--output ansible`` and in ``orchestra as`` the form is Ansible's; the exit statuses only in the latter.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence

from orchestra.errors import InvalidSetting, OrchestraError, ParseErrors, UsageError

INTERRUPTED = 130
#: Statuses of Ansible's commands where ours are others.
_INTERRUPTED_THERE, _WRONG_OPTIONS = 99, 5
_KINDS = {"int": "integer", "bool": "boolean"}


def is_ansible(words: Sequence[str], environ: Mapping[str, str] = os.environ) -> bool:
    """Say whether a command line wants Ansible's form of errors."""
    if list(words[:1]) == ["as"]:
        return True
    given = [
        word.partition("=")[2] or (words[index + 1] if index + 1 < len(words) else "")
        for index, word in enumerate(words)
        if word.partition("=")[0] == "--output" and list(words[:1]) in (["play"], ["run"])
    ]
    return (given[-1] if given else environ.get("ORCHESTRA_OUTPUT", "")) == "ansible"


def speaker(words: Sequence[str]) -> Callable[[OrchestraError], str]:
    """The function that words an error for this command line."""
    return _as_ansible if is_ansible(words) else _in_own_words


def _in_own_words(error: OrchestraError) -> str:
    return f"orchestra: {error.render()}"


def _as_ansible(error: OrchestraError) -> str:
    from orchestra.model.outcome import Cause
    from orchestra.reporting.explain import block

    if isinstance(error, ParseErrors):
        return "\n".join(_as_ansible(problem) for problem in error.problems)
    if isinstance(error, InvalidSetting):
        kind = _KINDS.get(error.kind, error.kind)
        source = str(error.origin.file if error.origin else "").replace("environment variable ", "env: ")
        fault = f"Invalid value provided for {kind!r}: {error.text!r}"
        return f"ERROR: Config {error.name!r} from {source!r} has an invalid value: {fault}"
    # Without a place the advice follows on the same line, as a sentence of its own.
    stop = "." if error.hint and error.origin is None and not error.message.endswith((".", "?", "!")) else ""
    return f"[ERROR]: {block((Cause(error.message + stop, error.origin, error.hint),))}".rstrip("\n")


def exit_status(error: OrchestraError, words: Sequence[str]) -> int:
    """The status that an error ends the process with."""
    if list(words[:1]) != ["as"]:
        return error.exit_code
    return _WRONG_OPTIONS if isinstance(error, (UsageError, InvalidSetting)) else error.exit_code


def settled(status: int, words: Sequence[str]) -> int:
    """The status of a command that came to its end, as this command line has it."""
    return _INTERRUPTED_THERE if status == INTERRUPTED and list(words[:1]) == ["as"] else status

"""From what a command did or raised to the exit status; docs/exit-status.md is the table.

Errors of the user's making are rendered, never shown as a traceback. Anything else is a bug and says so.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any

import click

from orchestra.cli.voice import INTERRUPTED, exit_status, settled, speaker
from orchestra.errors import OrchestraError

ERROR = 1


def status_of(call: Callable[[], Any], words: Sequence[str]) -> int:
    """Run ``call`` and say how the process shall end. ``words`` are the command line, for the verbosity."""
    return settled(_status_of(call, words), words)


def _status_of(call: Callable[[], Any], words: Sequence[str]) -> int:
    try:
        return _flushed(call())
    except OrchestraError as error:
        _print(speaker(words)(error))
        return exit_status(error, words)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        _say("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        _forget_output()
        return ERROR
    except Exception as error:
        _bug(error, words)
        return ERROR


def _flushed(result: object) -> int:
    """Output that cannot be written is noticed here rather than at the interpreter's end.

    Where the reader has gone away the status is still what the work came to.
    """
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_output()
    return result if isinstance(result, int) else 0


def _say(text: str) -> None:
    _print(f"orchestra: {text}")


def _print(text: str) -> None:
    from orchestra.reporting.screen import clean

    print(clean(text), file=sys.stderr)  # noqa: T201 - the command line's own voice


def _bug(error: Exception, words: Sequence[str]) -> None:
    if is_very_verbose(words):
        import traceback

        traceback.print_exception(error)
        how = "the text above"
    else:
        how = "what -vvv prints"
    _say(f"this is a bug: {type(error).__name__}: {error}\n  please report it with {how}")


def is_very_verbose(words: Sequence[str]) -> bool:
    """Say whether the command line asks for -vvv or more."""
    given = (re.fullmatch(r"-(v+)", word) for word in words)
    count = sum(len(match[1]) for match in given if match) + list(words).count("--verbose")
    return count >= 3


def _forget_output() -> None:
    """The reader is gone; keep the interpreter from complaining when it flushes at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

"""Settings as plugins read them: ``ansible.constants``. A name that is not here has no value, which is an error."""

from __future__ import annotations

from typing import Any

from orchestra.ansible_api.current import current
from orchestra.errors import OrchestraError
from orchestra.runner.foreign.booleans import BOOLEANS_FALSE, BOOLEANS_TRUE

__all__ = ["BOOLEANS_FALSE", "BOOLEANS_TRUE", "BOOL_TRUE"]

BOOL_TRUE = BOOLEANS_TRUE
MODULE_NO_JSON = ("command", "win_command", "shell", "win_shell", "raw")
LOCALHOST = frozenset(("127.0.0.1", "localhost", "::1"))
DEFAULT_PASSWORD_CHARS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:-_"  # noqa: S105
DOCUMENTABLE_PLUGINS = ("filter", "lookup", "module", "test")


#: Colours of what is shown, where the configuration has no other.
_COLOURS = {
    "HIGHLIGHT": "white", "VERBOSE": "blue", "WARN": "bright purple", "ERROR": "red", "DEBUG": "dark gray",
    "DEPRECATE": "purple", "SKIP": "cyan", "UNREACHABLE": "bright red", "OK": "green", "CHANGED": "yellow",
    "INCLUDED": "cyan", "DIFF_ADD": "green", "DIFF_REMOVE": "red", "DIFF_LINES": "cyan", "CONSOLE_PROMPT": "white",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    run = current()
    if run is None or name.startswith("__"):
        raise AttributeError(name)
    role = name.removeprefix("COLOR_")
    if role != name and role in _COLOURS:
        return run.from_file("colors", role.lower()) or _COLOURS[role]
    try:
        return run.setting(name)
    except OrchestraError as error:
        raise AttributeError(f"there is no setting {name!r}") from error

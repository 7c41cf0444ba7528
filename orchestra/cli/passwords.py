"""Passwords for logging in and for becoming another user: asked for, or read from files and programs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchestra.cli.console import Console
from orchestra.errors import OrchestraError, UsageError
from orchestra.model.secret import Redactor, Secret
from orchestra.settings import Settings


def read_passwords(
    flags: Mapping[str, Any], settings: Settings, console: Console, redactor: Redactor
) -> tuple[Secret | None, Secret | None]:
    """The login password and that for becoming another user; None where none was asked for or named."""
    ask_login = flags.get("ask_pass") or settings.ask_pass
    login_file = flags.get("connection_password_file") or settings.connection_password_file
    _not_both(flags, "ask_pass", "connection_password_file", "-k", "--connection-password-file")
    _not_both(flags, "ask_become_pass", "become_password_file", "-K", "--become-password-file")
    login = become = None
    if login_file and not flags.get("ask_pass"):
        login = read_password_file(login_file)
    elif ask_login:
        login = _asked(console, "SSH password: ")
    become_file = flags.get("become_password_file") or settings.become_password_file
    if become_file and not flags.get("ask_become_pass"):
        become = read_password_file(become_file)
    elif flags.get("ask_become_pass") or settings.become_ask_pass:
        default = "[defaults to SSH password]" if login is not None else ""
        become = _asked(console, f"BECOME password{default}: ") or login
    return _known(login, redactor), _known(become, redactor)


def _known(password: str | None, redactor: Redactor) -> Secret | None:
    return None if password is None else redactor.add(password)


def _not_both(flags: Mapping[str, Any], ask: str, file: str, ask_flag: str, file_flag: str) -> None:
    if flags.get(ask) and flags.get(file):
        raise UsageError(f"{ask_flag} and {file_flag} exclude each other")


def _asked(console: Console, prompt: str) -> str:
    try:
        return console.password(prompt)
    except EOFError:
        raise UsageError(f"nobody answered {prompt.strip()!r}", hint="give the password in a file instead") from None


def read_password_file(name: str) -> str:
    """The password in a file, from a program, or (``-``) from standard input.

    Raises:
        OrchestraError: not readable, the program failed, or nothing in it.
    """
    password = sys.stdin.readline() if name == "-" else _content(Path(os.path.expanduser(name)))
    password = password.strip("\r\n")
    if not password:
        raise OrchestraError(f"the password file {name} is empty")
    return password


def _content(path: Path) -> str:
    try:
        if path.is_file() and os.access(path, os.X_OK):
            return _from_program(path)
        return path.read_text()
    except OSError as error:
        raise OrchestraError(f"cannot read the password file {path}: {error.strerror}") from error


def _from_program(path: Path) -> str:
    done = subprocess.run([str(path.absolute())], capture_output=True, text=True, check=False)
    if done.returncode:
        raise OrchestraError(
            f"the password program {path} failed (exit {done.returncode}): {done.stderr.strip()}",
            hint="if it holds the password itself, remove its executable bit: chmod -x",
        )
    return done.stdout

"""How a command line runs as another user, ``ansible.plugins.become``: a plugin builds the line."""

from __future__ import annotations

import re
import secrets
import shlex
from typing import Any

from orchestra.ansible_api.base import AnsiblePlugin

__all__ = ["BecomeBase", "become"]


class BecomeBase(AnsiblePlugin):
    """A way to become another user; ``build_become_command`` is what a plugin extends."""

    name = ""
    fail: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    require_tty = False
    prompt = ""

    def __init__(self) -> None:
        self._id = ""
        self.success = ""
        self.declare({})

    def get_option(self, option: str, hostvars: Any = None, playcontext: Any = None) -> Any:
        """An option's value; None for one that is not declared."""
        try:
            return super().get_option(option, hostvars)
        except KeyError:
            return None

    def expect_prompt(self) -> bool:
        """Whether a password will be asked for."""
        return bool(self.prompt and self.get_option("become_pass"))

    def build_become_command(self, cmd: str, shell: Any) -> str:
        """What a plugin overrides: the line that runs ``cmd`` as the other user."""
        self._id = secrets.token_hex(16)
        self.success = f"BECOME-SUCCESS-{self._id}"
        return cmd

    def _build_success_command(self, cmd: str, shell: Any, noexe: bool = False) -> str:
        line = f"echo {self.success}; {cmd}"
        return (
            shlex.quote(line) if noexe else f"{getattr(shell, 'executable', None) or '/bin/sh'} -c {shlex.quote(line)}"
        )

    def check_success(self, b_output: bytes) -> bool:
        """Whether the other user's command has begun."""
        return any(self.success.encode() in line for line in b_output.splitlines())

    def strip_become_success(self, data: bytes) -> bytes:
        """Output without the mark of the beginning."""
        return data.replace(self.success.encode() + b"\r\n", b"").replace(self.success.encode() + b"\n", b"")

    def check_password_prompt(self, b_output: bytes) -> bool:
        """Whether a password is asked for."""
        prompt = self.prompt.encode()
        return bool(prompt) and any(line.strip().startswith(prompt) for line in b_output.splitlines())

    def check_incorrect_password(self, b_output: bytes) -> bool:
        """Whether a password was refused."""
        return any(text.encode() in b_output for text in self.fail)

    def check_missing_password(self, b_output: bytes) -> bool:
        """Whether a password is missing."""
        return any(text.encode() in b_output for text in self.missing)


class _Sudo(BecomeBase):
    name = "sudo"
    fail = ("Sorry, try again.",)
    missing = ("Sorry, a password is required to run sudo", "sudo: a password is required")

    def build_become_command(self, cmd: str, shell: Any) -> str:
        super().build_become_command(cmd, shell)
        if not cmd:
            return cmd
        given = self.get_option("become_flags")
        flags = "-H -S -n" if given is None else given
        if self.get_option("become_pass"):
            self.prompt = f"[sudo via ansible, key={self._id}] password:"
            flags = f"{_asking(flags)} -p {shlex.quote(self.prompt)}"
        words = [self.get_option("become_exe") or self.name, flags]
        user = self.get_option("become_user")
        line = self._build_success_command(cmd, shell)
        chdir = self.get_option("sudo_chdir")
        there = ["cd", shlex.quote(chdir), "&&"] if chdir else []
        return " ".join([*there, *filter(None, words), *(["-u", shlex.quote(user)] if user else []), line])


def _asking(flags: str) -> str:
    """Flags of sudo without those that forbid it to ask; it asks on its standard input."""
    words = [re.sub("^(-[A-Za-z]*)n", r"\1", word) for word in flags.split() if word not in ("-n", "--non-interactive")]
    return " ".join(words if "-S" in words or "--stdin" in words else [*words, "-S"])


class _Su(BecomeBase):
    name = "su"
    prompt = "Password:"
    fail = ("Authentication failure", "incorrect password")

    def check_password_prompt(self, b_output: bytes) -> bool:
        """Whether a password is asked for, in whatever language: the text ends in a colon."""
        return b_output.decode("utf-8", "replace").rstrip().endswith((":", "\uff1a"))

    def build_become_command(self, cmd: str, shell: Any) -> str:
        super().build_become_command(cmd, shell)
        if not cmd:
            return cmd
        words = [self.get_option("become_exe") or self.name, self.get_option("become_flags") or ""]
        line = shlex.quote(self._build_success_command(cmd, shell))
        return " ".join([*filter(None, words), shlex.quote(str(self.get_option("become_user") or "root")), "-c", line])


class _Doas(BecomeBase):
    name = "doas"
    prompt = "Password:"
    fail = ("Permission denied", "Authorization failed")
    missing = ("Authorization required",)

    def check_password_prompt(self, b_output: bytes) -> bool:
        """Whether a password is asked for: doas names the user and the host before the word."""
        return b_output.lower().rstrip().endswith(b"password:")

    def build_become_command(self, cmd: str, shell: Any) -> str:
        super().build_become_command(cmd, shell)
        if not cmd:
            return cmd
        flags = self.get_option("become_flags") or ("" if self.get_option("become_pass") else "-n")
        words = [self.get_option("become_exe") or self.name, flags]
        user = self.get_option("become_user")
        line = self._build_success_command(cmd, shell)
        return " ".join([*filter(None, words), *(["-u", shlex.quote(user)] if user else []), line])


_OURS = {cls.name: cls for cls in (_Sudo, _Su, _Doas)}


def become(name: str) -> type[BecomeBase]:
    """The class that stands for a method of ours. Raises KeyError."""
    return _OURS[name]

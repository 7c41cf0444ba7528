"""Reads the lines of ``orchestra console``: its own commands, modules with their options, and what a shell gets.

It knows the user's wishes so far (hosts, privileges, check mode ...). What runs, and where it is shown, is behind
``Engine``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from orchestra.errors import OrchestraError
from orchestra.library.catalogue import Library
from orchestra.library.doctext import describe, public_options
from orchestra.model.host import Inventory
from orchestra.model.options import RunOptions


class Engine(Protocol):
    """What the shell needs of a run; ``engine.standing.Standing`` is one."""

    inventory: Inventory

    @property
    def library(self) -> Library:
        """The modules that there are."""

    def hosts(self, pattern: str, warn: Callable[[str], None] = ...) -> list[str]:
        """The names of the hosts that a pattern selects."""

    def run(self, pattern: str, module: str, arguments: str, options: RunOptions, forks: int) -> int:
        """Run one module."""


@dataclass(frozen=True, slots=True)
class Command:
    """One of the shell's own commands."""

    name: str
    usage: str
    help: str
    act: Callable[[Shell, str], str]


class Shell:
    """One user's session."""

    def __init__(self, engine: Engine, pattern: str, options: RunOptions, *, forks: int, user: str) -> None:
        self._engine = engine
        self._user = user
        self.pattern = pattern
        self.options = options
        self.forks = forks
        self.over = False

    @property
    def prompt(self) -> str:
        """``user@pattern (hosts)[f:forks]$ ``; a # where another user is become, as root has it."""
        mark = "#" if self.options.become else "$"
        count = len(self._engine.hosts(self.pattern))
        check = "[check]" if self.options.check else ""
        return f"{self.options.remote_user or self._user}@{self.pattern} ({count})[f:{self.forks}]{check}{mark} "

    def answer(self, line: str) -> str:
        """Do what a line says; returns what is to be printed beside the output of the run. Never raises for the user's
        mistakes."""
        line = line.strip()
        if not line or line.startswith("#"):
            return ""
        word, _, rest = line.partition(" ")
        try:
            if word in COMMANDS:
                return COMMANDS[word].act(self, rest.strip())
            self._run(word, rest.strip(), line)
        except OrchestraError as error:
            return error.render()
        return ""

    def _run(self, word: str, rest: str, line: str) -> None:
        """A module with its options; anything else is for the shell."""
        if line.startswith("!"):
            module, arguments = "shell", line[1:].strip()
        elif self._engine.library.knows(word):
            module, arguments = word, rest
        else:
            module, arguments = "shell", line
        self._engine.run(self.pattern, module, arguments, self.options, self.forks)

    # What Tab offers

    def complete(self, line: str, word: str) -> list[str]:
        """The words that may stand where ``word`` is being typed at the end of ``line``."""
        first, blank, _ = line.lstrip().partition(" ")
        if not blank:
            return sorted({name for name in (*COMMANDS, *self._engine.library.names()) if name.startswith(word)})
        return sorted(name for name in self._words(first) if name.startswith(word))

    def _words(self, first: str) -> Iterable[str]:
        inventory = self._engine.inventory
        if first in ("cd", "list"):
            return (*inventory.groups, *inventory.hosts)
        if first in ("become", "check", "diff"):
            return ("yes", "no")
        if first == "help":
            return (*COMMANDS, *self._engine.library.names())
        module = self._engine.library.find(first)
        return [f"{name}=" for name in public_options(module.options)] if module is not None else []

    # Its own commands

    def cd(self, text: str) -> str:
        """Other hosts from now on."""
        pattern = text or "all"
        heard: list[str] = []
        if pattern in ("*", "/"):
            pattern = "all"
        if not self._engine.hosts(pattern, heard.append):
            return "\n".join(heard) or f"no host matches {pattern!r}"
        self.pattern = pattern
        return ""

    def show(self, text: str) -> str:
        """The hosts, or the groups."""
        if text == "groups":
            return "\n".join(sorted(self._engine.inventory.groups))
        return "\n".join(self._engine.hosts(text or self.pattern))

    def describe(self, text: str) -> str:
        """The commands, or one of them, or a module."""
        if not text:
            return "\n".join([*(f"{one.usage:<26} {one.help}" for one in _LIST), *_TAIL])
        if text in COMMANDS:
            return f"{COMMANDS[text].usage}: {COMMANDS[text].help}"
        module = self._engine.library.find(text)
        return describe(module) if module is not None else f"there is no command and no module {text!r}"

    def switch(self, name: str, text: str) -> str:
        """Turn a wish on or off; without a word it is turned over."""
        word = text.lower()
        if word and word not in _YES and word not in _NO:
            return f"{name} yes, or {name} no"
        value = word in _YES if word else not getattr(self.options, name)
        return self._changed(name, value)

    def name(self, name: str, text: str) -> str:
        """Set a wish that is a text; without one it is as at first."""
        return self._changed(name, text)

    def number(self, name: str, text: str, least: int) -> str:
        """Set a wish that is a number."""
        if not text.isdigit() or int(text) < least:
            return f"{name} wants a number from {least} on"
        if name == "forks":
            self.forks = int(text)
            return ""
        return self._changed(name, int(text))

    def _changed(self, name: str, value: object) -> str:
        self.options = replace(self.options, **{name: value})  # type: ignore[arg-type]  # by the field's name
        return ""

    def leave(self, text: str) -> str:
        """The end."""
        self.over = True
        return ""


_YES = frozenset(("yes", "y", "true", "on", "1"))
_NO = frozenset(("no", "n", "false", "off", "0"))
_TAIL = (
    "",
    "MODULE [k=v ...]           run a module on the hosts",
    "anything else, !anything   run it in the hosts' shell",
)


Act = Callable[[Shell, str], str]


def _switch(name: str) -> Act:
    return lambda shell, text: shell.switch(name, text)


def _name(name: str) -> Act:
    return lambda shell, text: shell.name(name, text)


def _number(name: str, least: int) -> Act:
    return lambda shell, text: shell.number(name, text, least)


_LIST = (
    Command("cd", "cd [PATTERN]", "these hosts from now on; all without a pattern", Shell.cd),
    Command("list", "list [PATTERN|groups]", "the hosts, or the groups", Shell.show),
    Command("become", "become [yes|no]", "become another user", _switch("become")),
    Command("become_user", "become_user [NAME]", "the user to become", _name("become_user")),
    Command("become_method", "become_method [NAME]", "how: sudo, su, doas", _name("become_method")),
    Command("check", "check [yes|no]", "change nothing, foretell", _switch("check")),
    Command("diff", "diff [yes|no]", "show differences", _switch("diff")),
    Command("remote_user", "remote_user [NAME]", "log in as", _name("remote_user")),
    Command("forks", "forks N", "hosts at the same time", _number("forks", 1)),
    Command("timeout", "timeout N", "seconds for connecting", _number("timeout", 0)),
    Command("verbosity", "verbosity N", "what results show of themselves", _number("verbosity", 0)),
    Command("help", "help [COMMAND|MODULE]", "this, or about one", Shell.describe),
    Command("exit", "exit", "the end; so is Ctrl-D", Shell.leave),
)
COMMANDS = {**{one.name: one for one in _LIST}, "quit": _LIST[-1], "?": _LIST[-2]}

"""Reads a command line as Ansible's commands do: abbreviated long flags, repeated -v, their usage errors.

``argparse`` is what those commands read theirs with, so abbreviations and messages are the same by construction.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from orchestra.dropin import flags
from orchestra.dropin.flags import Flag
from orchestra.model.record import record


class VersionAsked(Exception):
    """The command line asks for ``--version``."""


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *given: Any) -> None:
        raise VersionAsked


class _Keep(argparse.Action):
    """Keeps a flag under the name that it has here, in the order of the command line."""

    def __init__(self, *args: Any, word: str = "", kept: list[str], **more: Any) -> None:
        super().__init__(*args, **more)
        self.word = word
        self.kept = kept

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: str | None = None
    ) -> None:
        """Add the flag's word, and its value behind it."""
        self.kept.append(f"{self.word}={values}" if self.nargs is None else self.word)


def _add(parser: argparse.ArgumentParser, given: Sequence[Flag], kept: list[str]) -> None:
    groups: dict[str, Any] = {}
    for flag in given:
        target: Any = parser
        if flag.apart:
            target = groups.setdefault(flag.apart, None) or parser.add_mutually_exclusive_group()
            groups[flag.apart] = target
        more: dict[str, Any] = {"nargs": 0}
        if flag.value:
            more = {"metavar": flag.value, "choices": flag.choices or None, "type": int if flag.whole else None}
        target.add_argument(*flag.names, action=_Keep, word=flag.word, kept=kept, help=flag.help, **more)


@record
class Tool:
    """What one of Ansible's commands takes: flags and words, or commands of its own that take them."""

    about: str
    #: What its words are called, what they are, how many: as argparse's nargs.
    words: str
    means: str = ""
    count: int | str = "*"
    flags: Sequence[Flag] = ()
    commands: Mapping[str, Sequence[Flag]] | None = None


TOOLS: Mapping[str, Tool] = {
    "ansible": Tool("Runs one module on hosts.", "pattern", "hosts", 1, flags.ADHOC),
    "ansible-config": Tool("Shows the configuration.", "args", commands=flags.CONFIG_COMMANDS),
    "ansible-console": Tool("Runs modules at a prompt.", "pattern", "hosts", "?", flags.CONSOLE),
    "ansible-doc": Tool("Describes modules and plugins.", "plugin", "modules and plugins", "*", flags.DOC),
    "ansible-inventory": Tool("Shows the inventory.", "group", "a group, for --graph", "?", flags.SHOW_INVENTORY),
    "ansible-playbook": Tool(
        "Runs playbooks on the hosts of the inventory.", "playbook", "playbooks", "+", flags.PLAYBOOK
    ),
    "ansible-pull": Tool(
        "Fetches a project and plays it on this host.", "playbook.yml", "playbooks of the checkout", "*", flags.PULL
    ),
    "ansible-vault": Tool("Encrypts and decrypts.", "file_name", commands=flags.VAULT_COMMANDS),
}


def _parser(name: str, kept: list[str]) -> argparse.ArgumentParser:
    tool = TOOLS[name]
    parser = argparse.ArgumentParser(name, description=tool.about)
    parser.add_argument("--version", action=_Version, nargs=0, help="say which version this is")
    if tool.commands is None:
        _take(parser, tool, tool.flags, kept)
        return parser
    _add(parser, (flags.VERBOSE,), kept)
    below = parser.add_subparsers(dest="action", required=True)
    for command, given in tool.commands.items():
        _take(below.add_parser(command), tool, given, kept)
    return parser


def _take(parser: argparse.ArgumentParser, tool: Tool, given: Sequence[Flag], kept: list[str]) -> None:
    _add(parser, (flags.VERBOSE, *given), kept)
    parser.add_argument("names", metavar=tool.words, nargs=tool.count, help=tool.means or None)


@record
class Read:
    """A command line that was read: flags under our names, the other words, and of groups the command."""

    flags: list[str]
    names: list[str]
    action: str = ""


def read(tool: str, words: Sequence[str]) -> Read:
    """Read ``words`` as ``tool`` does.

    Raises:
        VersionAsked: they ask for the version.
        SystemExit: they are wrong, or ask for help; everything is said.
    """
    kept: list[str] = []
    found = _parser(tool, kept).parse_args(list(words))
    names = [found.names] if isinstance(found.names, str) else list(found.names or ())
    return Read(kept, names, getattr(found, "action", ""))

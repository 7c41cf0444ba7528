"""Reads a command line as Ansible's commands do: abbreviated long flags, repeated -v, their usage errors.

``argparse`` is what those commands read theirs with, so abbreviations and messages are the same by construction.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
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


def _parser(name: str, description: str, given: Sequence[Flag], kept: list[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(name, description=description)
    parser.add_argument("--version", action=_Version, nargs=0, help="say which version this is")
    _add(parser, (flags.VERBOSE, *given), kept)
    return parser


def _playbook(kept: list[str]) -> argparse.ArgumentParser:
    parser = _parser("ansible-playbook", "Runs playbooks on the hosts of the inventory.", flags.PLAYBOOK, kept)
    parser.add_argument("names", metavar="playbook", nargs="+", help="playbooks")
    return parser


def _adhoc(kept: list[str]) -> argparse.ArgumentParser:
    parser = _parser("ansible", "Runs one module on hosts.", flags.ADHOC, kept)
    parser.add_argument("names", metavar="pattern", nargs=1, help="hosts")
    return parser


def _inventory(kept: list[str]) -> argparse.ArgumentParser:
    parser = _parser("ansible-inventory", "Shows the inventory.", flags.SHOW_INVENTORY, kept)
    parser.add_argument("names", metavar="group", nargs="?", help="a group, for --graph")
    return parser


def _console(kept: list[str]) -> argparse.ArgumentParser:
    parser = _parser("ansible-console", "Runs modules at a prompt.", flags.CONSOLE, kept)
    parser.add_argument("names", metavar="pattern", nargs="?", help="hosts")
    return parser


def _pull(kept: list[str]) -> argparse.ArgumentParser:
    parser = _parser("ansible-pull", "Fetches a project and plays it on this host.", flags.PULL, kept)
    parser.add_argument("names", metavar="playbook.yml", nargs="*", help="playbooks of the checkout")
    return parser


def _doc(kept: list[str]) -> argparse.ArgumentParser:
    parser = _parser("ansible-doc", "Describes modules.", flags.DOC, kept)
    parser.add_argument("names", metavar="plugin", nargs="*", help="modules")
    return parser


def _group(
    name: str, description: str, commands: Mapping[str, Sequence[Flag]], rest: str, kept: list[str]
) -> argparse.ArgumentParser:
    parser = _parser(name, description, (), kept)
    below = parser.add_subparsers(dest="action")
    below.required = True
    for command, given in commands.items():
        one = below.add_parser(command)
        _add(one, (flags.VERBOSE, *given), kept)
        one.add_argument("names", metavar=rest, nargs="*")
    return parser


def _vault(kept: list[str]) -> argparse.ArgumentParser:
    return _group("ansible-vault", "Encrypts and decrypts.", flags.VAULT_COMMANDS, "file_name", kept)


def _config(kept: list[str]) -> argparse.ArgumentParser:
    return _group("ansible-config", "Shows the configuration.", flags.CONFIG_COMMANDS, "args", kept)


PARSERS: Mapping[str, Callable[[list[str]], argparse.ArgumentParser]] = {
    "ansible": _adhoc,
    "ansible-config": _config,
    "ansible-console": _console,
    "ansible-doc": _doc,
    "ansible-inventory": _inventory,
    "ansible-playbook": _playbook,
    "ansible-pull": _pull,
    "ansible-vault": _vault,
}


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
    found = PARSERS[tool](kept).parse_args(list(words))
    names = [found.names] if isinstance(found.names, str) else list(found.names or ())
    return Read(kept, names, getattr(found, "action", ""))

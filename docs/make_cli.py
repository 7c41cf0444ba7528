"""Writes docs/cli.md from the commands themselves: ``python docs/make_cli.py``. A test compares the two."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from orchestra.cli.main import main

TARGET = Path(__file__).with_name("cli.md")
_HEAD = """# The command line

Made from the commands themselves by `docs/make_cli.py`; do not edit it by hand.
Flags have the names and spellings of ansible-playbook, ansible, ansible-inventory, ansible-vault and ansible-doc; a
long one may be cut short (`--syn`) as long as no other begins like that.
How a command ends is in [exit-status.md](exit-status.md), how a run is shown in [output.md](output.md).

| Instead of | write |
|---|---|
| `ansible-playbook site.yml` | `orchestra play site.yml` |
| `ansible web -m ping` | `orchestra run web -m ping` |
| `ansible web -m setup` | `orchestra facts web` |
| `ansible-inventory --list` | `orchestra inventory --list` |
| `ansible-vault view FILE` | `orchestra vault view FILE` |
| `ansible-doc copy` | `orchestra doc copy` |
| `ansible-console web` | `orchestra console web` |
| `ansible-pull -U URL` | `orchestra pull -U URL` |
| `ansible-config dump` | `orchestra config dump` |

Or leave the names as they are: [wrappers of Ansible's commands](dropin.md).
"""


def manual() -> str:
    """The whole page."""
    context = click.Context(main, info_name="orchestra", **main.context_settings)
    parts = [_HEAD, *(_chapter(command, context, name) for name, command in _commands(main, context))]
    return "\n".join(parts)


def _commands(group: click.Group, context: click.Context) -> Iterator[tuple[str, click.Command]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield name, command


def _chapter(command: click.Command, parent: click.Context, name: str, level: int = 2) -> str:
    context = click.Context(command, info_name=name, parent=parent)
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    lines = [f"{'#' * level} {context.command_path}", "", "```", usage, "```", "", _text(command), ""]
    lines += _options(command, context)
    if isinstance(command, click.Group):
        lines += [_chapter(one, context, sub, level + 1) for sub, one in _commands(command, context)]
    return "\n".join(lines)


def _text(command: click.Command) -> str:
    paragraphs = (command.help or "").split("\n\n")
    return "\n\n".join(one.replace("\b\n", "") if "\b" in one else " ".join(one.split()) for one in paragraphs)


def _options(command: click.Command, context: click.Context) -> list[str]:
    records = [one.get_help_record(context) for one in command.get_params(context)]
    cells = [[cell.replace("|", "\\|") for cell in record] for record in records if record]
    rows = [f"| `{name}` | {text} |" for name, text in cells]
    return ["| Option | Meaning |", "|---|---|", *rows, ""] if rows else []


if __name__ == "__main__":
    TARGET.write_text(manual(), encoding="utf-8")

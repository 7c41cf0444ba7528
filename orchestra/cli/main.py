"""The ``orchestra`` command: a group whose commands are imported when they are called, so that it starts at once."""

from __future__ import annotations

import gc
import importlib
import itertools
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import click

from orchestra import __version__


class Entry(NamedTuple):
    """Where a command lives (the attribute is always ``command``), and its line in the list of commands."""

    module: str
    summary: str


COMMANDS: Mapping[str, Entry] = {
    "play": Entry("orchestra.cli.play", "Run playbooks."),
    "run": Entry("orchestra.cli.run", "Run one command or module on hosts, without a playbook."),
    "console": Entry("orchestra.cli.interactive", "Ad hoc commands at a prompt, over connections that stay."),
    "pull": Entry("orchestra.cli.pull", "Fetch a project from its repository and play it here."),
    "facts": Entry("orchestra.cli.facts", "Show what hosts say about themselves."),
    "history": Entry("orchestra.cli.history", "Show what earlier runs did."),
    "inventory": Entry("orchestra.cli.inventory", "Show hosts, groups and their variables."),
    "vars": Entry("orchestra.cli.vars", "Show where a host's variables come from."),
    "vault": Entry("orchestra.cli.vault", "Encrypt and decrypt files and values."),
    "explain": Entry("orchestra.cli.explain", "Say what would run where, and why not."),
    "lint": Entry("orchestra.cli.lint", "Find, and mend, what had better be written otherwise."),
    "doc": Entry("orchestra.cli.doc", "Describe modules, plugins, roles, keywords."),
    "config": Entry("orchestra.cli.config", "Show, check and start configuration files."),
    "galaxy": Entry("orchestra.cli.galaxy", "List installed collections and roles."),
    "shims": Entry("orchestra.cli.shims", "Write wrappers named ansible, ansible-playbook and so on."),
    "as": Entry("orchestra.cli.dropin", "Answer as one of Ansible's commands does."),
    "completion": Entry("orchestra.cli.completion", "Print the completion script for a shell."),
}


class LazyGroup(click.Group):
    """Knows its commands by name and imports the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now; None when there is none of that name."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        command: click.Command = importlib.import_module(entry.module).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that ``args`` begin with; a wrong name is answered with the nearest ones."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from orchestra.errors import nearest

            near = nearest(args[0], COMMANDS)
            hint = f"Did you mean {' or '.join(near)}?" if near else f"There are: {', '.join(COMMANDS)}."
            ctx.fail(f"no such command {args[0]!r}. {hint}")
        name, command, words = super().resolve_command(ctx, args)
        if command is not None and any(word.startswith("-") for word in words):
            from orchestra.cli.abbreviations import completed

            words = completed(command, ctx, words)
        return name, command, words

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any) -> Any:  # type: ignore[override]
        """Run the command line and leave with its exit status (returned when ``standalone_mode`` is false)."""
        words = list(sys.argv[1:] if args is None else args)
        standalone = extra.pop("standalone_mode", True)

        def call() -> Any:
            return super(LazyGroup, self).main(words, prog_name or "orchestra", standalone_mode=False, **extra)

        if not standalone:
            return call()
        if _prints_as_ansible(words):
            from orchestra.dropin.locales import locale_problem

            refused = locale_problem()
            if refused:
                click.echo(refused, err=True)
                sys.exit(1)
        from orchestra.cli.exits import status_of

        # What a start makes stays; the collector's default pace would look through it some fifty times.
        gc.set_threshold(50_000, 20, 50)
        status = status_of(call, words)
        gc.freeze()  # nothing that is left needs to be looked through before the process ends
        sys.exit(status)


def _prints_as_ansible(words: Sequence[str]) -> bool:
    """Whether ``--output ansible`` is asked for: who reads that text counts on its encoding, too."""
    return "--output=ansible" in words or ("--output", "ansible") in itertools.pairwise(words)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="orchestra", message="%(prog)s %(version)s")
def main() -> None:
    """Orchestra configures machines over SSH from Ansible's playbooks and inventories, and leaves nothing on them.

    Exit status: 0 all is well, 1 error, 2 a host failed or wrong usage, 4 a host was unreachable or a playbook does
    not parse (6: both), 130 interrupted.
    """

"""``orchestra run``: one command or module on the hosts that a pattern names, without a playbook."""

from __future__ import annotations

import shlex
from typing import Any

import click

from orchestra.cli import flags


@click.command(
    "run",
    short_help="Run one command or module on hosts, without a playbook.",
)
@click.argument("pattern")
@click.argument("words", nargs=-1, metavar="[COMMAND]...")
@click.option("-m", "--module-name", "module", metavar="MODULE", help="The module to run (command).")
@click.option("-a", "--args", "arguments", metavar="ARGS", help="Its options: k=v words or a JSON mapping.")
@click.option(
    "-B", "--background", type=click.IntRange(min=0), default=0, metavar="SECONDS", help="Run at most so long."
)
@click.option("-P", "--poll", type=click.IntRange(min=0), metavar="SECONDS", help="Look at it so often (15).")
@click.option("-o", "--one-line", is_flag=True, help="One line for each host.")
@click.option("-t", "--tree", metavar="FOLDER", help="Write each host's result into this folder, too.")
@flags.inventory
@flags.variables
@flags.effects
@flags.reaching
@flags.vault
@flags.playbook_dir
@flags.task_timeout
@flags.list_hosts
@flags.output
@flags.verbosity
@flags.version
def command(pattern: str, words: tuple[str, ...], module: str | None, arguments: str | None, **given: Any) -> int:
    """Run COMMAND, or a module with -m and -a, on the hosts that PATTERN names.

    A COMMAND with options of its own stands behind two dashes: orchestra run web -- ls -l /srv
    """
    from orchestra.cli.console import Console
    from orchestra.cli.request import read_request

    if words and arguments is not None:
        raise click.UsageError("give the command either as words or with -a, not both")
    console = Console()
    request = read_request(given, console)
    if given["list_hosts"]:
        return list_hosts(pattern, request)
    name = module or request.settings.module_name
    text = " ".join(words) if len(words) == 1 else shlex.join(words)
    return _run(pattern, name, arguments or text or request.settings.module_args, request, console, given)


def _run(pattern: str, module: str, arguments: str, request: Any, console: Any, given: dict[str, Any]) -> int:
    from orchestra.cli.shown import shown, stage_of
    from orchestra.engine import api

    poll = given["poll"] if given["poll"] is not None else request.settings.poll_interval
    with shown(request, given, "adhoc", console) as (output, bus):
        return api.adhoc(
            pattern,
            module,
            arguments,
            request.settings,
            request.options,
            (bus,),
            console,
            redactor=request.redactor,
            vault=request.vault,
            outputs=stage_of(output, bus, request),
            background=given["background"],
            poll=poll,
        )


def list_hosts(pattern: str, request: Any) -> int:
    """Print the hosts of a pattern."""
    from orchestra.cli.listing import show_warning
    from orchestra.engine import api

    hosts = api.list_hosts(
        pattern, request.settings, request.options, redactor=request.redactor, vault=request.vault, warn=show_warning
    )
    click.echo(f"  hosts ({len(hosts)}):")
    for host in hosts:
        click.echo(f"    {host}")
    return 0

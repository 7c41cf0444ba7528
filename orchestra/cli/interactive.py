"""``orchestra console``: ad hoc commands one after the other, at a prompt, over connections that stay."""

from __future__ import annotations

import os
from typing import Any

import click

from orchestra.cli import flags


@click.command("console", short_help="Ad hoc commands at a prompt, over connections that stay.")
@click.argument("pattern", default="all")
@flags.inventory
@flags.variables
@flags.effects
@flags.reaching
@flags.vault
@flags.playbook_dir
@flags.task_timeout
@flags.list_hosts
@click.option("--step", is_flag=True, help="Ask before each command.")
@flags.output
@flags.verbosity
@flags.version
def command(pattern: str, **given: Any) -> int:
    """Run what is typed on the hosts of PATTERN (all): a module with its options, or a shell's command line.

    Lines come from a terminal, with history and Tab, or from a pipe. `help` lists the console's own commands.
    """
    from orchestra.cli.console import Console
    from orchestra.cli.request import read_request
    from orchestra.cli.run import list_hosts
    from orchestra.cli.shown import shown

    console = Console()
    request = read_request(given, console)
    if given["list_hosts"]:
        return list_hosts(pattern, request)
    with shown(request, {**given, "output": given["output"] or "ansible"}, "adhoc", console) as (_, bus):
        _converse(pattern, request, bus, console)
    return 0


def _converse(pattern: str, request: Any, bus: Any, console: Any) -> None:
    import getpass

    from orchestra.console.shell import Shell
    from orchestra.console.terminal import converse
    from orchestra.engine import api

    engine = api.stand(
        request.settings, request.options, (bus,), console, redactor=request.redactor, vault=request.vault
    )
    user = request.settings.remote_user or getpass.getuser()
    try:
        shell = Shell(engine, engine.rendered(pattern), request.options, forks=request.settings.forks, user=user)
        converse(shell, os.path.join(request.settings.home, "console_history"), click.echo)
    finally:
        engine.close()

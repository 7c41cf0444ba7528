"""``orchestra vars``: the variables of a host and where each one comes from."""

from __future__ import annotations

from typing import Any

import click

from orchestra.cli import flags


@click.command("vars", short_help="Show where a host's variables come from.")
@click.argument("host")
@click.argument("name", required=False)
@click.option("--trace", is_flag=True, help="Every layer that gives a variable, from the weakest to the one that wins.")
@click.option("--output", type=click.Choice(["text", "json"]), default="text", help="How to show it.")
@flags.inventory
@flags.variables
@flags.vault
@flags.playbook_dir
@flags.verbosity
def command(host: str, name: str | None, trace: bool, output: str, **given: Any) -> None:
    """Show the variables that HOST gets from the inventory, from group_vars and host_vars, from kept facts and from -e.

    With NAME only that one. Values are shown as they are written; secrets are not.
    """
    from orchestra.cli.console import Console
    from orchestra.cli.listing import show_warning
    from orchestra.cli.request import read_request
    from orchestra.cli.tracetext import as_json, as_text
    from orchestra.engine import api

    request = read_request(given, Console())
    found = api.trace_variables(
        host, name, request.settings, request.options,
        redactor=request.redactor, vault=request.vault, warn=show_warning,
    )  # fmt: skip
    text = as_json(host, found) if output == "json" else as_text(found, trace=trace)
    click.echo(request.redactor.mask(text))

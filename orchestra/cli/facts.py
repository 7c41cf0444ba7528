"""``orchestra facts``: what hosts say about themselves, as JSON or YAML."""

from __future__ import annotations

from typing import Any

import click

from orchestra.cli import flags


@click.command("facts", short_help="Show what hosts say about themselves.")
@click.argument("pattern")
@click.option("--subset", "subset", multiple=True, metavar="NAMES", help="Only these kinds (hardware,!network ...).")
@click.option("--filter", "filters", multiple=True, metavar="GLOB", help="Only facts whose names match. Repeatable.")
@flags.inventory
@flags.variables
@click.option("-f", "--forks", type=click.IntRange(min=1), metavar="N", help="Hosts at the same time (50).")
@flags.reaching
@flags.vault
@flags.playbook_dir
@flags.output
@flags.verbosity
def command(pattern: str, subset: tuple[str, ...], filters: tuple[str, ...], **given: Any) -> int:
    """Gather facts of the hosts that PATTERN names and print them as one JSON document.

    --output yaml prints YAML, --output lines or json one line for each host as it answers.
    """
    from orchestra.cli.console import Console
    from orchestra.cli.request import read_request
    from orchestra.cli.shown import shown
    from orchestra.engine import api

    console = Console()
    request = read_request(given, console)
    kinds = tuple(name for text in subset for name in text.split(",") if name)
    with shown(request, given, "facts", console) as (_, bus):
        return api.facts(
            pattern,
            request.settings,
            request.options,
            (bus,),
            console,
            redactor=request.redactor,
            vault=request.vault,
            subset=kinds,
            filters=filters,
        )

"""``orchestra inventory``: hosts, groups and variables, in the forms that ansible-inventory prints."""

from __future__ import annotations

from typing import Any

import click

from orchestra.cli import flags


@click.command("inventory", short_help="Show hosts, groups and their variables.")
@click.argument("group", default="all")
@click.option("--list", "show_list", is_flag=True, help="All groups, hosts and variables.")
@click.option("--host", metavar="HOST", help="The variables of one host.")
@click.option("--graph", is_flag=True, help="The tree of groups, from GROUP down.")
@click.option("-y", "--yaml", "as_yaml", is_flag=True, help="YAML instead of JSON.")
@click.option("--toml", "as_toml", is_flag=True, help="TOML instead of JSON.")
@click.option("--vars", "with_vars", is_flag=True, help="Variables in the tree, too.")
@click.option("--export", is_flag=True, help="Variables where they are set, not merged into hosts.")
@click.option("--output", "target", metavar="FILE", help="Write the list into this file.")
@flags.inventory
@flags.variables
@flags.vault
@flags.playbook_dir
@flags.verbosity
def command(group: str, **given: Any) -> None:
    """Show the inventory; one of --list, --host and --graph says how."""
    from orchestra.cli.console import Console
    from orchestra.cli.inventoryview import show
    from orchestra.cli.listing import show_warning
    from orchestra.cli.request import read_request
    from orchestra.engine import api

    asked = sum((given["show_list"], given["host"] is not None, given["graph"]))
    if not asked:
        text = "No action selected, at least one of --host, --graph or --list needs to be specified."
        raise click.UsageError(text)
    if asked > 1:
        raise click.UsageError(
            "Conflicting options used, only one of --host, --graph or --list can be used at the same time."
        )
    request = read_request(given, Console())
    listing = api.list_inventory(
        request.settings,
        request.options,
        redactor=request.redactor,
        vault=request.vault,
        warn=show_warning,
        export=given["export"] or request.settings.inventory_export,
    )
    text = show(listing, group, given)
    if given["target"]:
        with open(given["target"], "w", encoding="utf-8") as file:
            file.write(text)
    else:
        click.echo(text, nl=not text.endswith("\n"))

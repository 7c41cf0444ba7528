"""``orchestra doc``: what modules are and take, from their declarations."""

from __future__ import annotations

import sys
from typing import Any

import click

from orchestra.cli import flags


@click.command("doc", short_help="Describe modules: options, examples, return values.")
@click.argument("modules", nargs=-1, metavar="[MODULE]...")
@click.option("-l", "--list", "as_list", is_flag=True, help="List modules, those whose names begin with MODULE.")
@click.option("-F", "--list-files", "with_files", is_flag=True, help="List them with their files.")
@click.option("-j", "--json", "as_json", is_flag=True, help="As JSON.")
@click.option("-s", "--snippet", is_flag=True, help="A task to paste into a playbook.")
@click.option(
    "-M", "--module-path", "module_path", multiple=True, metavar="FOLDERS", help="Look for modules here first."
)
@click.option("-t", "--type", "kind", type=click.Choice(["module"]), default="module", help="Modules are documented.")
@flags.playbook_dir
@flags.verbosity
def command(modules: tuple[str, ...], **given: Any) -> None:
    """Describe each MODULE, or list all modules."""
    from orchestra.cli.modulesearch import find_modules, open_library
    from orchestra.library.doctext import describe, list_files, list_modules, snippet, to_json

    library = open_library(given)
    if given["as_list"] or given["with_files"] or not modules:
        show = list_files if given["with_files"] else list_modules
        click.echo(show(library, modules, as_json=given["as_json"]))
        return
    found = find_modules(library, modules)
    if given["as_json"]:
        click.echo(to_json(found))
    else:
        write = snippet if given["snippet"] else describe
        page = click.echo_via_pager if sys.stdout.isatty() else click.echo
        page("\n".join(map(write, found)))

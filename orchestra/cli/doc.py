"""``orchestra doc``: what modules, plugins, roles and keywords are and take, from their declarations."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click

from orchestra.cli import flags

_KINDS = (
    "module", "become", "cache", "callback", "connection", "filter", "inventory", "keyword", "lookup", "role",
    "strategy", "test", "vars",
)  # fmt: skip


@click.command("doc", short_help="Describe modules, plugins, roles, keywords.")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("-t", "--type", "kind", type=click.Choice(_KINDS), default="module", help="What NAMEs are.")
@click.option("-l", "--list", "as_list", is_flag=True, help="List modules that begin so; plugins of collections.")
@click.option("-F", "--list-files", "with_files", is_flag=True, help="List them with their files.")
@click.option("-j", "--json", "as_json", is_flag=True, help="As JSON.")
@click.option("-s", "--snippet", is_flag=True, help="Something to paste: a task, a lookup, an inventory's file.")
@click.option("-e", "--entry-point", metavar="NAME", help="Of a role, this entry point alone.")
@click.option("-r", "--roles-path", multiple=True, metavar="FOLDERS", help="Look for roles here first.")
@click.option("--metadata-dump", is_flag=True, help="All there is, of all kinds, as JSON.")
@click.option("--no-fail-on-errors", is_flag=True, help="Pass over files that can not be understood, and say so.")
@click.option(
    "-M", "--module-path", "module_path", multiple=True, metavar="FOLDERS", help="Look for modules here first."
)
@flags.playbook_dir
@flags.verbosity
def command(names: tuple[str, ...], **given: Any) -> None:
    """Describe each NAME, or list all there are."""
    if given["metadata_dump"]:
        click.echo(_everything(names, given))
    elif given["kind"] == "module":
        _modules(names, given)
    else:
        from orchestra.cli.plugindoc import Pages

        _show(given)(Pages(given, _complain).show(given["kind"], names))


def _modules(names: tuple[str, ...], given: dict[str, Any]) -> None:
    from orchestra.cli.modulesearch import find_modules, open_library
    from orchestra.library.doctext import describe, list_files, list_modules, snippet, to_json

    library = open_library(given)
    if given["as_list"] or given["with_files"] or not names:
        show = list_files if given["with_files"] else list_modules
        click.echo(show(library, names, as_json=given["as_json"]))
        return
    found = find_modules(library, names)
    if given["as_json"]:
        click.echo(to_json(found))
    else:
        _show(given)("\n".join(map(snippet if given["snippet"] else describe, found)))


def _everything(names: tuple[str, ...], given: dict[str, Any]) -> str:
    from orchestra.cli.manualtext import data_text
    from orchestra.cli.modulesearch import open_library
    from orchestra.cli.plugindoc import Pages
    from orchestra.library.doctext import page

    library = open_library(given)
    modules = {} if names else {name: page(one) for name in library.names() if (one := library.find(name))}
    return data_text({"all": {**Pages(given, _complain).everything(names), "module": modules}})


def _show(given: dict[str, Any]) -> Callable[[str], object]:
    paged = sys.stdout.isatty() and not (given["as_list"] or given["with_files"] or given["as_json"])
    return click.echo_via_pager if paged else click.echo


def _complain(text: str) -> None:
    click.echo(f"[WARNING]: {text}", err=True)

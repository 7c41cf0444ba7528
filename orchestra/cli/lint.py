"""``orchestra lint``: finds in a project what works and had better be written otherwise."""

from __future__ import annotations

from typing import Any

import click

from orchestra.cli import flags


@click.command("lint", short_help="Find, and mend, what had better be written otherwise.")
@click.argument("paths", nargs=-1, metavar="[PLAYBOOK|DIR]...")
@click.option("--fix", is_flag=True, help="Mend what can be mended; comments and layout stay.")
@click.option("--format", "form", type=click.Choice(["text", "json", "sarif"]), default="text", help="How to say it.")
@click.option("--only", multiple=True, metavar="RULE", help="Only this rule. Repeatable.")
@click.option("--enable", "more", multiple=True, metavar="RULE", help="This optional rule, too. Repeatable.")
@click.option("--skip", multiple=True, metavar="RULE", help="Not this rule. Repeatable.")
@click.option("--list-rules", is_flag=True, help="List the rules, and stop.")
@click.option("--no-syntax-check", is_flag=True, help="Only look at the text; read no playbook as a run would.")
@flags.module_path
@flags.playbook_dir
@flags.vault
@flags.verbosity
def command(paths: tuple[str, ...], **given: Any) -> int:
    """Look at playbooks with all they use, or at every YAML file of a folder (this one).

    Exit status: 0 nothing found, 2 something found (and not mended), 1 error.

    A comment `# noqa: RULE` on a line or on a task's first one silences a rule there.
    """
    from orchestra.cli.modulesearch import open_library
    from orchestra.lint import check, report

    if given["list_rules"]:
        click.echo(report.list_rules())
        return 0
    choice = check.chosen(given["only"], given["more"], given["skip"])
    library = open_library(given)
    wanted = paths or (".",)
    found, mended = check.mend(wanted, library, choice) if given["fix"] else (check.check(wanted, library, choice), 0)
    if choice.takes(check.SYNTAX.name) and not given["no_syntax_check"]:
        found = [*_syntax(wanted, given), *found]
    click.echo(report.FORMATS[given["form"]](found, mended))
    return 2 if found else 0


def _syntax(paths: tuple[str, ...], given: dict[str, Any]) -> list[Any]:
    from orchestra.cli.console import Console
    from orchestra.cli.request import read_request
    from orchestra.lint.syntax import syntax_findings

    request = read_request(given, Console())
    return syntax_findings(paths, request.settings, request.options, redactor=request.redactor, vault=request.vault)

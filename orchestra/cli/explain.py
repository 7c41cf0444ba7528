"""``orchestra explain``: what would run where, and why not, before anything runs."""

from __future__ import annotations

import os
from typing import Any

import click

from orchestra.cli import flags


@click.command("explain", short_help="Say what would run where, and why not.")
@click.argument("playbooks", nargs=-1, required=True, metavar="PLAYBOOK...")
@flags.inventory
@flags.tags
@flags.variables
@flags.module_path
@flags.vault
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@flags.verbosity
def command(playbooks: tuple[str, ...], **given: Any) -> None:
    """Say for each task of PLAYBOOK on which hosts it would run, on which not, and what only a run can tell.

    Nothing is connected to. Reasons are tags, --limit, conditions, run_once and delegation, each with its place.
    """
    from orchestra.cli.console import Console
    from orchestra.cli.listing import show_warning
    from orchestra.cli.request import existing_playbooks, read_request
    from orchestra.engine import api
    from orchestra.reporting import explanation

    existing_playbooks(playbooks)
    request = read_request(given, Console())
    explained = api.explain(
        playbooks, request.settings, request.options, redactor=request.redactor, vault=request.vault
    )
    for playbook in explained:
        for warning in playbook.warnings:
            show_warning(warning)
    text = explanation.as_json(explained) if given["as_json"] else explanation.as_text(explained, os.getcwd())
    click.echo(request.redactor.mask(text))

"""``orchestra play``: runs playbooks, or lists what they would do."""

from __future__ import annotations

from typing import Any

import click

from orchestra.cli import flags


@click.command("play", short_help="Run playbooks.")
@click.argument("playbooks", nargs=-1, required=True, metavar="PLAYBOOK...")
@flags.inventory
@flags.tags
@flags.variables
@flags.effects
@flags.reaching
@flags.vault
@click.option("--start-at-task", metavar="NAME", help="Skip tasks until the one with this name.")
@click.option("--step", is_flag=True, help="Ask before each task.")
@click.option("--force-handlers", is_flag=True, help="Run notified handlers on hosts that failed, too.")
@flags.list_hosts
@click.option("--list-tasks", is_flag=True, help="List the tasks that would run, and stop.")
@click.option("--list-tags", is_flag=True, help="List all tags, and stop.")
@click.option("--syntax-check", is_flag=True, help="Only read the playbooks; show every problem.")
@flags.output
@flags.verbosity
@flags.version
def command(playbooks: tuple[str, ...], **given: Any) -> int:
    """Run each PLAYBOOK on the hosts of the inventory.

    Exit status: 0; 1 error; 2 a host failed; 4 a host was unreachable, or a playbook does not parse; 130 interrupted.
    """
    from orchestra.cli.request import existing_playbooks

    existing_playbooks(playbooks)
    if given["list_hosts"] or given["list_tasks"] or given["list_tags"] or given["syntax_check"]:
        return show_playbooks(playbooks, given)
    return run_playbooks(playbooks, given)


def run_playbooks(playbooks: tuple[str, ...], given: dict[str, Any]) -> int:
    """Run them as the flags say; returns the exit status."""
    from orchestra.cli.console import Console
    from orchestra.cli.request import read_request
    from orchestra.cli.shown import shown, stage_of
    from orchestra.engine import api

    console = Console()
    request = read_request(given, console)
    with shown(request, given, "play", console) as (output, bus):
        return api.play(
            playbooks,
            request.settings,
            request.options,
            (bus,),
            console,
            redactor=request.redactor,
            vault=request.vault,
            outputs=stage_of(output, bus, request),
        )


def show_playbooks(playbooks: tuple[str, ...], given: dict[str, Any]) -> int:
    """List what they hold, as the flags say."""
    from orchestra.cli.console import Console
    from orchestra.cli.listing import show_listing
    from orchestra.cli.request import output_mode, read_request
    from orchestra.engine import api
    from orchestra.model.listing import TaskFaults

    request = read_request(given, Console())
    # Ansible's form accepts what ansible-playbook accepts: what only fails when it runs is told, not refused.
    as_ansible = output_mode(request.settings, given) == "ansible"
    told = TaskFaults.WARNINGS if as_ansible else TaskFaults.ERRORS
    listing = api.list_playbooks(
        playbooks,
        request.settings,
        _all_tags(request.options) if given["list_tags"] and not given["tags"] else request.options,
        redactor=request.redactor,
        vault=request.vault,
        with_inventory=not given["syntax_check"],
        task_faults=told if given["syntax_check"] else TaskFaults.UNSOUGHT,
        bodies_only=as_ansible,
    )
    show_listing(
        listing,
        hosts=given["list_hosts"],
        tasks=given["list_tasks"],
        tags=given["list_tags"],
    )
    return 0


def _all_tags(options: Any) -> Any:
    """The tags of all tasks are wanted, of those too that run only when asked for."""
    from dataclasses import replace

    return replace(options, tags=("all", "never"))

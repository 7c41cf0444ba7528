"""Prints what playbooks hold, laid out as ansible-playbook does."""

from __future__ import annotations

from collections.abc import Sequence

import click

from orchestra.model.listing import PlaybookListing, PlayListing


def show_listing(
    playbooks: Sequence[PlaybookListing],
    *,
    hosts: bool = False,
    tasks: bool = False,
    tags: bool = False,
) -> None:
    """Print every playbook; none of ``hosts``, ``tasks`` and ``tags`` is a syntax check: names and warnings only."""
    for playbook in playbooks:
        click.echo(f"\nplaybook: {playbook.path}")
        for warning in playbook.warnings:
            show_warning(warning)
        if hosts or tasks or tags:
            for number, play in enumerate(playbook.plays, 1):
                _show_play(play, number, hosts=hosts, tasks=tasks, tags=tags)


def show_warning(text: str) -> None:
    """A warning beside a listing, on the error stream."""
    click.echo(f"[WARNING]: {text}", err=True)


def _show_play(play: PlayListing, number: int, *, hosts: bool, tasks: bool, tags: bool) -> None:
    pattern = ",".join(play.patterns)
    click.echo(f"\n  play #{number} ({pattern}): {play.name}\tTAGS: [{','.join(play.tags)}]")
    if hosts:
        click.echo(f"    pattern: {list(play.patterns)}")
        click.echo(f"    hosts ({len(play.hosts)}):")
        for host in play.hosts:
            click.echo(f"      {host}")
    if tasks:
        click.echo("    tasks:")
        for task in play.tasks:
            click.echo(f"      {task.name}\tTAGS: [{', '.join(sorted(task.tags))}]")
    if tags:
        click.echo(f"      TASK TAGS: [{', '.join(sorted(set(play.task_tags)))}]")

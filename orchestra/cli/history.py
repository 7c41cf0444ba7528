"""``orchestra history``: what runs did, to whom, when; from the records that every run leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

STATES = ("ok", "changed", "failed", "skipped", "unreachable", "lost")
VERDICTS = ("ok", "changed", "failed", "unreachable", "interrupted", "running")

as_json = click.option("--json", "as_json", is_flag=True, help="As JSON.")
since = click.option("--since", metavar="TIME", help="Not before: yesterday, 12h, 3d, 2026-11-27T03:00 ...")
until = click.option("--until", metavar="TIME", help="Before this time.")
playbook = click.option("--playbook", metavar="NAME", help="Only runs of this playbook, or a part of its name.")
on_host = click.option("--host", metavar="NAME", help="Only this host; * and ? stand for anything.")
state = click.option("--state", "states", multiple=True, type=click.Choice(STATES), help="Only these. Repeatable.")


def number(default: int) -> Callable[[Any], Any]:
    """The option that says how many."""
    return click.option(
        "-n", "--number", "count", type=click.IntRange(min=0), default=default, show_default=True,
        metavar="N", help="The newest N; 0 is all.",
    )  # fmt: skip


@click.group("history", short_help="Show what earlier runs did.")
def command() -> None:
    """Show what earlier runs did. A RUN is its number, the beginning of its UUID, or last.

    `orchestra history host web03 --since yesterday` says what changed there last night, by which task, with the
    difference.
    """


@command.command("ls")
@since
@until
@on_host
@click.option("--state", "states", multiple=True, type=click.Choice(VERDICTS), help="Only these. Repeatable.")
@playbook
@number(25)
@as_json
def ls(**given: Any) -> None:
    """List runs, the newest first."""
    from orchestra.cli.historywork import Work

    Work(given).ls()


@command.command("show", short_help="Show a run: what it changed, what failed and why.")
@click.argument("run", default="last")
@on_host
@state
@click.option("-D", "--diff", is_flag=True, help="Show differences.")
@click.option("--all", "everything", is_flag=True, help="Tasks, too, in which nothing changed or failed.")
@as_json
def show(run: str, **given: Any) -> None:
    """Show RUN (the last): who started it, what it changed, what failed and why."""
    from orchestra.cli.historywork import Work

    Work(given).show(run)


@command.command("host", short_help="Show what was changed on a host, with differences.")
@click.argument("name")
@since
@until
@state
@playbook
@click.option("--diff/--no-diff", default=True, help="Show differences, or not.")
@click.option("--all", "everything", is_flag=True, help="Results, too, that changed nothing.")
@number(25)
@as_json
def host(name: str, **given: Any) -> None:
    """Show what was changed on the host NAME, and what failed: task by task, with differences."""
    from orchestra.cli.historywork import Work

    Work(given).host(name)


@command.command("task", short_help="Show how a task went, run by run.")
@click.argument("name")
@since
@until
@on_host
@playbook
@number(25)
@as_json
def task(name: str, **given: Any) -> None:
    """Show how tasks went, run by run, whose names hold NAME; or the one at FILE:LINE."""
    from orchestra.cli.historywork import Work

    Work(given).task(name)


@command.command("diff", short_help="Compare two runs.")
@click.argument("before", metavar="RUN")
@click.argument("after", metavar="RUN", default="last")
@on_host
@as_json
def diff(before: str, after: str, **given: Any) -> None:
    """Compare two runs: revision and files, how tasks ended on each host, what facts hosts told."""
    from orchestra.cli.historywork import Work

    Work(given).diff(before, after)


@command.command("prune", short_help="Remove runs that are not to be kept.")
@click.option("--days", type=click.IntRange(min=0), metavar="N", help="Keep N days rather than history_days.")
@click.option("--runs", type=click.IntRange(min=0), metavar="N", help="Keep N runs rather than history_runs.")
@click.option("-C", "--check", is_flag=True, help="Remove nothing; say what would go.")
@as_json
def prune(**given: Any) -> None:
    """Remove runs that are older, or more, than is to be kept."""
    from orchestra.cli.historywork import Work

    Work(given).prune()


@command.command("export", short_help="Write runs as JSON lines.")
@click.argument("runs", nargs=-1, metavar="[RUN]...")
@since
@until
@on_host
@playbook
def export(runs: tuple[str, ...], **given: Any) -> None:
    """Write RUNs (all that fit, the oldest first) as JSON lines: one record a line, with all texts."""
    from orchestra.cli.historywork import Work

    Work(given).export(runs)


@command.command("file", short_help="Bring what was recorded into the database.")
@as_json
def file(**given: Any) -> None:
    """Bring what runs have recorded into the database. Other commands do so by themselves."""
    from orchestra.cli.historywork import Work

    Work(given).file()

"""``orchestra pull``: fetches a project from its repository and plays it on this very host."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from orchestra.cli import flags
from orchestra.errors import OrchestraError


@click.command("pull", short_help="Fetch a project from its repository and play it here.")
@click.argument("playbooks", nargs=-1, metavar="[PLAYBOOK]...")
@click.option("-U", "--url", metavar="URL", help="Where the repository is.")
@click.option("-C", "--checkout", metavar="NAME", help="Branch, tag, commit or revision.")
@click.option("-d", "--directory", "folder", metavar="DIR", help="Where the checkout lies (~/.ansible/pull/HOST).")
@click.option("-m", "--module-name", "module", default="git", metavar="MODULE", help="git or subversion.")
@click.option("-o", "--only-if-changed", is_flag=True, help="Play only when something new came.")
@click.option("-f", "--force", is_flag=True, help="Play even when the update failed.")
@click.option("-s", "--sleep", type=click.IntRange(min=0), metavar="SECONDS", help="Wait at random up to so long.")
@click.option("--full", is_flag=True, help="The whole history rather than the newest commit.")
@click.option("--verify-commit", is_flag=True, help="Only a commit whose signature is good.")
@click.option("--accept-host-key", is_flag=True, help="Take the key of a server that is new.")
@click.option("--clean", is_flag=True, help="Throw local modifications away.")
@click.option("--track-subs", is_flag=True, help="Submodules at the newest commit of their branch.")
@click.option("--purge", is_flag=True, help="Remove the checkout at the end.")
@click.option("--check", is_flag=True, help="Change nothing but the checkout.")
@click.option("--diff", is_flag=True, help="Show differences.")
@flags.inventory
@flags.list_hosts
@flags.tags
@flags.variables
@flags.module_path
@flags.connection
@flags.become_password
@flags.vault
@flags.output
@flags.verbosity
@flags.version
def command(playbooks: tuple[str, ...], **given: Any) -> int:
    """Bring the checkout up to date and play PLAYBOOK from it on this host.

    Without a PLAYBOOK that is HOSTNAME.yml or local.yml of the checkout. The inventory and the configuration are those
    of the project; only this host is selected, unless -l says otherwise.
    """
    from orchestra.pull import plan

    source = _source(given)
    given = plan.rooted(given)
    if given["output"] == "ansible":
        _announce()
    _wait(given["sleep"])
    try:
        return _pull(source, playbooks, given)
    finally:
        if given["purge"]:
            _purge(source.folder)


def _source(given: dict[str, Any]) -> Any:
    from orchestra.cli.request import read_settings
    from orchestra.pull import plan

    if not given["url"]:
        raise click.UsageError("URL for repository not specified, use -h for help")
    if given["module"] not in plan.MODULES:
        raise click.UsageError(f"Unsupported repo module {given['module']}, choices are {','.join(plan.MODULES)}")
    url = os.path.abspath(given["url"]) if os.path.isdir(given["url"]) else given["url"]
    return plan.Source(
        url=url,
        folder=os.path.abspath(os.path.expanduser(given["folder"] or plan.default_folder(read_settings({}).home))),
        module=given["module"],
        version=given["checkout"] or "",
        clean=given["clean"],
        full=given["full"],
        verify=given["verify_commit"],
        accept_host_key=given["accept_host_key"],
        track_submodules=given["track_subs"],
        key_file=given["private_key"] or "",
    )


def _announce() -> None:
    """The two lines that logs of ansible-pull begin with."""
    import time

    click.echo(f"Starting Ansible Pull at {time.strftime('%Y-%m-%d %H:%M:%S')}")
    click.echo(" ".join(sys.argv))


def _wait(seconds: int | None) -> None:
    if not seconds:
        return
    import secrets
    import time

    chosen = secrets.randbelow(seconds)
    click.echo(f"Sleeping for {chosen} seconds...", err=True)
    time.sleep(chosen)


def _pull(source: Any, playbooks: tuple[str, ...], given: dict[str, Any]) -> int:
    from orchestra.pull import plan

    updated = _update(source, given)
    if updated.status and not given["force"]:
        return int(updated.status)
    if updated.status:
        click.echo("[WARNING]: Unable to update repository. Continuing with (forced) run of playbook.", err=True)
    elif given["only_if_changed"] and not updated.changed:
        click.echo("Repository has not changed, quitting")
        return 0
    names = plan.own_names()
    chosen = plan.choose_playbooks(source.folder, playbooks, names)
    os.chdir(source.folder)  # the project's own configuration counts, as if somebody had started the run there
    return _play(chosen, {**given, "connection": given["connection"] or "local"}, plan.own_limit(names))


def _update(source: Any, given: dict[str, Any]) -> Any:
    from orchestra.cli.console import Console
    from orchestra.cli.request import read_request
    from orchestra.cli.shown import shown
    from orchestra.pull.plan import outside_sources
    from orchestra.pull.update import update

    console = Console()
    request = read_request({**given, "limit": (), "inventory": outside_sources(given["inventory"])}, console)
    with shown(request, given, "adhoc", console) as (_, bus):
        return update(
            source,
            request.settings,
            request.options,
            (bus,),
            console,
            redactor=request.redactor,
            vault=request.vault,
        )


def _play(playbooks: list[str], given: dict[str, Any], own: str) -> int:
    from orchestra.cli.play import run_playbooks, show_playbooks

    wanted = {**given, "limit": given["limit"] or (own,)}
    if given["list_hosts"]:
        return show_playbooks(tuple(playbooks), {**wanted, "list_tasks": False, "list_tags": False,
                                                 "syntax_check": False})  # fmt: skip
    return run_playbooks(tuple(playbooks), wanted)


def _purge(folder: str) -> None:
    """Remove a checkout; there is none where the update failed."""
    import shutil

    os.chdir("/")
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except OSError as error:
        raise OrchestraError(f"the checkout can not be removed: {error.filename}: {error.strerror}") from error

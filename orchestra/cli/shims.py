"""``orchestra shims``: writes wrappers under Ansible's command names."""

from __future__ import annotations

import click


@click.command("shims", short_help="Write wrappers named ansible, ansible-playbook and so on.")
@click.argument("folder", metavar="DIR")
@click.option("--force", is_flag=True, help="Replace commands of these names that are not Orchestra's.")
def command(folder: str, force: bool) -> None:
    """Write into DIR commands named ansible, ansible-playbook, ansible-vault and so on that call Orchestra.

    Put DIR in front of PATH, and scripts, CI jobs and test suites that call Ansible's names run on Orchestra.
    """
    from orchestra.dropin.shims import write_wrappers

    for path in write_wrappers(folder, force=force):
        click.echo(path)

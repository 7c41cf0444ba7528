"""The flags that several commands share, under ansible's names and spellings; declarations only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from orchestra import __version__
from orchestra.reporting.choose import MODES

Command = TypeVar("Command", bound=Callable[..., Any])
Decorator = Callable[[Command], Command]


def _together(*options: Callable[[Any], Any]) -> Callable[[Command], Command]:
    """One decorator from many, in the order that ``--help`` shows them."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


verbosity = click.option(
    "-v", "--verbose", "verbose", count=True, help="Say more: results with -v, then ever more up to -vvvv."
)

#: Scripts ask ansible and ansible-playbook, too, which version they are.
version = click.version_option(__version__, prog_name="orchestra", message="%(prog)s %(version)s")

inventory = _together(
    click.option(
        "-i",
        "--inventory",
        "--inventory-file",
        "inventory",
        multiple=True,
        metavar="SOURCE",
        help="File, folder, program, or hosts with commas (h1,h2,). Repeatable.",
    ),
    click.option(
        "-l", "--limit", "limit", metavar="PATTERN", multiple=True, help="Only these hosts; @FILE reads them from FILE."
    ),
    click.option("--flush-cache", is_flag=True, help="Forget the facts kept of every host."),
)

variables = click.option(
    "-e",
    "--extra-vars",
    "extra_vars",
    multiple=True,
    metavar="VARS",
    help="Variables as k=v, JSON or YAML; @FILE reads them from FILE. Repeatable.",
)

vault = _together(
    click.option(
        "--vault-id", "vault_ids", multiple=True, metavar="LABEL@SOURCE", help="A vault password. Repeatable."
    ),
    click.option(
        "--vault-password-file",
        "--vault-pass-file",
        "vault_password_files",
        multiple=True,
        metavar="FILE",
        help="File or program that gives the vault password. Repeatable.",
    ),
    click.option("-J", "--ask-vault-pass", "--ask-vault-password", "ask_vault_pass", is_flag=True, help="Ask for it."),
)

connection = _together(
    click.option("-u", "--user", "remote_user", metavar="NAME", help="Log in as this user."),
    click.option("-c", "--connection", "connection", metavar="TYPE", help="ssh, local, paramiko, or a plugin."),
    click.option("-T", "--timeout", type=click.IntRange(min=0), metavar="SECONDS", help="Time limit for connecting."),
    click.option("--private-key", "--key-file", "private_key", metavar="FILE", help="SSH key to log in with."),
    click.option("-k", "--ask-pass", "ask_pass", is_flag=True, help="Ask for the login password."),
    click.option(
        "--connection-password-file",
        "--conn-pass-file",
        "connection_password_file",
        metavar="FILE",
        help="File or program that gives the login password.",
    ),
    click.option("--ssh-common-args", metavar="ARGS", help="Options as for the ssh program (-o, -J, -F, -i ...)."),
    click.option("--ssh-extra-args", metavar="ARGS", help="Further such options."),
    click.option("--sftp-extra-args", "sftp_extra_args", metavar="ARGS", help="Accepted; no sftp is used."),
    click.option("--scp-extra-args", "scp_extra_args", metavar="ARGS", help="Accepted; no scp is used."),
)

become_password = _together(
    click.option("-K", "--ask-become-pass", "ask_become_pass", is_flag=True, help="Ask for its password."),
    click.option(
        "--become-password-file",
        "--become-pass-file",
        "become_password_file",
        metavar="FILE",
        help="File or program that gives its password.",
    ),
)

become = _together(
    click.option("-b", "--become", is_flag=True, help="Become another user on the hosts."),
    click.option("--become-method", metavar="METHOD", help="sudo, su or doas."),
    click.option("--become-user", metavar="NAME", help="The user to become (root)."),
    become_password,
)

tags = _together(
    click.option("-t", "--tags", multiple=True, metavar="TAGS", help="Only tasks with these tags. Repeatable."),
    click.option("--skip-tags", multiple=True, metavar="TAGS", help="No tasks with these tags. Repeatable."),
)

module_path = click.option(
    "-M", "--module-path", "module_path", multiple=True, metavar="FOLDERS", help="Look for modules here first."
)

effects = _together(
    click.option("-C", "--check", is_flag=True, help="Change nothing; say what would change."),
    click.option("-D", "--diff", is_flag=True, help="Show differences."),
    click.option("-f", "--forks", type=click.IntRange(min=1), metavar="N", help="Host-tasks at the same time (50)."),
    module_path,
)

output = click.option(
    "--output",
    type=click.Choice(MODES),
    help="How to show the run; auto is live on a terminal and lines elsewhere. Also ORCHESTRA_OUTPUT.",
)

list_hosts = click.option("--list-hosts", is_flag=True, help="List the hosts that would be used, and stop.")

playbook_dir = click.option("--playbook-dir", metavar="FOLDER", help="Read group_vars and host_vars beside here, too.")

task_timeout = click.option(
    "--task-timeout", type=click.IntRange(min=0), metavar="SECONDS", help="Time limit for a task on a host."
)

reaching = _together(connection, become)

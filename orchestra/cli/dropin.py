"""``orchestra as NAME``: answers to the command lines of Ansible's own commands; what the shims call."""

from __future__ import annotations

import os

import click

from orchestra.dropin.translate import TOOLS


@click.command(
    "as",
    short_help="Answer as one of Ansible's commands does.",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False, "help_option_names": []},
)
@click.argument("tool", type=click.Choice(TOOLS))
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[ARGUMENT]...")
def command(tool: str, words: tuple[str, ...]) -> int:
    """Take Ansible's flags and print Ansible's text: orchestra as ansible-playbook site.yml

    TOOL is the name of an Ansible command. Exit statuses are that command's. `orchestra shims` writes wrappers that
    call this, so that scripts need no change.
    """
    from orchestra.cli.main import main
    from orchestra.dropin.locales import locale_problem
    from orchestra.dropin.parsers import VersionAsked
    from orchestra.dropin.translate import translate

    refused = locale_problem()
    if refused:
        click.echo(refused, err=True)
        return 1
    try:
        translated = translate(tool, words)
    except VersionAsked:
        click.echo(_version(tool))
        return 0
    if tool == "ansible-config":
        _make_local_tmp()
    status = main.main(translated, standalone_mode=False)
    return status if isinstance(status, int) else 0


def _make_local_tmp() -> None:
    """Scripts expect the folder that ``local_tmp`` names to be there once ansible-config has run."""
    from contextlib import suppress

    from orchestra.cli.request import read_settings
    from orchestra.errors import OrchestraError

    with suppress(OrchestraError, OSError):  # a broken file is told by what was asked for; nothing is kept there
        os.makedirs(read_settings({}).local_tmp, 0o700, exist_ok=True)


def _version(tool: str) -> str:
    from orchestra.cli.request import read_settings
    from orchestra.dropin.versiontext import version_text
    from orchestra.engine.magic import LANGUAGE_VERSION

    return version_text(tool, read_settings({}), LANGUAGE_VERSION)

"""``orchestra galaxy``: what is installed; installing is left to the program that can."""

from __future__ import annotations

import os
from typing import Any

import click

from orchestra.errors import OrchestraError

_REMEDY = (
    "install with ansible-galaxy of an ansible-core in a virtual environment of its own, or with git into a folder of "
    "collections_path or roles_path; what lies there is used"
)
_paths = click.option("-p", "--path", "paths", multiple=True, metavar="FOLDERS", help="Look here, too.")
_wanted = click.argument("name", default="")


class Galaxy(click.Group):
    """Answers to every other command with what to do instead."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command; OrchestraError for one of ansible-galaxy's that is not here."""
        if args and args[0] not in self.commands:
            kind = "" if self.name == "galaxy" else f"{self.name} "
            what = f"ansible-galaxy {kind}{args[0]}"
            raise OrchestraError(f"{what}: Orchestra downloads and builds nothing", hint=_REMEDY)
        return super().resolve_command(ctx, args)


@click.group("galaxy", cls=Galaxy, short_help="List installed collections and roles.")
def command() -> None:
    """List the collections and roles that are installed. Nothing is downloaded or built."""


@command.group("collection", cls=Galaxy)
def collection() -> None:
    """Collections."""


@command.group("role", cls=Galaxy)
def role() -> None:
    """Roles."""


@collection.command("list")
@_paths
@_wanted
def collections(name: str, paths: tuple[str, ...]) -> None:
    """List collections with their versions."""
    from orchestra.dropin.installed import list_collections

    click.echo(list_collections([*_split(paths), *_settings().collections_path], name))


@role.command("list")
@_paths
@_wanted
def roles(name: str, paths: tuple[str, ...]) -> None:
    """List roles with their versions."""
    from orchestra.dropin.installed import list_roles

    click.echo(list_roles([*_split(paths), *_settings().roles_path], name))


def _split(paths: tuple[str, ...]) -> list[str]:
    return [os.path.abspath(os.path.expanduser(one)) for text in paths for one in text.split(os.pathsep) if one]


def _settings() -> Any:
    from orchestra.cli.request import read_settings

    return read_settings({})

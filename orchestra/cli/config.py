"""``orchestra config``: the configuration of a run, in the forms that ansible-config prints."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import click

from orchestra.cli import flags

file = click.option("-c", "--config", "config_file", metavar="FILE", help="This file rather than the one that counts.")
kind = click.option(
    "-t", "--type", "kind", default="base", metavar="KIND", help="Plugins of this kind; all: and settings."
)
arguments = click.argument("names", nargs=-1, metavar="")


def _form(*choices: str) -> Callable[[flags.Command], flags.Command]:
    return click.option(
        "-f", "--format", "form", type=click.Choice(choices), default=choices[0], help="How to show it."
    )


@click.group("config", short_help="Show, check and start configuration files.")
def command() -> None:
    """Show which settings a run has and where each came from; check a file; write one to start from."""


@command.command("dump")
@file
@kind
@click.option("--only-changed", "--changed-only", is_flag=True, help="Only what is set somewhere.")
@_form("display", "json", "yaml")
@flags.verbosity
@arguments
def dump(form: str, only_changed: bool, **given: Any) -> None:
    """Every setting with its value and its source; with -t those of plugins, of NAMEs alone where there are any."""
    from orchestra.settings import configtext, plugintext

    settings = _settings(given)
    if given["verbose"]:
        click.echo(f"Using {settings.config_file} as config file" if settings.config_file else _NO_FILE)
    kind = given["kind"]
    if kind in ("base", "all"):
        click.echo(configtext.dump(settings, form, only_changed=only_changed))
    for one in _kinds(kind):
        text = plugintext.dump(_plugins(settings, one, given["names"]), settings, os.environ, only_changed=only_changed)
        text = plugintext.titled(one, text) if kind == "all" else text
        if text:
            click.echo(text)


@command.command("list")
@file
@kind
@_form("yaml", "json")
@flags.verbosity
@arguments
def show_all(form: str, **given: Any) -> None:
    """What settings there are, and what each is for."""
    from orchestra.settings import configtext

    click.echo(configtext.describe_all(form))


@command.command("view")
@file
@kind
@flags.verbosity
@arguments
def view(**given: Any) -> None:
    """The configuration file itself."""
    from orchestra.settings import configtext

    path = given["config_file"] or _settings(given).config_file
    if path:
        click.echo(configtext.view(os.path.abspath(path)))


@command.command("init")
@file
@kind
@_form("ini", "env", "vars")
@click.option("--disabled", is_flag=True, help="Every line a comment.")
@flags.verbosity
@arguments
def init(form: str, disabled: bool, **given: Any) -> None:
    """A file with every setting at its default; with -t what plugins take."""
    from orchestra.settings import configtext, plugintext

    if given["kind"] == "base":
        click.echo(configtext.initial(form, disabled=disabled))
        return
    settings = _settings(given)
    for one in _kinds(given["kind"]):
        text = plugintext.initial(_plugins(settings, one, given["names"]), form, disabled=disabled)
        if text:
            click.echo(text)


@command.command("validate")
@file
@kind
@_form("ini", "env")
@flags.verbosity
@arguments
def validate(form: str, **given: Any) -> int:
    """Say what is set and is no setting; status 1 when there is any."""
    from orchestra.settings import configtext

    found = configtext.problems(_settings(given), os.environ, form)
    for line in found:
        click.echo(line, err=True)
    if not found:
        click.echo("All configurations seem valid!")
    return 1 if found else 0


def _kinds(kind: str) -> tuple[str, ...]:
    """The kinds of plugins that ``-t`` asks for."""
    from orchestra.plugins.places import FOLDERS

    if kind != "all":
        return () if kind == "base" else (kind,)
    return tuple(sorted(name for name in FOLDERS if name not in ("modules", "module_utils", "doc_fragments")))


def _plugins(settings: Any, kind: str, names: tuple[str, ...]) -> dict[str, Any]:
    from orchestra.plugins.declared import declared_by
    from orchestra.plugins.places import FOLDERS, PluginPlaces
    from orchestra.settings.plugintext import ssh_options

    if kind not in FOLDERS:
        return {}  # a kind of Ansible's that nothing here has
    places = PluginPlaces(settings)
    places.add(settings.playbook_dir or os.getcwd())
    ours = {"ssh": ssh_options()} if kind == "connection" and (not names or "ssh" in names) else {}
    wanted = [name for name in names if name not in ours]
    return ours if names and not wanted else {**ours, **declared_by(places, kind, wanted)}


_NO_FILE = "No config file found; using defaults"


def _settings(given: dict[str, Any]) -> Any:
    from orchestra.cli.request import read_settings

    environ = dict(os.environ)
    if given["config_file"]:
        environ["ORCHESTRA_CONFIG"] = os.path.abspath(given["config_file"])
    return read_settings({}, environ)

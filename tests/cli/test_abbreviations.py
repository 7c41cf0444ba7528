"""The words of a command line as click reads them: whole names, for beginnings and for letters."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from orchestra.cli.abbreviations import completed


@click.command()
@click.option("-i", "--inventory", multiple=True)
@click.option("-l", "--limit")
@click.option("-v", "--verbose", count=True)
@click.option("-C", "--check", is_flag=True)
@click.option("-z", is_flag=True)
@click.argument("files", nargs=-1)
def command(**_: object) -> None:
    """Nothing."""


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("-i hosts site.yml", "--inventory hosts site.yml"),
        ("-i -l", "--inventory -l"),
        ("-vvC", "--verbose --verbose --check"),
        ("--lim web --verb", "--limit web --verbose"),
        ("-l=web", "-l=web"),
        ("-ihosts", "-ihosts"),
        ("-Cl web", "-Cl web"),
        ("-z -x", "-z -x"),
        ("-i", "-i"),
        ("-l web -- -v", "--limit web -- -v"),
        ("site.yml - -C", "site.yml - --check"),
    ],
)
def test_words_become_whole_names(line: str, read: str) -> None:
    assert completed(command, click.Context(command), line.split()) == read.split()


def test_letters_are_not_compared_with_every_name() -> None:
    code = (
        "import sys; from orchestra.cli.main import main; "
        "main(['inventory', '-i', 'a,b,', '--graph', '-vv'], standalone_mode=False); print('difflib' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"

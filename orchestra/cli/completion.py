"""``orchestra completion``: the script that teaches a shell to complete orchestra's words."""

from __future__ import annotations

import click

_HOW = {
    "bash": 'eval "$(orchestra completion bash)"   in ~/.bashrc',
    "zsh": 'eval "$(orchestra completion zsh)"   in ~/.zshrc',
    "fish": "orchestra completion fish > ~/.config/fish/completions/orchestra.fish",
}


@click.command("completion", short_help="Print the completion script for a shell.")
@click.argument("shell", type=click.Choice(sorted(_HOW)))
def command(shell: str) -> None:
    """Print the completion script for SHELL.

    \b
    bash:  eval "$(orchestra completion bash)"   in ~/.bashrc
    zsh:   eval "$(orchestra completion zsh)"   in ~/.zshrc
    fish:  orchestra completion fish > ~/.config/fish/completions/orchestra.fish
    """
    from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

    from orchestra.cli.main import main

    kinds: dict[str, type[ShellComplete]] = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}
    script = ShellComplete.source(kinds[shell](main, {}, "orchestra", "_ORCHESTRA_COMPLETE"))
    click.echo(script)

"""``orchestra vault``: encrypts and decrypts files and values, in ansible-vault's formats and with its flags."""

from __future__ import annotations

from typing import Any

import click

from orchestra.cli import flags

files = click.argument("names", nargs=-1, metavar="[FILE]...")
needed_files = click.argument("names", nargs=-1, required=True, metavar="FILE...")
encrypt_id = click.option("--encrypt-vault-id", metavar="LABEL", help="Encrypt with this one of several passwords.")
output = click.option("--output", "target", metavar="FILE", help="Write here instead of in place; - is the screen.")


class VaultGroup(click.Group):
    """Takes ansible-vault's spelling of names, too."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command; ``encrypt_string`` is ``encrypt-string``."""
        return super().get_command(ctx, cmd_name.replace("_", "-"))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. Flags that do not fit each other are 5, as from ansible-vault."""
        from orchestra.errors import UsageError

        try:
            return super().invoke(ctx)
        except UsageError as error:
            error.exit_code = 5
            raise


@click.group("vault", cls=VaultGroup, short_help="Encrypt and decrypt files and values.")
def command() -> None:
    """Encrypt and decrypt files and values; the formats are ansible-vault's, both ways."""


@command.command("encrypt")
@files
@output
@encrypt_id
@flags.vault
@flags.verbosity
def encrypt(**given: Any) -> None:
    """Encrypt each FILE in place, or standard input to standard output."""
    from orchestra.cli.vaultwork import Work

    Work(given).encrypt(given["names"], given["target"], given["encrypt_vault_id"])


@command.command("decrypt")
@files
@output
@flags.vault
@flags.verbosity
def decrypt(**given: Any) -> None:
    """Decrypt each FILE in place, or standard input to standard output."""
    from orchestra.cli.vaultwork import Work

    Work(given).decrypt(given["names"], given["target"])


@command.command("view")
@needed_files
@flags.vault
@flags.verbosity
def view(**given: Any) -> None:
    """Show what encrypted files hold."""
    from orchestra.cli.vaultwork import Work

    Work(given).view(given["names"])


@command.command("edit")
@needed_files
@encrypt_id
@flags.vault
@flags.verbosity
def edit(**given: Any) -> None:
    """Change encrypted files in $EDITOR."""
    from orchestra.cli.vaultwork import Work

    Work(given).edit(given["names"])


@command.command("create")
@click.argument("name", metavar="FILE")
@encrypt_id
@click.option("--skip-tty-check", is_flag=True, help="Start the editor even where no terminal is.")
@flags.vault
@flags.verbosity
def create(**given: Any) -> None:
    """Write a new encrypted FILE in $EDITOR."""
    from orchestra.cli.vaultwork import Work

    Work(given).create(given["name"], given["encrypt_vault_id"], anywhere=given["skip_tty_check"])


@command.command("rekey")
@needed_files
@encrypt_id
@click.option("--new-vault-password-file", metavar="FILE", help="File or program that gives the new password.")
@click.option("--new-vault-id", metavar="LABEL@SOURCE", help="The new password with its label.")
@flags.vault
@flags.verbosity
def rekey(**given: Any) -> None:
    """Encrypt files again with another password."""
    from orchestra.cli.vaultwork import Work

    Work(given).rekey(given["names"], given["new_vault_password_file"], given["new_vault_id"])


@command.command("encrypt-string")
@click.argument("texts", nargs=-1, metavar="[TEXT]...")
@click.option("-n", "--name", "labels", multiple=True, metavar="NAME", help="Name of the variable. Repeatable.")
@click.option("--stdin-name", metavar="NAME", help="Encrypt standard input, too, under this name.")
@click.option("-p", "--prompt", "ask", is_flag=True, help="Ask for the text.")
@click.option("--show-input", is_flag=True, help="Show what is typed.")
@output
@encrypt_id
@flags.vault
@flags.verbosity
def encrypt_string(**given: Any) -> None:
    """Encrypt each TEXT and print it as it stands in a YAML file."""
    from orchestra.cli.vaultwork import Work

    Work(given).encrypt_strings(given)

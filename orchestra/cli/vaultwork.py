"""What the vault commands do with keys, files, standard input and the editor; the formats are the language's."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import click

from orchestra.cli.console import Console
from orchestra.cli.request import read_settings, vault_sources
from orchestra.errors import UsageError, VaultError
from orchestra.language import vaultfiles
from orchestra.language.vault import VaultOpener
from orchestra.language.vaultkeys import PLAIN_PROMPT, VaultKey, choose_key, read_keys
from orchestra.model.origin import Origin
from orchestra.model.secret import Redactor


class Work:
    """One vault command. Passwords are asked for when they are first needed."""

    def __init__(self, flags: Mapping[str, Any]) -> None:
        self._settings = read_settings(flags)
        self._console = Console()

    def encrypt(self, names: Sequence[str], target: str | None, wanted: str | None) -> None:
        """Encrypt files, or standard input."""
        key = self._key(wanted)
        for name in self._inputs(names, target):
            if name == "-" or target == "-":
                data = self._stdin("plaintext") if name == "-" else vaultfiles.read(name)
                self._put(vaultfiles.encrypt_bytes(data, key, salt=self._salt), target)
            else:
                vaultfiles.encrypt_file(name, key, output=target or "", salt=self._salt)
        self._say("Encryption successful")

    def decrypt(self, names: Sequence[str], target: str | None) -> None:
        """Decrypt files, or standard input."""
        for name in self._inputs(names, target):
            if name == "-":
                data = self._stdin("ciphertext")
                self._put(self._opener.decrypt(data.strip(), Origin("standard input")), target)
            elif target == "-":
                self._put(vaultfiles.view_file(name, self._opener), target)
            else:
                vaultfiles.decrypt_file(name, self._opener, output=target or "")
        self._say("Decryption successful")

    def view(self, names: Sequence[str]) -> None:
        """Show clear text, on a terminal through the pager."""
        for name in names:
            clear = vaultfiles.view_file(name, self._opener)
            if sys.stdout.isatty():
                click.echo_via_pager(clear.decode(errors="replace"))
            else:
                self._put(clear, "-")

    def edit(self, names: Sequence[str]) -> None:
        """Change files in the editor."""
        for name in names:
            vaultfiles.edit_file(name, self._opener, self._editor())

    def create(self, name: str, wanted: str | None, *, anywhere: bool) -> None:
        """Write a new file in the editor."""
        if not anywhere and not sys.stdout.isatty():
            raise UsageError("there is no terminal for the editor", hint="--skip-tty-check starts it all the same")
        vaultfiles.create_file(name, self._key(wanted), self._editor())

    def rekey(self, names: Sequence[str], new_file: str | None, new_id: str | None) -> None:
        """Encrypt files again. All are opened before the first is written."""
        if new_file and new_id:
            raise click.UsageError("--new-vault-password-file and --new-vault-id exclude each other")
        for name in names:
            vaultfiles.view_file(name, self._opener)
        default = self._settings.vault_encrypt_identity or self._settings.vault_identity
        source = new_id or f"{default}@{new_file or PLAIN_PROMPT}"
        key = read_keys([source], self._console.password, new=True)[0]
        for name in names:
            vaultfiles.rekey_file(name, self._opener, key)
        self._say("Rekey successful")

    def encrypt_strings(self, flags: Mapping[str, Any]) -> None:
        """Encrypt values for YAML: from the prompt, standard input and the command line, in this order."""
        key = self._key(flags["encrypt_vault_id"])
        blocks = [vaultfiles.encrypt_string(text, key, name, salt=self._salt) for name, text in self._texts(flags)]
        self._put("".join(blocks).encode(), flags["target"])
        self._say("Encryption successful")

    def _texts(self, flags: Mapping[str, Any]) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        names = list(flags["labels"])
        if flags["ask"]:
            asked = self._console.ask("String to encrypt: ", private=not flags["show_input"])
            if not asked:
                raise VaultError("there is nothing to encrypt: the prompt was not answered")
            found.append((names.pop(0) if names and not flags["texts"] else "", asked))
        if flags["stdin_name"] or not (flags["texts"] or flags["ask"]):
            text = self._stdin("plaintext (end it with Ctrl-D twice)").decode()
            found.append((flags["stdin_name"] or (names.pop(0) if names else ""), text))
        for text in flags["texts"]:
            found.append((names.pop(0) if names else "", text))
        if names:
            raise UsageError(f"there are more names than texts: {', '.join(names)}")
        return found

    @cached_property
    def _opener(self) -> VaultOpener:
        sources = vault_sources(self._settings) or (self._prompt(),)
        keys = read_keys(sources, self._console.password, on_warning=_warn)
        return VaultOpener(keys, Redactor(), match_ids=self._settings.vault_id_match)

    def _key(self, wanted: str | None) -> VaultKey:
        """The key to encrypt with; a prompted one is asked for twice."""
        sources = vault_sources(self._settings) or (self._prompt(),)
        keys = read_keys(sources, self._console.password, new=True, on_warning=_warn)
        return choose_key(keys, wanted or self._settings.vault_encrypt_identity or None)

    def _prompt(self) -> str:
        return f"{self._settings.vault_identity}@{PLAIN_PROMPT}"

    @property
    def _salt(self) -> bytes | None:
        return self._settings.vault_encrypt_salt.encode() or None

    def _editor(self) -> list[str]:
        return shlex.split(self._settings.editor)

    def _inputs(self, names: Sequence[str], target: str | None) -> Sequence[str]:
        if target and len(names) > 1:
            raise UsageError("--output takes one input file")
        return names or ("-",)

    def _stdin(self, what: str) -> bytes:
        if sys.stdin.isatty():
            self._say(f"Reading {what} from standard input")
        return sys.stdin.buffer.read()

    def _put(self, data: bytes, target: str | None) -> None:
        if target and target != "-":
            vaultfiles.write(target, data)
            return
        sys.stdout.buffer.write(data if data.endswith(b"\n") else data + b"\n" * sys.stdout.isatty())
        sys.stdout.buffer.flush()

    def _say(self, text: str) -> None:
        """For people on a terminal; scripts get silence, as from ansible-vault."""
        if sys.stdout.isatty():
            click.echo(text, err=True)


def _warn(text: str) -> None:
    click.echo(f"[WARNING]: {text}", err=True)

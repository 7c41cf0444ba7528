"""Vaults as plugins and scripts open and make them: ``ansible.parsing.vault``.

The format is the house's own reader and writer; here are only the interface's names around it.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from typing import Any

from orchestra.ansible_api.errors import AnsibleError, AnsibleVaultError
from orchestra.errors import VaultError
from orchestra.language import vaultformat
from orchestra.language.vault import VaultOpener
from orchestra.language.vaultkeys import VaultKey
from orchestra.runner.foreign.text import to_bytes, to_text

__all__ = [
    "AnsibleVaultError",
    "FileVaultSecret",
    "ScriptVaultSecret",
    "VaultLib",
    "VaultSecret",
    "get_file_vault_secret",
    "is_encrypted",
    "is_encrypted_file",
    "match_best_secret",
    "match_secrets",
]

b_HEADER = vaultformat.HEADER  # noqa: N816 - the interface's name
#: Pairs of a vault id and the secret that goes by it.
Secrets = Iterable[tuple[Any, Any]]


class VaultSecret:
    """A password."""

    def __init__(self, _bytes: bytes | None = None) -> None:
        self._bytes = _bytes

    @property
    def bytes(self) -> Any:
        """The password; None while it has not been loaded."""
        return self._bytes

    def load(self) -> Any:
        """Get the password from where it is kept; here it is known."""
        return self._bytes


class FileVaultSecret(VaultSecret):
    """A password that is in a file."""

    def __init__(self, filename: Any = None, encoding: str | None = None, loader: Any = None) -> None:
        super().__init__()
        self.filename = filename

    def load(self) -> None:
        """Read the file. Raises AnsibleError where that is not possible, or nothing is in it."""
        self._bytes = self._read(os.path.expanduser(to_text(self.filename))).strip(b"\r\n")
        if not self._bytes:
            raise AnsibleVaultError(f"Invalid vault password was provided from file ({self.filename})")

    def _read(self, path: str) -> Any:
        try:
            with open(path, "rb") as file:
                return file.read().strip()
        except OSError as error:
            raise AnsibleError(f"Could not read vault password file {path}: {error}") from error


class ScriptVaultSecret(FileVaultSecret):
    """A password that a program prints."""

    def _read(self, path: str) -> Any:
        try:
            done = subprocess.run([os.path.abspath(path)], stdout=subprocess.PIPE, check=False)
        except OSError as error:
            raise AnsibleError(f"Problem running vault password script {path}: {error}") from error
        if done.returncode:
            raise AnsibleError(f"Vault password script {path} returned non-zero ({done.returncode})")
        return done.stdout


def get_file_vault_secret(
    filename: Any = None, vault_id: Any = None, encoding: str | None = None, loader: Any = None
) -> VaultSecret:
    """The secret that is in a file or that a program prints; still to be loaded. Raises AnsibleError."""
    path = os.path.abspath(os.path.expanduser(to_text(filename)))
    if not os.path.exists(path):
        raise AnsibleError(f"The vault password file {path} was not found")
    kind = ScriptVaultSecret if os.access(path, os.X_OK) and not os.path.isdir(path) else FileVaultSecret
    return kind(filename=path)


def is_encrypted(data: Any) -> bool:
    """Whether a text is a vault."""
    try:
        text: bytes = to_bytes(data, encoding="ascii", errors="strict", nonstring="strict")
    except (UnicodeError, TypeError):
        return False
    return text.startswith(b_HEADER)


def is_encrypted_file(file_obj: Any, start_pos: int = 0, count: int = len(b_HEADER)) -> bool:
    """Whether an open file holds a vault; it is left at the place where it was."""
    before = file_obj.tell()
    try:
        file_obj.seek(start_pos)
        return is_encrypted(file_obj.read(count))
    finally:
        file_obj.seek(before)


def match_secrets(secrets: Secrets, target_vault_ids: Iterable[Any]) -> list[tuple[Any, Any]]:
    """Those that go by one of the ids."""
    wanted = list(target_vault_ids)
    return [(name, secret) for name, secret in secrets or () if name in wanted]


def match_best_secret(secrets: Secrets, target_vault_ids: Iterable[Any]) -> tuple[Any, Any] | None:
    """The first of those."""
    return next(iter(match_secrets(secrets, target_vault_ids)), None)


class VaultLib:
    """Opens and makes vaults with some passwords."""

    def __init__(self, secrets: Secrets | None = None) -> None:
        self.secrets = list(secrets or ())

    @staticmethod
    def is_encrypted(vaulttext: Any) -> bool:
        """Whether a text is a vault."""
        return is_encrypted(vaulttext)

    def encrypt(self, plaintext: Any, secret: Any = None, vault_id: Any = None, salt: Any = None) -> bytes:
        """A vault of the text, made with the given or the first password. Raises AnsibleError."""
        if is_encrypted(plaintext):
            raise AnsibleError("input is already encrypted")
        if secret is None and not self.secrets:
            raise AnsibleVaultError("A vault password must be specified to encrypt data")
        used = secret if secret is not None else self.secrets[0][1]
        name = to_text(vault_id) if vault_id else None
        return vaultformat.lock(to_bytes(plaintext), used.bytes, name, to_bytes(salt) if salt else None)

    def decrypt(self, vaulttext: Any, filename: Any = None, obj: Any = None) -> bytes:
        """The clear bytes of a vault. Raises AnsibleVaultError."""
        return self.decrypt_and_get_vault_id(vaulttext, filename, obj)[0]

    def decrypt_and_get_vault_id(self, vaulttext: Any, filename: Any = None, obj: Any = None) -> tuple[bytes, Any, Any]:
        """The clear bytes, the id that the password goes by, and the secret. Raises AnsibleVaultError."""
        if not is_encrypted(vaulttext):
            named = f"{to_text(filename)!r}" if filename else "Input"
            raise AnsibleVaultError(f"{named} is not vault encrypted data.")
        keys = [VaultKey(str(name), secret.bytes) for name, secret in self.secrets]
        try:
            clear, key = VaultOpener(keys).decrypt_with_key(to_bytes(vaulttext))
        except VaultError as error:
            raise AnsibleVaultError(error.message) from error
        name, secret = self.secrets[keys.index(key)]
        return clear, name, secret

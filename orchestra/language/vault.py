"""Opens what stands encrypted in the project: each vault text once in a run, at its first use.

What it opens is plain data for ever, never a template, and is told to the run's Redactor. Must not know YAML, or where
the passwords came from.
"""

from __future__ import annotations

from collections.abc import Iterable

from orchestra.errors import NoVaultSecrets, VaultError
from orchestra.language import vaultformat
from orchestra.language.vaultformat import Envelope
from orchestra.language.vaultkeys import VaultKey
from orchestra.model.origin import Origin
from orchestra.model.secret import Redactor, Sealed, Secret

__all__ = ["VaultKey", "VaultOpener"]

#: ansible-core's words, which scripts look for.
_NO_SECRETS = "Attempting to decrypt but no vault secrets found."
_NOT_OPENED = "Decryption failed (no vault secrets were found that could decrypt)."


class VaultOpener:
    """The vault passwords of one run, and what they have opened."""

    def __init__(
        self, keys: Iterable[VaultKey] = (), redactor: Redactor | None = None, *, match_ids: bool = False
    ) -> None:
        """``match_ids``: a text with a vault id is only tried with passwords of that id."""
        self.keys = tuple(keys)
        self._redactor = redactor or Redactor()
        self._match_ids = match_ids
        self._opened: dict[bytes, tuple[bytes, VaultKey]] = {}
        for key in self.keys:
            self._redactor.add(key.password.decode(errors="replace"))

    def decrypt(self, ciphertext: bytes | str, origin: Origin | None = None) -> bytes:
        """The clear bytes of a vault text.

        Raises:
            VaultError: no password, none that opens it, or a damaged text; located at ``origin``.
        """
        return self.decrypt_with_key(ciphertext, origin)[0]

    def decrypt_with_key(self, ciphertext: bytes | str, origin: Origin | None = None) -> tuple[bytes, VaultKey]:
        """Like ``decrypt``, and the key that opened it."""
        text = ciphertext.encode() if isinstance(ciphertext, str) else ciphertext
        found = self._opened.get(text)
        if found is None:
            found = self._opened[text] = self._open(text, origin)
        return found

    def open_text(self, ciphertext: str, origin: Origin | None = None) -> Secret:
        """The clear text of an inline value, known to the Redactor from now on."""
        clear = self.decrypt(ciphertext, origin)
        try:
            return self.secret(clear.decode())
        except UnicodeDecodeError as error:
            raise VaultError("this vault value is not UTF-8 text", origin=origin) from error

    def seal(self, ciphertext: str, origin: Origin | None) -> Sealed:
        """A value that opens itself at its first use."""
        return Sealed(ciphertext, self.open_text, origin)

    def secret(self, text: str) -> Secret:
        """``text`` as a Secret that the Redactor knows."""
        return self._redactor.add(text)

    def _open(self, text: bytes, origin: Origin | None) -> tuple[bytes, VaultKey]:
        try:
            envelope = vaultformat.parse(text)
        except VaultError as error:
            raise VaultError(error.message, origin=origin, hint=error.hint) from error
        if not self.keys:
            raise no_password(origin)
        for key in self._candidates(envelope.vault_id):
            clear = vaultformat.unlock(envelope, key.password)
            if clear is not None:
                return clear, key
        raise self._wrong_password(envelope, origin)

    def _candidates(self, vault_id: str | None) -> list[VaultKey]:
        """The keys to try: those of the text's own id first."""
        matching = [key for key in self.keys if key.id == (vault_id or vaultformat.DEFAULT_ID)]
        if self._match_ids:
            return matching
        return matching + [key for key in self.keys if key not in matching]

    def _wrong_password(self, envelope: Envelope, origin: Origin | None) -> VaultError:
        ids = list(dict.fromkeys(key.id for key in self.keys))
        vault_id = envelope.vault_id
        if vault_id and vault_id not in ids:
            hint = f"it was encrypted with vault id {vault_id!r}: add --vault-id {vault_id}@SOURCE"
        else:
            hint = "check the password; a text changed after it was encrypted opens with none"
        return VaultError(_NOT_OPENED, origin=origin, hint=f"tried: {', '.join(ids)}; {hint}")


def no_password(origin: Origin | None) -> VaultError:
    """The error for a vault text when no password was given at all."""
    return NoVaultSecrets(
        _NO_SECRETS,
        origin=origin,
        hint="use --vault-password-file, --vault-id or --ask-vault-pass",
    )

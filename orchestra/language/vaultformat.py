"""The vault text format, versions 1.1 and 1.2, cipher AES256; byte-compatible with ansible-vault.

A header line ``$ANSIBLE_VAULT;1.1;AES256`` (1.2 adds ``;label``), then, hex twice and in lines of 80: salt, HMAC-SHA256
and AES-256-CTR ciphertext (PKCS#7 padded), keys by PBKDF2-HMAC-SHA256 with 10,000 rounds. Source: the vault chapter of
Ansible's user guide. Knows bytes only; nothing of files, ids to try, or where passwords come from.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from binascii import Error as HexError
from binascii import hexlify, unhexlify

from orchestra.errors import VaultError
from orchestra.model.record import record

HEADER = b"$ANSIBLE_VAULT"
DEFAULT_ID = "default"
_CIPHER = b"AES256"
_VERSIONS = (b"1.1", b"1.2")
_ROUNDS = 10_000
_KEY = 32
_BLOCK = 16
_LINE = 80


@record
class Envelope:
    """A vault text taken apart. ``vault_id`` is None in version 1.1."""

    salt: bytes
    digest: bytes
    ciphertext: bytes
    vault_id: str | None = None


def is_vault(data: bytes | str) -> bool:
    """Whether ``data`` starts as a vault text does."""
    head = data[:200].encode(errors="replace") if isinstance(data, str) else data[:200]
    return head.lstrip().startswith(HEADER)


def parse(text: bytes) -> Envelope:
    """Take a vault text apart.

    Raises:
        VaultError: not one, an unknown version or cipher, or damaged (without an origin; the caller knows it).
    """
    lines = [line.strip() for line in text.strip().splitlines()]
    vault_id = _check_header(lines[0] if lines else b"")
    try:
        salt, digest, ciphertext = unhexlify(b"".join(lines[1:])).split(b"\n", 2)
        return Envelope(unhexlify(salt), unhexlify(digest), unhexlify(ciphertext), vault_id)
    except ValueError as error:
        # What scripts look for in ansible-core's message is the part about hexadecimal digits.
        why = f": Vault format unhexlify error: {error}" if isinstance(error, HexError) else ""
        raise VaultError(
            f"this vault text is damaged{why}", hint="restore the whole text, header and all hex lines, unchanged"
        ) from error


def _check_header(line: bytes) -> str | None:
    parts = [part.strip() for part in line.split(b";")]
    if parts[0] != HEADER:
        raise VaultError(
            f"a vault text starts with {HEADER.decode()};1.1;AES256, and this does not",
            hint="make one with: orchestra vault encrypt-string",
        )
    if len(parts) < 3 or parts[1] not in _VERSIONS:
        version = parts[1].decode(errors="replace") if len(parts) > 1 else "none"
        raise VaultError(f"this vault text has version {version!r}; 1.1 and 1.2 are known")
    if parts[2] != _CIPHER:
        raise VaultError(f"this vault text uses cipher {parts[2].decode(errors='replace')!r}; only AES256 is known")
    return parts[3].decode("utf-8", "replace") if len(parts) > 3 and parts[3] else None


def unlock(envelope: Envelope, password: bytes) -> bytes | None:
    """The clear bytes, or None when the password is wrong (or the text was changed)."""
    cipher_key, mac_key, counter = _derive(password, envelope.salt)
    digest = hmac.new(mac_key, envelope.ciphertext, hashlib.sha256).digest()
    if not hmac.compare_digest(digest, envelope.digest):
        return None
    padded = _cipher(cipher_key, counter, envelope.ciphertext)
    return padded[: -padded[-1]] if padded else b""


def lock(data: bytes, password: bytes, vault_id: str | None = None, salt: bytes | None = None) -> bytes:
    """A vault text of ``data``; version 1.2 with a label unless ``vault_id`` is None or ``default``.

    ``salt`` is random unless given (a fixed salt makes the text the same each time, for version control).
    """
    salt = salt or os.urandom(_KEY)
    cipher_key, mac_key, counter = _derive(password, salt)
    padding = _BLOCK - len(data) % _BLOCK
    ciphertext = _cipher(cipher_key, counter, data + bytes([padding]) * padding)
    digest = hmac.new(mac_key, ciphertext, hashlib.sha256).digest()
    body = hexlify(b"\n".join(map(hexlify, (salt, digest, ciphertext))))
    lines = [body[start : start + _LINE] for start in range(0, len(body), _LINE)]
    return b"\n".join([_header(vault_id), *lines, b""])


def _header(vault_id: str | None) -> bytes:
    if vault_id and vault_id != DEFAULT_ID:
        return b";".join((HEADER, b"1.2", _CIPHER, vault_id.encode()))
    return b";".join((HEADER, b"1.1", _CIPHER))


def _derive(password: bytes, salt: bytes) -> tuple[bytes, bytes, bytes]:
    derived = hashlib.pbkdf2_hmac("sha256", password, salt, _ROUNDS, 2 * _KEY + _BLOCK)
    return derived[:_KEY], derived[_KEY : 2 * _KEY], derived[2 * _KEY :]


def _cipher(key: bytes, counter: bytes, data: bytes) -> bytes:
    """AES in counter mode; the same step encrypts and decrypts."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    step = Cipher(algorithms.AES(key), modes.CTR(counter)).encryptor()
    return step.update(data) + step.finalize()

"""The filters ``vault`` and ``unvault``: Vault text made and opened inside a template, with a password of its own.

They are given to the templating room, which knows no vaults. What ``unvault`` opens is a secret.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from orchestra.errors import TemplateError, VaultError
from orchestra.language import vaultformat
from orchestra.model.origin import Origin
from orchestra.model.secret import Redactor, Sealed, Secret
from orchestra.templating.marker import Fault, Marker

_DEFAULT_ID = "filter_default"


def vault_filters(redactor: Redactor) -> dict[str, Callable[..., Any]]:
    """Both filters by name; ``redactor`` learns passwords, and what is opened."""

    def vault(
        data: Any,
        secret: Any,
        salt: Any = None,
        vault_id: str = _DEFAULT_ID,
        wrap_object: bool = False,
        vaultid: str | None = None,
    ) -> Any:
        """Vault text of ``data``; with ``wrap_object`` a value that opens itself, as one written with ``!vault``."""
        password = _text(secret, "Secret passed is required to be a string").encode()
        redactor.add(password.decode())
        clear = _text(data, "Can only vault strings").encode()
        fixed = None if salt is None else _salt(salt)
        text = vaultformat.lock(clear, password, vaultid or vault_id, fixed).decode()

        def opened(ciphertext: str, origin: Origin | None) -> Secret:
            return redactor.add(_open(ciphertext, password))

        return Sealed(text, opened) if wrap_object else text

    def unvault(vault: Any, secret: Any, vault_id: str = _DEFAULT_ID, vaultid: str | None = None) -> Any:
        """What Vault text holds; any other text as it is."""
        if isinstance(vault, Fault) and vault._marker_sealed is not None:
            vault = vault._marker_sealed.ciphertext
        for value in (vault, secret):
            if isinstance(value, Marker):
                value._marker_trip()
        password = _text(secret, "Secret passed is required to be as string")
        text = (
            vault.ciphertext if isinstance(vault, Sealed) else _text(vault, "Vault should be in the form of a string")
        )
        if not vaultformat.is_vault(text):
            return text
        redactor.add(password)
        return redactor.add(_open(text, password.encode()))

    return {"vault": vault, "unvault": unvault}


def _salt(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _text(value: Any, complaint: str) -> str:
    if isinstance(value, bytes):
        return value.decode()
    if not isinstance(value, str):
        raise TemplateError(f"{complaint}, instead we got: {type(value)}")
    return str(value)


def _open(text: str, password: bytes) -> str:
    try:
        clear = vaultformat.unlock(vaultformat.parse(text.encode()), password)
    except VaultError as error:
        raise TemplateError(f"Unable to decrypt: {error.message}") from None
    if clear is None:
        raise TemplateError("Unable to decrypt: the secret that was given does not open this vault text")
    return clear.decode()

"""The door to YAML: text or a file in, values with Origins out.

Reads what Ansible's loader reads, in the way it reads it, and says more when it can not. A text that is JSON is read by
JSON's rules, as there. Must not know what a playbook is.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Protocol

from yaml import YAMLError

from orchestra.errors import LanguageError, ParseErrors, VaultError
from orchestra.language.yamlbuild import Builder, Sealer, Warn, holds_template
from orchestra.language.yamlerrors import explain
from orchestra.language.yamlnodes import compose
from orchestra.model.origin import LocatedDict, LocatedList, Origin, TemplateText
from orchestra.model.secret import Sealed, Secret

__all__ = ["VAULT_HEADER", "FileOpener", "holds_template", "load", "load_bytes", "load_file", "wrap"]

VAULT_HEADER = b"$ANSIBLE_VAULT;"


class FileOpener(Sealer, Protocol):
    """What reading files needs of the vault; ``VaultOpener`` is one."""

    def decrypt(self, ciphertext: bytes | str, origin: Origin | None = None) -> bytes:
        """Clear bytes of a vault text. Raises VaultError."""


def load(
    text: str,
    file: str,
    *,
    vault: FileOpener | None = None,
    trusted: bool = True,
    on_warning: Warn | None = None,
) -> Any:
    """The value of the only document in ``text``; None when it is empty.

    ``file`` is what Origins name. With ``trusted`` false nothing becomes a template. ``on_warning`` hears of
    duplicate keys.

    Raises:
        LanguageError: located; ParseErrors when there are several problems.
    """
    is_json, data = _as_json(text)
    try:
        node = compose(text)
    except (YAMLError, UnicodeEncodeError) as error:
        if is_json:
            return wrap(data, Origin(file, 1, 1), trusted=trusted)
        if isinstance(error, YAMLError):
            raise explain(error, text, file) from error
        raise LanguageError("the text holds a lone surrogate character", origin=Origin(file)) from error
    if node is None:
        return None
    builder = Builder(
        file, trusted=trusted, json_scalars=is_json, sealer=vault or _NoVault(), warn=on_warning or _ignore_warning
    )
    value = builder.build(node)
    if builder.problems:
        raise builder.problems[0] if len(builder.problems) == 1 else ParseErrors(builder.problems)
    return value


def load_bytes(
    data: bytes,
    file: str,
    *,
    vault: FileOpener | None = None,
    trusted: bool = True,
    on_warning: Warn | None = None,
) -> Any:
    """Like ``load`` for a file's content, which may be a vault."""
    return load(decode(unlock(data, file, vault), file), file, vault=vault, trusted=trusted, on_warning=on_warning)


def load_file(
    path: str | Path,
    *,
    vault: FileOpener | None = None,
    trusted: bool = True,
    on_warning: Warn | None = None,
) -> Any:
    """Like ``load`` for the file at ``path``, opened first if it is a vault.

    Raises:
        LanguageError: not readable, not UTF-8, not YAML; VaultError when no password opens it.
    """
    file = str(path)
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise LanguageError(f"cannot read the file: {error.strerror or error}", origin=Origin(file)) from error
    return load_bytes(data, file, vault=vault, trusted=trusted, on_warning=on_warning)


def unlock(data: bytes, file: str, vault: FileOpener | None) -> bytes:
    """``data`` as it is, or decrypted when it is a vault text."""
    if not data.startswith(VAULT_HEADER):
        return data
    return (vault or _NoVault()).decrypt(data, Origin(file))


def decode(data: bytes, file: str) -> str:
    """UTF-8 text of a file's content, without a byte order mark; a located error otherwise."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before) - (before.rfind(b"\n") + 1) + 1
        raise LanguageError(
            f"byte 0x{data[error.start]:02x} is not UTF-8 text",
            origin=Origin(file, line, column),
            hint="save the file as UTF-8",
        ) from error


def wrap(data: Any, origin: Origin, *, trusted: bool = True) -> Any:
    """Plain data that came from the user (JSON, a script's output) with one Origin for all of it."""
    if isinstance(data, str):
        return TemplateText(data, origin) if trusted and holds_template(data) else data
    if isinstance(data, dict):
        items = {key: wrap(value, origin, trusted=trusted) for key, value in data.items()}
        places = dict.fromkeys(items, origin)
        return LocatedDict(items, origin=origin, key_origins=places, value_origins=places)
    if isinstance(data, (list, tuple)):
        return LocatedList(
            [wrap(item, origin, trusted=trusted) for item in data], origin=origin, item_origins=(origin,) * len(data)
        )
    return data


def _as_json(text: str) -> tuple[bool, Any]:
    if not text.lstrip().startswith(("{", "[", '"')):
        return False, None
    try:
        return True, json.loads(text)
    except ValueError:
        return False, None


def _ignore_warning(message: str, origin: Origin) -> None:
    """Nobody listens."""


class _NoVault:
    """Stands in where no vault password was given: says so at first use."""

    def seal(self, ciphertext: str, origin: Origin | None) -> Sealed:
        return Sealed(ciphertext, self._open, origin)

    def decrypt(self, ciphertext: bytes | str, origin: Origin | None = None) -> bytes:
        raise VaultError(
            "this is encrypted, and no vault password was given",
            origin=origin,
            hint="use --vault-password-file, --vault-id or --ask-vault-pass",
        )

    def _open(self, ciphertext: str, origin: Origin | None) -> Secret:
        return Secret(self.decrypt(ciphertext, origin).decode())

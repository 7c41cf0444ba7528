"""The door to YAML: text or a file in, values with Origins out.

Reads what Ansible's loader reads, in the way it reads it, and says more when it can not. A text that is JSON is read by
JSON's rules, as there. Must not know what a playbook is.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from yaml import YAMLError

from orchestra.errors import LanguageError, ParseErrors
from orchestra.language import vaultformat
from orchestra.language.vault import VaultOpener
from orchestra.language.yamlbuild import Builder, Warn, holds_template
from orchestra.language.yamlnodes import compose
from orchestra.model.origin import LocatedDict, LocatedList, Origin, ProjectText, TemplateText
from orchestra.model.secret import Secret

__all__ = ["duplicate_keys", "holds_template", "load", "load_bytes", "load_file", "wrap"]


def load(
    text: str,
    file: str,
    *,
    vault: VaultOpener | None = None,
    trusted: bool = True,
    secret: bool = False,
    on_warning: Warn | None = None,
) -> Any:
    """The value of the only document in ``text``; None when it is empty.

    ``file`` is what Origins name. With ``trusted`` false nothing becomes a template; with ``secret`` true every
    text that is none becomes a Secret (the content of an encrypted file). ``on_warning`` hears of duplicate keys.

    Raises:
        LanguageError: located; ParseErrors when there are several problems.
    """
    is_json, data = _as_json(text)
    opener = vault or VaultOpener()
    try:
        node = compose(text)
    except (YAMLError, UnicodeEncodeError) as error:
        if is_json:
            return wrap(data, Origin(file, 1, 1), trusted=trusted, secret=opener.secret if secret else None)
        if isinstance(error, YAMLError):
            from orchestra.language.yamlerrors import explain

            raise explain(error, text, file) from error
        raise LanguageError("the text holds a lone surrogate character", origin=Origin(file)) from error
    if node is None:
        return None
    builder = Builder(
        file,
        trusted=trusted,
        json_scalars=is_json,
        secret=opener.secret if secret else None,
        sealer=opener,
        warn=on_warning or _ignore_warning,
    )
    value = builder.build(node)
    if builder.problems:
        raise builder.problems[0] if len(builder.problems) == 1 else ParseErrors(builder.problems)
    return value


def load_bytes(
    data: bytes,
    file: str,
    *,
    vault: VaultOpener | None = None,
    trusted: bool = True,
    on_warning: Warn | None = None,
) -> Any:
    """Like ``load`` for a file's content, which may be a vault."""
    text = decode(unlock(data, file, vault), file)
    secret = vaultformat.is_vault(data)
    return load(text, file, vault=vault, trusted=trusted, secret=secret, on_warning=on_warning)


def load_file(
    path: str | Path,
    *,
    vault: VaultOpener | None = None,
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


def unlock(data: bytes, file: str, vault: VaultOpener | None) -> bytes:
    """``data`` as it is, or decrypted when it is a vault text."""
    if not vaultformat.is_vault(data):
        return data
    return (vault or VaultOpener()).decrypt(data, Origin(file))


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


def wrap(data: Any, origin: Origin, *, trusted: bool = True, secret: Callable[[str], Secret] | None = None) -> Any:
    """Plain data that came from the user (JSON, a script's output) with one Origin for all of it."""
    if isinstance(data, str):
        if trusted and holds_template(data):
            return TemplateText(data, origin)
        if secret:
            return secret(data)
        return ProjectText(data) if trusted else data
    if isinstance(data, dict):
        items = {key: wrap(value, origin, trusted=trusted, secret=secret) for key, value in data.items()}
        places = dict.fromkeys(items, origin)
        return LocatedDict(items, origin=origin, key_origins=places, value_origins=places)
    if isinstance(data, (list, tuple)):
        wrapped = [wrap(item, origin, trusted=trusted, secret=secret) for item in data]
        return LocatedList(wrapped, origin=origin, item_origins=(origin,) * len(data))
    return data


def duplicate_keys(mode: str, warn: Warn) -> Warn:
    """What to give as ``on_warning`` so that duplicate keys are an ``error``, a warning (``warn``) or nothing."""

    def refuse(message: str, origin: Origin) -> None:
        raise LanguageError(message, origin=origin, hint="keep one of them")

    return {"error": refuse, "ignore": _ignore_warning}.get(mode, warn)


def _as_json(text: str) -> tuple[bool, Any]:
    if not text.lstrip().startswith(("{", "[", '"')):
        return False, None
    try:
        return True, json.loads(text)
    except ValueError:
        return False, None


def _ignore_warning(message: str, origin: Origin) -> None:
    """Nobody listens."""

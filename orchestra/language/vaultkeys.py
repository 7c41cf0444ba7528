"""Where vault passwords come from: files, scripts, ``-client`` scripts and prompts, each with its vault id.

Knows how a ``label@source`` is read; nothing of what the passwords open.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import field
from pathlib import Path

from orchestra.errors import UsageError, VaultError
from orchestra.language import vaultformat
from orchestra.language.vaultformat import DEFAULT_ID
from orchestra.model.record import record

#: The sources that mean "ask"; the second is what --ask-vault-pass stands for and asks without naming the id.
PROMPT = "prompt"
PLAIN_PROMPT = "prompt_ask_vault_pass"
_UNKNOWN_ID = 2

#: Asks a person for a password: prompt in, answer out.
Ask = Callable[[str], str]


@record
class VaultKey:
    """A vault password and the id it goes by."""

    id: str
    password: bytes = field(repr=False)


def split_id(text: str) -> tuple[str | None, str]:
    """``label@source`` taken apart; without ``@`` the whole is the source."""
    label, at, source = text.partition("@")
    return (label or None, source) if at else (None, text)


def sources(
    identities: Iterable[str] = (),
    vault_ids: Iterable[str] = (),
    password_files: Iterable[str] = (),
    *,
    setting_file: str = "",
    ask: bool = False,
) -> tuple[str, ...]:
    """All ``label@source`` texts, in the order that Ansible tries them.

    ``identities`` come from the configuration, ``vault_ids`` and ``password_files`` from the command line.
    """
    files = [*password_files, *([setting_file] if setting_file else [])]
    asked = [f"{DEFAULT_ID}@{PLAIN_PROMPT}"] if ask else []
    return (*identities, *vault_ids, *(f"{DEFAULT_ID}@{file}" for file in files), *asked)


def read_keys(
    wanted: Sequence[str],
    ask: Ask,
    *,
    new: bool = False,
    on_warning: Callable[[str], None] | None = None,
) -> list[VaultKey]:
    """Read every password of ``wanted``. ``new`` asks twice.

    A source that fails is a warning as long as another one works.

    Raises:
        VaultError: none of them works, or a prompt was not answered.
    """
    keys: list[VaultKey] = []
    failures: list[VaultError] = []
    for text in wanted:
        label, source = split_id(text)
        if source in (PROMPT, PLAIN_PROMPT):
            keys.append(_asked_key(label or DEFAULT_ID, source, ask, new=new))
            continue
        try:
            keys.append(VaultKey(label or DEFAULT_ID, _read_source(source, label, keys)))
        except VaultError as error:
            failures.append(error)
    if failures and not keys:
        raise failures[0]
    for failure in failures:
        if on_warning:
            on_warning(failure.message)
    return keys


def _asked_key(label: str, source: str, ask: Ask, *, new: bool) -> VaultKey:
    suffix = f" ({label})" if source == PROMPT else ""
    word = "Vault" if not new or source == PLAIN_PROMPT else "vault"
    try:
        answer = ask(f"{'New ' if new else ''}{word} password{suffix}: ").strip()
        again = ask(f"Confirm new {word} password{suffix}: ").strip() if new else answer
    except EOFError as error:
        raise VaultError("the prompt for the vault password was not answered") from error
    if answer != again:
        raise VaultError("the two vault passwords are not the same")
    if not answer:
        raise VaultError("an empty vault password opens nothing")
    return VaultKey(label, answer.encode())


def _read_source(source: str, label: str | None, known: Sequence[VaultKey]) -> bytes:
    path = Path(os.path.abspath(os.path.expanduser(os.path.expandvars(source))))
    if not path.exists():
        raise VaultError(f"the vault password file {path} does not exist")
    if path.is_dir():
        raise VaultError(f"the vault password file {path} is a folder")
    password = _run_script(path, label) if os.access(path, os.X_OK) else _read_file(path, known)
    if not password:
        raise VaultError(f"the vault password from {path} is empty")
    return password


def _read_file(path: Path, known: Sequence[VaultKey]) -> bytes:
    """A password file, which itself may be a vault that an earlier password opens."""
    try:
        data = path.read_bytes().strip()
    except OSError as error:
        raise VaultError(f"cannot read the vault password file {path}: {error.strerror}") from error
    if not vaultformat.is_vault(data):
        return data
    envelope = vaultformat.parse(data)
    for key in known:
        clear = vaultformat.unlock(envelope, key.password)
        if clear is not None:
            return clear.strip(b"\r\n")
    raise VaultError(f"no earlier vault password opens the encrypted vault password file {path}")


def _run_script(path: Path, label: str | None) -> bytes:
    is_client = path.stem.endswith("-client")
    command = [str(path), *(["--vault-id", label] if is_client and label else [])]
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE if is_client else None, check=False
        )
    except OSError as error:
        raise VaultError(
            f"cannot run the vault password script {path}: {error.strerror}",
            hint="if it holds the password itself, remove its executable bit: chmod -x",
        ) from error
    if done.returncode:
        said = (done.stderr or b"").decode(errors="replace").strip()
        what = f"has no password for vault id {label!r}" if is_client and done.returncode == _UNKNOWN_ID else "failed"
        raise VaultError(
            f"the vault password script {path} {what} (exit {done.returncode}){': ' if said else ''}{said}"
        )
    return done.stdout.strip(b"\r\n")


def choose_key(keys: Sequence[VaultKey], wanted: str | None = None) -> VaultKey:
    """The key to encrypt with: the one called ``wanted``, else the only one.

    Raises:
        VaultError: no such key, or no key at all.
        UsageError: several and no choice.
    """
    if wanted:
        for key in keys:
            if key.id == wanted:
                return key
        known = list(dict.fromkeys(key.id for key in keys))
        raise VaultError(f"Did not find a match for --encrypt-vault-id={wanted} in the known vault-ids {known}")
    if not keys:
        raise VaultError(
            "encrypting needs a vault password", hint="use --vault-password-file, --vault-id or --ask-vault-pass"
        )
    if len(keys) > 1:
        raise UsageError(
            f"The vault-ids {','.join(key.id for key in keys)} are available to encrypt.",
            hint="choose one with --encrypt-vault-id",
        )
    return keys[0]

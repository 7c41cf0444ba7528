"""What ``orchestra vault`` does to files: encrypt, decrypt, view, edit, create, rekey, and strings for YAML.

A file is replaced in one step and never left half-written. Clear text that an editor needs lies in a private folder, in
memory where the machine has such a place. Knows no command line: prompts and choices are the caller's.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from orchestra.errors import VaultError
from orchestra.language import vaultformat
from orchestra.language.vault import VaultOpener
from orchestra.language.vaultkeys import VaultKey
from orchestra.model.origin import Origin

_PRIVATE = 0o600
_YAML_INDENT = 10


def encrypt_bytes(data: bytes, key: VaultKey, *, salt: bytes | None = None) -> bytes:
    """``data`` as a vault text, labelled with the key's id.

    Raises:
        VaultError: it is one already.
    """
    if vaultformat.is_vault(data):
        raise VaultError("this is encrypted already", hint="change its password with: orchestra vault rekey")
    return vaultformat.lock(data, key.password, key.id, salt)


def encrypt_string(text: str, key: VaultKey, name: str = "", *, salt: bytes | None = None) -> str:
    """``text`` encrypted and laid out for a YAML file, as ``name: !vault |``."""
    lines = encrypt_bytes(text.encode(), key, salt=salt).decode().splitlines()
    head = f"{name}: !vault |" if name else "!vault |"
    return "\n".join([head, *(" " * _YAML_INDENT + line for line in lines)]) + "\n"


def encrypt_file(path: str, key: VaultKey, *, output: str = "", salt: bytes | None = None) -> None:
    """Encrypt the file in place (its mode stays), or into ``output`` (mode 0600)."""
    try:
        data = encrypt_bytes(read(path), key, salt=salt)
    except VaultError as error:
        raise VaultError(error.message, origin=Origin(path), hint=error.hint) from error
    _replace(output or path, data, _mode_of(path) if not output else _PRIVATE)


def decrypt_file(path: str, opener: VaultOpener, *, output: str = "") -> None:
    """Decrypt the file in place, or into ``output``; either way only its owner may read it (0600)."""
    _replace(output or path, opener.decrypt(read(path), Origin(path)), _PRIVATE)


def view_file(path: str, opener: VaultOpener) -> bytes:
    """The clear bytes of the file."""
    return opener.decrypt(read(path), Origin(path))


def rekey_file(path: str, opener: VaultOpener, new_key: VaultKey) -> None:
    """Encrypt the file again with ``new_key``; its mode and owner stay."""
    clear = opener.decrypt(read(path), Origin(path))
    _replace(path, vaultformat.lock(clear, new_key.password, new_key.id), _mode_of(path))


def edit_file(path: str, opener: VaultOpener, editor: Sequence[str]) -> bool:
    """Let ``editor`` (a command; the file's name is added) change the clear text. Returns whether anything changed.

    Raises:
        VaultError: cannot be opened or saved, or the editor failed (then the file is as it was).
    """
    ciphertext, mode = read(path), _mode_of(path)
    clear, key = opener.decrypt_with_key(ciphertext, Origin(path))
    vault_id = vaultformat.parse(ciphertext).vault_id
    with _private_copy(path, clear) as copy:
        changed = _run_editor(editor, copy)
        if changed == clear:
            return False
        _save(path, vaultformat.lock(changed, key.password, vault_id), mode, copy)
    return True


def create_file(path: str, key: VaultKey, editor: Sequence[str]) -> None:
    """Write a new encrypted file (0600) with what the user types into ``editor``.

    Raises:
        VaultError: it exists, cannot be saved, or the editor failed.
    """
    if os.path.exists(path):
        raise VaultError(f"{path} exists", hint="change it with: orchestra vault edit")
    Path(path).absolute().parent.mkdir(parents=True, exist_ok=True)
    with _private_copy(path, b"") as copy:
        _save(path, encrypt_bytes(_run_editor(editor, copy), key), _PRIVATE, copy)


def read(path: str) -> bytes:
    """Content of a file. Raises VaultError when it cannot be read."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise VaultError(f"cannot read the file: {error.strerror}", origin=Origin(path)) from error


def write(path: str, data: bytes) -> None:
    """Put ``data`` into a file that only its owner may read (0600), in one step. Raises VaultError."""
    _replace(path, data, _PRIVATE)


def _mode_of(path: str) -> int:
    return os.stat(path).st_mode & 0o7777


def _replace(path: str, data: bytes, mode: int) -> None:
    """Put ``data`` at ``path`` (through links) in one step; an existing file's owner stays."""
    target = os.path.realpath(path)
    try:
        descriptor, fresh = tempfile.mkstemp(prefix=".vault-", dir=os.path.dirname(target))
    except OSError as error:
        raise VaultError(f"cannot write beside the file: {error.strerror}", origin=Origin(path)) from error
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        _keep_owner(target, fresh)
        os.chmod(fresh, mode)
        os.replace(fresh, target)
    except OSError as error:
        os.unlink(fresh)
        raise VaultError(f"cannot write the file: {error.strerror}", origin=Origin(path)) from error


def _keep_owner(old: str, fresh: str) -> None:
    if not os.path.exists(old):
        return
    was, now = os.stat(old), os.stat(fresh)
    if (was.st_uid, was.st_gid) != (now.st_uid, now.st_gid):
        os.chown(fresh, was.st_uid, was.st_gid)


@contextmanager
def _private_copy(path: str, clear: bytes) -> Iterator[Path]:
    """A file with ``clear`` in a folder of its own (an editor's swap files go with it), gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="orchestra-vault-", dir=_memory_folder()))
    copy = folder / os.path.basename(path)
    try:
        copy.touch(mode=_PRIVATE)
        copy.write_bytes(clear)
        yield copy
    except _NotSaved as error:
        raise VaultError(f"{error.message}; what you wrote is in {copy}", origin=error.origin) from error
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)


def _memory_folder() -> str | None:
    """A folder that never reaches a disk, where the machine has one."""
    for folder in ("/dev/shm", os.environ.get("XDG_RUNTIME_DIR", "")):  # noqa: S108 - a private folder is made inside
        if folder and os.path.isdir(folder) and os.access(folder, os.W_OK | os.X_OK):
            return folder
    return None


class _NotSaved(VaultError):
    """The edited text could not be written back; it must not be lost."""


def _save(path: str, data: bytes, mode: int, copy: Path) -> None:
    try:
        _replace(path, data, mode)
    except VaultError as error:
        raise _NotSaved(error.message, origin=error.origin) from error


def _run_editor(editor: Sequence[str], copy: Path) -> bytes:
    """Run the editor on ``copy``; what the file holds afterwards."""
    try:
        status = subprocess.run([*editor, str(copy)], check=False).returncode
    except OSError as error:
        raise VaultError(
            f"cannot start the editor {editor[0]!r}: {error.strerror}", hint="set the environment variable EDITOR"
        ) from error
    if status:
        raise VaultError(f"the editor ended with status {status}; nothing was saved")
    return read(str(copy))

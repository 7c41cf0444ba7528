"""Sends content that the controller has: first only its checksum, then what the host answers that it lacks.

A large file is never held in memory, where many hosts would get it at once: it is streamed from the disk to each.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from orchestra.engine.actions.module import call
from orchestra.engine.context import TaskContext
from orchestra.engine.results import ActionResult
from orchestra.errors import NoVaultSecrets, VaultError
from orchestra.language.vaultformat import is_vault

#: Smaller content comes along at once: one round trip costs more than its bytes.
SMALL = 2048
#: Larger files stay on the disk.
LARGE = 1 << 20

#: Bytes, or the file that holds them.
Content = bytes | Path


def content_of(context: TaskContext, path: str, *, decrypt: bool = True) -> Content:
    """What a file of the controller holds, opened if it is a vault. Raises OSError, VaultError."""
    if os.path.getsize(path) > LARGE and not (decrypt and _is_vault_file(path)):
        return Path(path)
    if not decrypt:
        return Path(path).read_bytes()
    try:
        return context.lookups.read(path)
    except NoVaultSecrets as error:
        text = f"A vault password or secret must be specified to decrypt {path}"
        raise VaultError(text, origin=error.origin, hint=error.hint) from error


def _is_vault_file(path: str) -> bool:
    with open(path, "rb") as file:
        return is_vault(file.read(64))


def sha1(content: Content) -> str:
    """The checksum that hosts compare."""
    if isinstance(content, Path):
        found = content.stat()
        return _sum_of(str(content), found.st_size, found.st_mtime_ns)
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


@lru_cache(maxsize=64)
def _sum_of(path: str, size: int, changed: int) -> str:
    """Computed once for all hosts, as long as the file stays the same."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.sha1(usedforsecurity=False)).hexdigest()


def _size(content: Content) -> int:
    return content.stat().st_size if isinstance(content, Path) else len(content)


async def place(
    context: TaskContext, module: str, options: Mapping[str, Any], contents: Mapping[str, Content]
) -> ActionResult:
    """Run ``module`` (copy or template), sending those of ``contents`` that it needs."""
    first = {} if sum(map(_size, contents.values())) > SMALL else dict(contents)
    result = await call(context, module, options, first)
    needed = result.reply.data.get("needs_content")
    if not needed:
        return result
    return await call(context, module, options, {name: contents[name] for name in needed})

"""Imports asyncssh without two searches that end in nothing.

When it is imported, asyncssh asks ``ctypes.util.find_library`` for liboqs (post-quantum key exchange), which starts
ldconfig, a compiler and a linker: 25 ms of CPU at each start. A look into the loader's own list answers the same. It
also imports all of cryptography's X.509 (10 ms) before it sees that pyOpenSSL, which it needs for that, is not there.
"""

from __future__ import annotations

import contextlib
import ctypes.util
import os
import sys
from collections.abc import Iterator
from importlib.util import find_spec

#: Where the loader looks (ldconfig's list), and where it does on systems that have no such list.
_LIST = "/etc/ld.so.cache"
_FOLDERS = ("/lib", "/usr/lib", "/usr/local/lib")
_X509 = "asyncssh.crypto.x509"


def import_asyncssh() -> None:
    """Import asyncssh; afterwards ``import asyncssh`` anywhere is free."""
    if "asyncssh" not in sys.modules:
        with _no_search_for_liboqs(), _no_certificates_in_vain():
            import asyncssh  # noqa: F401


@contextlib.contextmanager
def _no_search_for_liboqs() -> Iterator[None]:
    if sys.platform != "linux" or _has_liboqs():
        yield
        return
    search = ctypes.util.find_library
    ctypes.util.find_library = _not_liboqs
    try:
        yield
    finally:
        ctypes.util.find_library = search


@contextlib.contextmanager
def _no_certificates_in_vain() -> Iterator[None]:
    """Let asyncssh's own import of X.509 fail at once where it would fail in the end."""
    if find_spec("OpenSSL") is not None:
        yield
        return
    sys.modules[_X509] = None  # type: ignore[assignment]  # Python's own mark for "there is no such module"
    try:
        yield
    finally:
        del sys.modules[_X509]


def _has_liboqs() -> bool:
    folders = [folder for folder in os.environ.get("LD_LIBRARY_PATH", "").split(":") if folder]
    try:
        with open(_LIST, "rb") as file:
            if b"liboqs.so" in file.read():
                return True
    except OSError:
        folders += _FOLDERS
    return any(name.startswith("liboqs.so") for folder in folders for name in _names(folder))


def _names(folder: str) -> list[str]:
    with contextlib.suppress(OSError):
        return os.listdir(folder)
    return []


def _not_liboqs(name: str) -> str | None:
    """What find_library answers while asyncssh is imported: there is no such library."""
    return None

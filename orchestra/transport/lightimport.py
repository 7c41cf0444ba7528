"""Imports asyncssh without its search for liboqs where there is none.

asyncssh asks ``ctypes.util.find_library`` for that library (post-quantum key exchange) when it is imported, which
starts ldconfig, a compiler and a linker: 25 ms of CPU at each start. A look into the library folders answers the same.
"""

from __future__ import annotations

import ctypes.util
import glob
import os
import sys

_FOLDERS = ("/lib", "/usr/lib", "/usr/local/lib", "/lib/*", "/usr/lib/*", "/opt/*/lib")


def import_asyncssh() -> None:
    """Import asyncssh; afterwards ``import asyncssh`` anywhere is free."""
    if "asyncssh" in sys.modules or sys.platform != "linux" or _has_liboqs():
        return
    search = ctypes.util.find_library
    ctypes.util.find_library = _not_liboqs
    try:
        import asyncssh  # noqa: F401
    finally:
        ctypes.util.find_library = search


def _has_liboqs() -> bool:
    folders = (*_FOLDERS, *os.environ.get("LD_LIBRARY_PATH", "").split(":"))
    return any(glob.glob(f"{folder}/liboqs.so*") for folder in folders if folder)


def _not_liboqs(name: str) -> str | None:
    """What find_library answers while asyncssh is imported: there is no such library."""
    return None

"""Keeps built payloads between runs: to make a module small takes more CPU than to run it on fifty hosts.

An entry's name is a digest of everything that it was built from (content for modules, sizes and times for the runner's
own files) and of this product's version, so it is never stale. The folder is the user's own, and private; where
there is none, or it is not private, payloads are built anew each time. Entries nobody used for a month are removed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestra import __version__
from orchestra.payload.code import ForeignModule, ModuleCode, Source

if TYPE_CHECKING:
    from orchestra.payload.build import Builder

_RUNNER = Path(__file__).resolve().parent.parent / "runner"
_BUILDING = Path(__file__).resolve().parent
#: Seconds after which an unused entry goes.
_LIFETIME = 30 * 86400


def default_folder(environ: Mapping[str, str]) -> Path | None:
    """Where the user's payloads are kept; None for a user without a home."""
    base = environ.get("XDG_CACHE_HOME") or (f"{environ['HOME']}/.cache" if environ.get("HOME") else "")
    return Path(base) / "orchestra" / "payload" if os.path.isabs(base) else None


def _python_files(folder: str | Path) -> Iterator[os.DirEntry[str]]:
    """Python files in a folder and below."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                yield entry
            elif entry.name != "__pycache__" and entry.is_dir():
                yield from _python_files(entry.path)


class KeptPayloads:
    """Payloads from the folder, or from a builder that is made when something is missing."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = _private(folder) if folder is not None else None
        self._modules: dict[tuple[str, bool], ModuleCode] = {}
        self._files: dict[str, tuple[Source, ...]] = {}
        self._bundle = b""

    @cached_property
    def _builder(self) -> Builder:
        from orchestra.payload.build import Builder

        return Builder()

    @cached_property
    def _fingerprint(self) -> str:
        """Of the runner's sources and of the code that makes them small."""
        marks = [f"{__version__} {os.fspath(_RUNNER)}"]
        for file in sorted([*_python_files(_RUNNER), *_python_files(_BUILDING)], key=attrgetter("path")):
            found = file.stat()
            marks.append(f"{file.path} {found.st_size} {found.st_mtime_ns}")
        return hashlib.sha256("\n".join(marks).encode()).hexdigest()

    def bundle(self) -> bytes:
        """The runner's core, compressed."""
        if not self._bundle:
            key = self._key("bundle", b"")
            kept = self._read(key)
            if kept is None:
                kept = self._builder.bundle()
                self._write(key, kept)
            self._bundle = kept
        return self._bundle

    def module(self, path: str, *, ours: bool = True) -> ModuleCode:
        """The code of a module file. Raises PayloadError."""
        known = self._modules.get((path, ours))
        if known is None:
            known = self._modules[path, ours] = self._module(path, ours)
        return known

    def _module(self, path: str, ours: bool) -> ModuleCode:
        def build() -> ModuleCode:
            return self._builder.module(path, ours=ours)

        try:
            content = Path(path).read_bytes()
        except OSError:
            return build()
        return self._kept(f"{path} {ours}", content, build)

    def _kept(self, what: str, content: bytes, build: Callable[[], ModuleCode]) -> ModuleCode:
        key = self._key(what, content)
        kept = self._read(key)
        code = _unpack(kept) if kept is not None else None
        if code is None:
            code = build()
            self._write(key, _pack(code))
        return code

    def foreign(self, module: ForeignModule) -> ModuleCode:
        """Built anew in each run: it depends on shared code as well. Raises PayloadError."""
        return self._builder.foreign(module)

    def runner_file(self, name: str) -> tuple[Source, ...]:
        """A file of the runner outside the core, with what it needs."""
        if name not in self._files:
            code = self._kept(f"runner {name}", b"", lambda: ModuleCode(name, self._builder.runner_file(name)))
            self._files[name] = code.sources
        return self._files[name]

    def find(self, name: str) -> Source | None:
        """A file of the runner by its dotted name, or None."""
        return self._builder.find(name)

    def all_files(self) -> tuple[Source, ...]:
        """Every file of the runner proper."""
        return self._builder.all_files()

    def _key(self, what: str, content: bytes) -> str:
        if self._folder is None:
            return ""
        return hashlib.sha256(f"{self._fingerprint} {what} ".encode() + content).hexdigest()

    def _read(self, key: str) -> bytes | None:
        if self._folder is None:
            return None
        try:
            return (self._folder / key).read_bytes()
        except OSError:
            return None

    def _write(self, key: str, content: bytes) -> None:
        """Write beside the place, then rename; a full disk only means that the next run builds again."""
        if self._folder is None:
            return
        with contextlib.suppress(OSError):
            import tempfile

            handle, temporary = tempfile.mkstemp(dir=self._folder)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                os.replace(temporary, self._folder / key)
            except OSError:
                os.unlink(temporary)
                raise
            _forget_old(self._folder)


def _private(folder: Path) -> Path | None:
    """The folder, made if need be; None when others could write to it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
    except OSError:
        return None
    mine = found.st_uid == os.geteuid() and not stat.S_IMODE(found.st_mode) & 0o022
    return folder if mine else None


def _forget_old(folder: Path) -> None:
    limit = time.time() - _LIFETIME
    for entry in os.scandir(folder):
        if entry.stat().st_mtime < limit:
            os.unlink(entry.path)


def _pack(code: ModuleCode) -> bytes:
    header = {"name": code.name, "fresh": code.fresh, "site": code.site, "sources": [_about(s) for s in code.sources]}
    return json.dumps(header).encode() + b"\n" + b"".join(source.packed for source in code.sources)


def _about(source: Source) -> list[Any]:
    return [source.name, source.file, source.digest, len(source.packed), list(source.requires)]


def _unpack(kept: bytes) -> ModuleCode | None:
    """A kept module; None when the entry is damaged."""
    head, _, blobs = kept.partition(b"\n")
    try:
        header = json.loads(head)
        sources = tuple(_sources(header["sources"], blobs))
        return ModuleCode(header["name"], sources, header["fresh"], header["site"])
    except (ValueError, KeyError, TypeError):
        return None


def _sources(entries: Iterable[list[Any]], blobs: bytes) -> Iterable[Source]:
    start = 0
    for name, file, digest, size, requires in entries:
        packed = blobs[start : start + size]
        start += size
        if hashlib.sha256(name.encode() + packed).hexdigest() != digest:
            raise ValueError("damaged")
        yield Source(name, file, digest, packed, tuple(requires))

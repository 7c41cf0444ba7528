"""Archives and compressed files made from what lies on a host, and what tells two of them apart.

What goes in is looked at through the system, so a check run packs what earlier tasks would have made. It knows nothing
of where the result goes.
"""

import os

from orchestra.runner.sdk import Failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from orchestra.runner.sdk import Stat, System

_AT_ONCE = 16 * 1024 * 1024
_BLOCK = 256 * 1024
#: What a tar archive holds, as it marks it; a socket is in none.
_KINDS = {"file": b"0", "directory": b"5", "link": b"2", "fifo": b"6"}


class Packed:
    """One thing to be packed: where it is, what it is, and its name in the archive."""

    __slots__ = ("name", "path", "stat")

    def __init__(self, path: "str", name: "str", stat: "Stat") -> "None":
        self.path = path
        self.name = name
        self.stat = stat


def collect(
    system: "System", paths: "Iterable[str]", root: "str", leave: "Callable[[str, str], bool]", follow: "bool"
) -> "list[Packed]":
    """What is at ``paths`` and below that can be packed, folders before what is in them.

    ``leave(path, name)`` says what stays out. ``follow``: what links lead to is packed in their place, as zip has it.
    Failed where that is nothing.
    """
    found = []
    for path in paths:
        for one in _below(system, path) if system.is_dir(path) else [path]:
            name = one[len(root) :] if one.startswith(root) else one.lstrip("/")
            stat = None if leave(one, name) else _looked_at(system, one, follow)
            if stat is not None and stat.kind in (("file", "directory") if follow else _KINDS):
                found.append(Packed(one, name, stat))
    return found


def _looked_at(system: "System", path: "str", follow: "bool") -> "Stat | None":
    stat = system.stat(path, follow=follow)
    if stat is None and system.stat(path) is not None:
        raise Failed("cannot pack {}: it is a link that leads nowhere".format(path), path=path)
    return stat


def _below(system: "System", path: "str") -> "Iterator[str]":
    for folder, folders, files in system.walk(path):
        for name in folders + files:
            yield os.path.join(folder, name)


def write_tar(system: "System", place: "str", kind: "str", members: "Iterable[Packed]") -> "None":
    """``kind``: gz, bz2 or xz, "" for none. A file that is there under two names is packed once."""
    import tarfile

    seen = {}  # type: dict[Any, str]
    with tarfile.open(place, "w:" + kind) as archive:  # type: ignore[call-overload]
        for member in members:
            entry = _entry(system, member)
            key = (member.stat.dev, member.stat.ino)
            if member.stat.kind == "file" and member.stat.nlink > 1 and key in seen:
                entry.type, entry.linkname, entry.size = tarfile.LNKTYPE, seen[key], 0
            seen.setdefault(key, member.name)
            if entry.isreg():
                with _reader(system, member) as content:
                    archive.addfile(entry, content)
            else:
                archive.addfile(entry)


def _entry(system: "System", member: "Packed") -> "Any":
    """What tar says of it."""
    import tarfile

    stat = member.stat
    entry = tarfile.TarInfo(member.name)
    entry.type = _KINDS[stat.kind]
    entry.mode, entry.uid, entry.gid, entry.mtime = stat.mode, stat.uid, stat.gid, int(stat.mtime)
    entry.size = stat.size if stat.kind == "file" else 0
    entry.linkname = stat.target or ""
    user, group = system.user(stat.uid), system.group(stat.gid)
    entry.uname, entry.gname = user.name if user else "", group.name if group else ""
    return entry


def write_zip(system: "System", place: "str", members: "Iterable[Packed]") -> "None":
    """Members whose links were followed; folders have an entry of their own."""
    import time
    import zipfile

    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED, True) as archive:
        for member in members:
            stat = member.stat
            folder = stat.kind == "directory"
            when = max(time.localtime(stat.mtime)[:6], (1980, 1, 1, 0, 0, 0))
            entry = zipfile.ZipInfo(member.name + "/" * folder, when)
            entry.external_attr = (stat.mode | (0o040000 if folder else 0o100000)) << 16
            entry.compress_type = zipfile.ZIP_STORED if folder else zipfile.ZIP_DEFLATED
            with archive.open(entry, "w", force_zip64=stat.size >= 1 << 31) as file:
                if not folder:
                    with _reader(system, member) as content:
                        _copy(content, file)


def write_compressed(system: "System", place: "str", kind: "str", member: "Packed") -> "None":
    """A single file, compressed: gz, bz2 or xz."""
    with _reader(system, member) as content, _compressed(place, kind, "wb") as file:
        _copy(content, file)


def contents(path: "str", kind: "str", *, archive: "bool") -> "Any":
    """What is in a packed file, to be compared with another one's; None where it is no such file.

    Of tar all that a member is; of zip names and checksums; of a compressed file the checksum.
    """
    import tarfile
    import zipfile
    import zlib

    look = _of_compressed if not archive else _of_zip if kind == "zip" else _of_tar
    try:
        return look(path, "" if kind == "tar" else kind)
    except (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile, zlib.error):
        return None
    except Exception as error:  # lzma need not be there, and then its error has no name
        if type(error).__name__ == "LZMAError":
            return None
        raise


def _of_tar(path: "str", kind: "str") -> "Any":
    import tarfile

    found = set()
    with tarfile.open(path, "r:" + kind) as archive:  # type: ignore[call-overload]
        for one in archive:
            content = archive.extractfile(one) if one.isreg() else None
            check = _checksum(content) if content is not None else 0
            found.add((one.name, one.type, one.mode, one.uid, one.gid, int(one.mtime), one.linkname, check))
    return found


def _of_zip(path: "str", kind: "str") -> "Any":
    import zipfile

    with zipfile.ZipFile(path) as archive:
        return {(one.filename, one.CRC) for one in archive.infolist()}


def _of_compressed(path: "str", kind: "str") -> "Any":
    with _compressed(path, kind, "rb") as file:
        return _checksum(file)


def _compressed(path: "str", kind: "str", mode: "str") -> "Any":
    if kind == "gz":
        import gzip

        return gzip.open(path, mode)
    if kind == "bz2":
        import bz2

        return bz2.open(path, mode)
    import lzma

    return lzma.open(path, mode)


def _checksum(file: "Any") -> "int":
    import zlib

    check = 0
    for block in iter(lambda: file.read(_BLOCK), b""):
        check = zlib.crc32(block, check)
    return check


def _copy(source: "Any", target: "Any") -> "None":
    for block in iter(lambda: source.read(_BLOCK), b""):
        target.write(block)


def _reader(system: "System", member: "Packed") -> "Any":
    """A file's content; a large one is never in memory as a whole."""
    import io

    if member.stat.size <= _AT_ONCE:
        return io.BytesIO(system.read_bytes(member.path))
    return system.base_open(system.resolve(member.path))

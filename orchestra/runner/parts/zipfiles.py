"""Zip archives: read, compared by content and unpacked in Python, so that a host needs no unzip."""

import os
import zipfile

from orchestra.runner.parts.archives import Member, Unpack
from orchestra.runner.parts.staging import Move, Stage
from orchestra.runner.sdk import Failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.parts.archives import Choice
    from orchestra.runner.sdk import System

PARTS = ("archives", "staging")
_FLAT, _KEEP, _NEWER, _PLAIN = "-j", "-n", "-u", ("-o", "-q", "-qq")

_LONGEST = 4096  # bytes that a link's target may have


class UnpackZip(Unpack):
    """A zip archive. Of unzip's options -j, -n, -u are understood; -o and -q change nothing here."""

    def __init__(self, path: "str", dest: "str", choice: "Choice") -> "None":
        super().__init__(path, dest, choice, "ZipArchive")
        unknown = [one for one in choice.extra if one not in (_FLAT, _KEEP, _NEWER) + _PLAIN]
        if unknown:
            raise Failed("extra_opts: for a zip archive only -j, -n, -o, -q, -u are known, not " + ", ".join(unknown))

    def read(self, system: "System") -> "list[Member]":
        try:
            with zipfile.ZipFile(self.path) as archive:
                found = [_member(archive, info) for info in archive.infolist() if self._wanted(info.filename)]
        except (zipfile.BadZipFile, RuntimeError, UnicodeError) as error:
            raise Failed('Failed to find handler for "{}": {}'.format(self.path, error)) from None
        if _FLAT not in self._choice.extra:
            _refuse_linked(found, self.dest)
            return found
        found = [one for one in found if one.kind != "directory"]
        for one in found:
            one.name = os.path.basename(one.name)
        return found

    def _wanted(self, name: "str") -> "bool":
        from fnmatch import fnmatch

        include, exclude = self._choice.include, self._choice.exclude
        if include and not any(fnmatch(name, pattern) for pattern in include):
            return False
        return not any(fnmatch(name, pattern) for pattern in exclude)

    def differs(self, system: "System", members: "list[Member]") -> "bool":
        return any(self._lacks(system, one) for one in members)

    def _lacks(self, system: "System", member: "Member") -> "bool":
        """Whether a member would be written."""
        found = system.stat(self.place(member.name))
        if found is None:
            return True
        if member.kind == "directory":
            return found.kind not in ("directory", "link")
        if _KEEP in self._choice.extra:
            return False
        if (self._choice.keep_newer or _NEWER in self._choice.extra) and found.mtime >= _time(member.info):
            return False
        if member.kind == "link":
            return found.kind != "link" or found.target != member.target
        return found.kind != "file" or found.size != member.size or self._crc(system, member) != member.info.CRC

    def _crc(self, system: "System", member: "Member") -> "int":
        import zlib

        return zlib.crc32(system.read_bytes(self.place(member.name))) & 0xFFFFFFFF

    def extract(self, system: "System") -> "dict[str, Any]":
        written = [one for one in self._members if self._lacks(system, one)]
        with Stage(self.dest, self.above()) as stage:
            with zipfile.ZipFile(self.path) as archive:
                for member in sorted(written, key=lambda one: one.kind == "link"):
                    self._write(archive, member, _staged(stage, member), system.umask)
            folders = [one for one in written if one.kind == "directory"]
            for member in sorted(folders, key=lambda one: one.name, reverse=True):  # they may not allow a write
                os.chmod(_staged(stage, member), member.mode & ~system.umask)
            Move(self.dest).carry_out(stage)
        return {
            "cmd": ["unzip"],
            "rc": 0,
            "out": "".join("inflating: {}\n".format(one.name) for one in written),
            "err": "",
        }

    def _write(self, archive: "Any", member: "Member", path: "str", umask: "int") -> "None":
        if member.kind == "directory":
            os.makedirs(path, exist_ok=True)
            return
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if os.path.lexists(path):
            os.unlink(path)  # the archive has the name twice; the later one counts
        if member.kind == "link":
            os.symlink(member.target or "", path)
            return
        self._pour(archive, member, path)
        os.chmod(path, member.mode & ~umask)
        os.utime(path, (_time(member.info), _time(member.info)))

    def _pour(self, archive: "Any", member: "Member", path: "str") -> "None":
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(opened, "wb") as file, archive.open(member.info) as source:
                for block in iter(lambda: source.read(262144), b""):
                    file.write(block)
        except OSError as error:
            text = "failed to unpack {} of {} to {}: {}"
            raise Failed(text.format(member.name, self.path, self.dest, error.strerror), errno=error.errno) from None
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
            raise Failed("failed to unpack {} of {}: {}".format(member.name, self.path, error)) from None


def _staged(stage: "Stage", member: "Member") -> "str":
    return os.path.normpath(os.path.join(stage.tree, member.name.lstrip("/")))


def _member(archive: "Any", info: "Any") -> "Member":
    mode = info.external_attr >> 16
    if info.filename.endswith("/"):
        return Member(info.filename.rstrip("/"), "directory", mode & 0o777 or 0o777, 0, None, info)
    if mode & 0o170000 == 0o120000:
        if info.file_size > _LONGEST:
            raise zipfile.BadZipFile("{!r} is a link of {} bytes".format(info.filename, info.file_size))
        target = archive.read(info).decode("utf-8", "surrogateescape")
        return Member(info.filename, "link", 0o777, 0, target, info)
    return Member(info.filename, "file", mode & 0o777 or 0o666, info.file_size, None, info)


def _refuse_linked(members: "list[Member]", dest: "str") -> "None":
    """Nothing goes below a name that the same archive makes a link."""
    links = {one.name for one in members if one.kind == "link"}
    for one in members:
        folder = os.path.dirname(one.name)
        while folder:
            if folder in links:
                text = "the archive's member {!r} leads through a link of the archive; nothing was unpacked to {}"
                raise Failed(text.format(one.name, dest))
            folder = os.path.dirname(folder)


def _time(info: "Any") -> "float":
    """When the member was last written, in local time as zip has it."""
    import time

    try:
        return time.mktime(tuple(info.date_time) + (0, 0, -1))
    except (ValueError, OverflowError):
        return 0.0

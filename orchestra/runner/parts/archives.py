"""Archives on a host: which kind a file is, what is in it, what of it is not yet in a folder, and unpacking it.

It does not know formats. A member that would leave the folder, by `..` or through a link, is refused before anything is
written.
"""

import os

from orchestra.runner.paths import restored
from orchestra.runner.sdk import Effect, Failed, Node, NotRecorded, Remove, Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.sdk import Stat, System

UNDO_MEMBERS = 2000
UNDO_BYTES = 256 * 1024
# What a file begins with, as Ansible names its handler, and what tar is told.
_MAGIC = (
    (b"PK\x03\x04", "ZipArchive", ""),
    (b"PK\x05\x06", "ZipArchive", ""),
    (b"\x1f\x8b", "TgzArchive", "-z"),
    (b"BZh", "TarBzipArchive", "-j"),
    (b"\xfd7zXZ\x00", "TarXzArchive", "-J"),
    (b"\x28\xb5\x2f\xfd", "TarZstdArchive", "--use-compress-program=unzstd"),
)


class Member:
    """One member: its name as it will be under the folder, kind, permissions, and a link's target.

    `info`: what a zip archive says of it; the member that a hard link of a tar archive means.
    """

    __slots__ = ("info", "kind", "mode", "name", "size", "target")

    def __init__(self, name: "str", kind: "str", mode: "int", size: "int", target: "str | None", info: "Any") -> "None":
        self.name = name
        self.kind = kind
        self.mode = mode
        self.size = size
        self.target = target
        self.info = info


class Choice:
    """What the user wants of an archive. `owner` and `group` as given; `has_mode`: permissions are set afterwards."""

    def __init__(self, options: "Any") -> "None":
        self.include = list(options.include or ())
        self.exclude = list(options.exclude or ())
        self.extra = list(options.extra_opts or ())
        self.keep_newer = options.keep_newer
        self.owner = options.owner
        self.group = options.group
        self.has_mode = options.mode is not None


def kind_of(path: "str") -> "tuple[str, str]":
    """(Ansible's name for the handler, the option for tar); a plain tar archive is what nothing else is."""
    with open(path, "rb") as file:
        begin = file.read(8)
    for magic, name, flag in _MAGIC:
        if begin.startswith(magic):
            return name, flag
    import zipfile

    return ("ZipArchive", "") if begin[:2] == b"MZ" and zipfile.is_zipfile(path) else ("TarArchive", "")


def opened(system: "System", path: "str", dest: "str", choice: "Choice") -> "Unpack":
    """The effect that unpacks an archive into a folder; Failed where it is none that we can read."""
    if os.path.getsize(path) == 0:
        raise Failed("Invalid archive '{}', the file is 0 bytes".format(path))
    name, flag = kind_of(path)
    if name == "ZipArchive":
        from orchestra.runner.parts.zipfiles import UnpackZip

        return UnpackZip(path, dest, choice)
    from orchestra.runner.parts.tarfiles import UnpackTar

    return UnpackTar(path, dest, choice, name, flag)


class Unpack(Effect):
    """An archive's members in a folder. Values: extract_results. Subclasses: `read`, `differs`, `extract`."""

    def __init__(self, path: "str", dest: "str", choice: "Choice", handler: "str") -> "None":
        self.path = path
        self.dest = dest
        self.handler = handler
        self._choice = choice
        self._folder = dest
        self._members = []  # type: list[Member]
        self._tops = []  # type: list[str]
        self._new = set()  # type: set[str]

    def read(self, system: "System") -> "list[Member]":
        """The members that are wanted."""
        raise AssertionError("an archive must say what is in it")

    def differs(self, system: "System", members: "list[Member]") -> "bool":
        """Whether the folder lacks something of it."""
        raise AssertionError("an archive must say whether it differs")

    def extract(self, system: "System") -> "dict[str, Any]":
        """Unpack; the values cmd, rc, out, err."""
        raise AssertionError("an archive must say how it is unpacked")

    def names(self) -> "list[str]":
        """The members' names, a folder's with / at its end; `./` is the folder itself. After the effect was yielded."""
        return self._tops + [one.name + ("/" if one.kind == "directory" else "") for one in self._members]

    def place(self, name: "str") -> "str":
        """Where the member of this name goes."""
        return os.path.normpath(os.path.join(self._folder, name.lstrip("/")))

    def above(self) -> "list[str]":
        """The folders that members go into which are there; the deepest last."""
        folders = {os.path.dirname(self.place(one.name)) for one in self._members}
        return sorted((one for one in folders if os.path.isdir(one)), key=len)

    def needed(self, system: "System") -> "bool":
        members = self.read(system)
        self._tops = [one.name + "/" for one in members if not one.name.strip("/.")]
        self._members = [one for one in members if one.name.strip("/.")]
        for member in self._members:
            _refuse_escape(system, self._folder, member)
        self._new = {one.name for one in self._members if system.stat(self.place(one.name)) is None}
        return self.differs(system, self._members)

    def diff(self, system: "System") -> "Any":
        lines = ["{} {}".format("+" if one.name in self._new else " ", one.name) for one in self._members]
        return {"prepared": "\n".join(lines[:1000]) + "\n"}

    def undo(self, system: "System") -> "list[Effect]":
        """Remove what was not there, put back what was."""
        if len(self._members) > UNDO_MEMBERS:
            raise NotRecorded("not recorded, {} members".format(len(self._members)))
        there = [(one.kind, self.place(one.name)) for one in self._members if one.name not in self._new]
        there += [("directory", self._folder)] if self._tops else []
        found = [(kind, path, system.stat(path)) for kind, path in there]
        files = [stat.size for kind, _, stat in found if stat is not None and stat.kind == "file"]
        if sum(files) > UNDO_BYTES:
            raise NotRecorded("not recorded, {} files would be replaced".format(len(files)))
        back = [_restoring(system, kind, path, stat) for kind, path, stat in found if stat is not None]
        gone = [self.place(one.name) for one in self._members if one.name in self._new]
        folders = {folder for path in gone for folder in _missing_above(system, self._folder, path)}
        return back + [Remove(path, recursive=False) for path in sorted(folders.union(gone), reverse=True)]

    def apply(self, system: "System") -> "Result":
        return Result(True, extract_results=self.extract(system))

    def predict(self, system: "System") -> "Result":
        for member in self._members:
            fields = {"mode": member.mode, "size": member.size, "target": member.target, "uid": system.euid()}
            for folder in _missing_above(system, self._folder, self.place(member.name)):
                system.foresee("path", folder, Node("directory"))
            system.foresee("path", self.place(member.name), Node(member.kind, **fields))
        return Result(True, extract_results={})


def _missing_above(system: "System", dest: "str", path: "str") -> "list[str]":
    """Folders between the destination and a member that are not there, outermost first; archives may not list them."""
    missing = []  # type: list[str]
    folder = os.path.dirname(path)
    while len(folder) > len(dest.rstrip("/")) and system.stat(folder) is None:
        missing.insert(0, folder)
        folder = os.path.dirname(folder)
    return missing


def _restoring(system: "System", kind: "str", path: "str", found: "Stat") -> "Effect":
    """What puts back that which a member of a kind takes the place of."""
    if found.kind not in ("directory", "file", "link") or (found.kind == "directory") != (kind == "directory"):
        raise NotRecorded("not recorded, at {} a {} becomes a {}".format(path, found.kind, kind))
    return restored(system, path, found)


def _refuse_escape(system: "System", dest: "str", member: "Member") -> "None":
    if ".." in member.name.split("/"):
        raise Failed(
            "the archive's member {!r} would leave the folder {}; nothing was unpacked".format(member.name, dest)
        )
    inside = system.resolve(dest).rstrip("/") + "/"
    above = system.resolve(os.path.dirname(os.path.join(dest, member.name.strip("/"))))
    if not (above + "/").startswith(inside):
        text = "the archive's member {!r} leads through a link out of the folder {}; nothing was unpacked"
        raise Failed(text.format(member.name, dest))

"""Archives on a host: which kind a file is, what is in it, what of it is not yet in a folder, and unpacking it.

Tar archives go through GNU tar, because its options are part of what users write; zip archives need no program. A
member that would leave the folder, by `..` or through a link, is refused before anything is written.
"""

import errno
import os
import stat

from orchestra.runner.sdk import Effect, Failed, Node, NotRecorded, Remove, Result, WriteFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.sdk import System

_RECORD = 10240  # what tar writes at once
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
# Options of tar for which it has to see what is there, so that it must unpack in place.
_SEES_OLD = frozenset(
    (
        "-k",
        "--keep-old-files",
        "--skip-old-files",
        "--overwrite",
        "--backup",
        "--suffix",
        "--recursive-unlink",
        "--keep-directory-symlink",
    )
    + ("-C", "--directory", "-P", "--absolute-names", "-g", "--listed-incremental", "-G", "--incremental")
    + ("--to-command",)
)
_KINDS = {"d": "directory", "l": "link", "h": "file", "-": "file", "p": "fifo", "c": "char", "b": "block", "C": "file"}


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
    return UnpackTar(path, dest, choice, name, flag)


class Unpack(Effect):
    """An archive's members in a folder. Values: extract_results. Subclasses: `read`, `differs`, `extract`."""

    def __init__(self, path: "str", dest: "str", choice: "Choice", handler: "str") -> "None":
        self.path = path
        self.dest = dest
        self._choice = choice
        self.handler = handler
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

    def place(self, member: "Member") -> "str":
        """Where a member goes."""
        return os.path.normpath(os.path.join(self.dest, member.name.lstrip("/")))

    def needed(self, system: "System") -> "bool":
        members = self.read(system)
        self._tops = [one.name + "/" for one in members if not one.name.strip("/.")]
        self._members = [one for one in members if one.name.strip("/.")]
        for member in self._members:
            _refuse_escape(system, self.dest, member)
        self._new = {one.name for one in self._members if system.stat(self.place(one)) is None}
        return self.differs(system, self._members)

    def diff(self, system: "System") -> "Any":
        lines = ["{} {}".format("+" if one.name in self._new else " ", one.name) for one in self._members]
        return {"prepared": "\n".join(lines[:1000]) + "\n"}

    def undo(self, system: "System") -> "list[Effect]":
        """Remove what was not there, put back what was."""
        if len(self._members) > UNDO_MEMBERS:
            raise NotRecorded("not recorded, {} members".format(len(self._members)))
        old = [one for one in self._members if one.name not in self._new and one.kind == "file"]
        found = [(self.place(one), system.stat(self.place(one))) for one in old]
        if sum(one.size for _, one in found if one is not None) > UNDO_BYTES:
            raise NotRecorded("not recorded, {} files would be replaced".format(len(found)))
        back = [_restoring(system, path, one) for path, one in found if one is not None and one.kind == "file"]
        gone = [self.place(one) for one in self._members if one.name in self._new]
        folders = {folder for path in gone for folder in _missing_above(system, self.dest, path)}
        return back + [Remove(path, recursive=False) for path in sorted(folders.union(gone), reverse=True)]

    def apply(self, system: "System") -> "Result":
        return Result(True, extract_results=self.extract(system))

    def predict(self, system: "System") -> "Result":
        for member in self._members:
            fields = {"mode": member.mode, "size": member.size, "target": member.target, "uid": system.euid()}
            for folder in _missing_above(system, self.dest, self.place(member)):
                system.foresee("path", folder, Node("directory"))
            system.foresee("path", self.place(member), Node(member.kind, **fields))
        return Result(True, extract_results={})


def _missing_above(system: "System", dest: "str", path: "str") -> "list[str]":
    """Folders between the destination and a member that are not there, outermost first; archives may not list them."""
    missing = []  # type: list[str]
    folder = os.path.dirname(path)
    while len(folder) > len(dest.rstrip("/")) and system.stat(folder) is None:
        missing.insert(0, folder)
        folder = os.path.dirname(folder)
    return missing


def _restoring(system: "System", path: "str", found: "Any") -> "Effect":
    old = {"mode": found.mode, "owner": str(found.uid), "group": str(found.gid)}
    return WriteFile(path, system.read_bytes(path), old, follow=False)


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


class UnpackTar(Unpack):
    """A tar archive, compressed or not, by GNU tar."""

    def __init__(self, path: "str", dest: "str", choice: "Choice", handler: "str", flag: "str") -> "None":
        super().__init__(path, dest, choice, handler)
        self.flag = flag

    def _command(self, system: "System", action: "str") -> "list[str]":
        choice = self._choice
        argv = [_gnu_tar(system), action, "-C", self.dest] + ([self.flag] if self.flag else [])
        argv += ["--show-transformed-names"] if choice.extra else []
        argv += ["--keep-newer-files"] if choice.keep_newer else []
        argv += ["--exclude=" + one for one in choice.exclude]
        if any(mark in one for one in choice.include for mark in "*?["):
            argv += ["--wildcards"]
        return argv + choice.extra + ["-f", self.path] + choice.include

    def read(self, system: "System") -> "list[Member]":
        argv = self._command(system, "--list")
        argv[2:2] = ["--verbose", "--numeric-owner", "--quoting-style=literal"]
        if not system.is_dir(self.dest) or system.overlay:
            argv[argv.index("-C") + 1] = "/"  # a folder that check mode only foretells
        ran = system.query(argv)
        if ran.rc != 0:
            text = (
                'Failed to find handler for "{}". Make sure the required command to extract the file is installed.\n{}'
            )
            raise Failed(text.format(self.path, ran.err.strip()), rc=ran.rc)
        return [one for one in map(_member_of_line, ran.out.splitlines()) if one is not None]

    def differs(self, system: "System", members: "list[Member]") -> "bool":
        if any(one.name in self._new for one in members) and not self._choice.keep_newer:
            return True
        if system.overlay and system.stat(self.dest) is not None and not os.path.isdir(self.dest):
            return True
        argv = self._command(system, "--diff")
        if "--keep-newer-files" in argv:
            argv.remove("--keep-newer-files")
        ran = system.query(argv)
        said = ran.out.splitlines() + ran.err.splitlines()
        return any(self._counts(system, line) for line in said)

    def _counts(self, system: "System", line: "str") -> "bool":
        """Whether a difference that tar names is one that unpacking would change."""
        root, choice = system.euid() == 0, self._choice
        if line.endswith(("Uid differs", "Gid differs")):
            return self._keeps_owner(system) and not (choice.owner if line.endswith("Uid differs") else choice.group)
        if line.endswith("Mode differs"):
            return root and not choice.has_mode and "--no-same-permissions" not in choice.extra
        if line.endswith("Mod time differs"):
            return not choice.keep_newer and not {"-m", "--touch"}.intersection(choice.extra)
        if "Warning: Cannot stat" in line or "No such file" in line:
            return ": : Warning" not in line
        return line.endswith(("differ", "differs"))

    def extract(self, system: "System") -> "dict[str, Any]":
        if self._in_place():
            return self._run(system, self.dest)
        from orchestra.runner.parts.staging import Move, Stage

        listed = [] if self._keeps_newer() else [one.name for one in self._members if one.kind == "directory"]
        move = Move(self.dest, listed, self._keeps if self._keeps_newer() else None, self._keeps_owner(system))
        move.only_times = "--no-overwrite-dir" in self._choice.extra
        with Stage(self.dest) as stage:
            values = self._run(system, stage.tree)
            top = os.lstat(stage.tree)
            move.carry_out(stage.tree)
        if self._tops and not self._keeps_newer():
            move.dress(move.dest, top)
        return values

    def _in_place(self) -> "bool":
        """Whether tar has to see what is there already: for options about it, or a hard link to it."""
        if not os.access(self.dest, os.W_OK | os.X_OK) or _letters(self._choice.extra).intersection(_SEES_OLD):
            return True
        names = set() if self._keeps_newer() else {one.name for one in self._members}  # type: set[str]
        return any(one.info is not None and one.info not in names for one in self._members)

    def _keeps(self, found: "Any", staged: "Any") -> "bool":
        return not stat.S_ISDIR(found.st_mode) and bool(found.st_mtime_ns >= staged.st_mtime_ns)

    def _keeps_newer(self) -> "bool":
        """Whether newer files that are there stay; folders do then."""
        return self._choice.keep_newer or "--keep-newer-files" in self._choice.extra

    def _keeps_owner(self, system: "System") -> "bool":
        return system.euid() == 0 and not {"-o", "--no-same-owner"}.intersection(self._choice.extra)

    def _run(self, system: "System", folder: "str") -> "dict[str, Any]":
        from orchestra.runner.process import communicate

        argv = self._command(system, "--extract")
        for name in ("owner", "group"):
            value = getattr(self._choice, name)
            argv[2:2] = ["--{}={}".format(name, value)] if value else []
        place = argv.index("-C") + 1
        into = argv[:place] + [folder] + argv[place + 1 :]
        rc, out, err = communicate(system, into, env={"LC_ALL": "C", "LANGUAGE": "C"})
        values = {"cmd": argv, "rc": rc, "out": _text(out), "err": _text(err)}  # type: dict[str, Any]
        if rc != 0:
            text = "failed to unpack {} to {}: {}".format(self.path, self.dest, values["err"].strip())
            raise Failed(text + _full(folder, text), extract_results=values)
        return values


def _full(folder: "str", said: "str") -> "str":
    """The cause that tar leaves out where the last piece went half onto a full disk."""
    found = os.statvfs(folder)
    full = "Wrote only" in said and found.f_bavail * found.f_frsize < _RECORD
    return "\n" + os.strerror(errno.ENOSPC) if full else ""


def _text(output: "bytes") -> "str":
    return output.decode("utf-8", "surrogateescape")


def _letters(options: "list[str]") -> "set[str]":
    """Tar's options apart, without their values: -kv is -k and -v."""
    found = set()
    for one in options:
        if one.startswith("--"):
            found.add(one.partition("=")[0])
        elif one.startswith("-"):
            found.update("-" + letter for letter in one[1:])
    return found


def _gnu_tar(system: "System") -> "str":
    for name in ("gtar", "tar"):
        path = system.which(name)
        if path is not None and "GNU tar" in system.query([path, "--version"]).out:
            return path
    raise Failed("unpacking a tar archive needs GNU tar on the host; install the package tar (or gtar)")


def _member_of_line(line: "str") -> "Member | None":
    """A line of tar's verbose list: permissions owner/group size date time name."""
    fields = line.split(None, 5)
    if len(fields) < 6 or len(fields[0]) < 10 or fields[0][0] not in _KINDS:
        return None
    name, target, linked = fields[5], None, None
    if line[0] == "l":
        name, _, target = name.partition(" -> ")
    elif line[0] == "h":
        name, _, linked = name.partition(" link to ")
    size = int(fields[2]) if fields[2].isdigit() else 0
    kind = _KINDS[line[0]]
    return Member(name.rstrip("/") if kind == "directory" else name, kind, _mode(line[1:10]), size, target, linked)


def _mode(letters: "str") -> "int":
    """rwxr-s--t as a number."""
    mode = 0
    for index, letter in enumerate(letters):
        if letter not in "-ST":
            mode |= 0o400 >> index
        if letter in "sStT":
            mode |= {2: 0o4000, 5: 0o2000, 8: 0o1000}[index]
    return mode

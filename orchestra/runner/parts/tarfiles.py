"""Tar archives: read, compared and unpacked by GNU tar, because its options are part of what users write.

It unpacks into an empty stage. What the options say about files that are there already is done when members move.
"""

import errno
import os
import stat

from orchestra.runner.parts.archives import Member, Unpack
from orchestra.runner.parts.taroptions import Backups, TarOptions
from orchestra.runner.sdk import Failed, NotRecorded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.parts.archives import Choice
    from orchestra.runner.parts.staging import Move
    from orchestra.runner.sdk import Effect, System

PARTS = ("archives", "staging", "taroptions")
_RECORD = 10240  # what tar writes at once
_KINDS = {"d": "directory", "l": "link", "h": "file", "-": "file", "p": "fifo", "c": "char", "b": "block", "C": "file"}


class UnpackTar(Unpack):
    """A tar archive, compressed or not, by GNU tar."""

    def __init__(self, path: "str", dest: "str", choice: "Choice", handler: "str", flag: "str") -> "None":
        super().__init__(path, dest, choice, handler)
        self.flag = flag
        self._options = TarOptions(choice.extra)
        self._folder = os.path.join(dest, *self._options.folders)

    def _command(self, system: "System", action: "str", folder: "str", words: "list[str]") -> "list[str]":
        choice = self._choice
        argv = [_gnu_tar(system), action, "-C", folder] + ([self.flag] if self.flag else [])
        argv += ["--show-transformed-names"] if choice.extra else []
        argv += ["--keep-newer-files"] if choice.keep_newer else []
        argv += ["--exclude=" + one for one in choice.exclude]
        if any(mark in one for one in choice.include for mark in "*?["):
            argv += ["--wildcards"]
        return argv + words + ["-f", self.path] + choice.include

    def needed(self, system: "System") -> "bool":
        if self._options.has("--incremental", "--listed-incremental"):
            text = (
                "extra_opts: an incremental archive removes files while it is unpacked, so that a failure would leave"
            )
            raise Failed(text + " the folder half done; nothing was unpacked. Use the module command for it")
        if self._options.folders and not system.is_dir(self._folder):
            raise Failed("extra_opts: -C: there is no folder {}; nothing was unpacked".format(self._folder))
        return super().needed(system)

    def undo(self, system: "System") -> "list[Effect]":
        for name in ("--backup", "--suffix", "--recursive-unlink", "--to-command"):
            if self._options.has(name):
                raise NotRecorded("not recorded, tar's {} does more than the archive tells".format(name))
        return super().undo(system)

    def read(self, system: "System") -> "list[Member]":
        absolute = ["--absolute-names"] if self._options.has("--absolute-names") else []
        argv = self._command(system, "--list", "/", absolute + self._options.staged)
        argv[2:2] = ["--verbose", "--numeric-owner", "--quoting-style=literal"]
        ran = system.query(argv)
        if ran.rc != 0:
            text = 'Failed to find handler for "{}". Make sure the required command to extract the file is installed.'
            text += '\nCommand "{}" could not handle archive: Unable to list files in the archive: {}'
            raise Failed(text.format(self.path, argv[0], ran.err.strip()), rc=ran.rc)
        found = [one for one in map(_member_of_line, ran.out.split("\n")) if one is not None]
        if absolute and system.resolve(self._folder) != "/":
            self._refuse_absolute(found)
        return found

    def _refuse_absolute(self, members: "list[Member]") -> "None":
        for one in members:
            if one.name.startswith("/") or (one.info or "").startswith("/"):
                text = "with -P the archive's member {!r} would leave the folder {}; nothing was unpacked"
                raise Failed(text.format(one.name, self.dest))

    def differs(self, system: "System", members: "list[Member]") -> "bool":
        if any(one.name in self._new for one in members) and not self._choice.keep_newer:
            return True
        if system.overlay and system.stat(self.dest) is not None and not os.path.isdir(self.dest):
            return True
        argv = self._command(system, "--diff", self.dest, self._choice.extra)
        if "--keep-newer-files" in argv:
            argv.remove("--keep-newer-files")
        ran = system.query(argv)
        said = (ran.out + "\n" + ran.err).split("\n")  # a name may hold what else ends a line for Python
        return any(self._counts(system, line) for line in said)

    def _counts(self, system: "System", line: "str") -> "bool":
        """Whether a difference that tar names is one that unpacking would change."""
        root, choice = system.euid() == 0, self._choice
        if line.endswith(("Uid differs", "Gid differs")):
            return self._keeps_owner(system) and not (choice.owner if line.endswith("Uid differs") else choice.group)
        if line.endswith("Mode differs"):
            return root and not choice.has_mode and not self._options.has("--no-same-permissions")
        if line.endswith("Mod time differs"):
            return not choice.keep_newer and not self._options.has("--touch")
        if "Warning: Cannot stat" in line or "No such file" in line:
            return ": : Warning" not in line
        return line.endswith(("differ", "differs"))

    def extract(self, system: "System") -> "dict[str, Any]":
        if self._options.has("--to-command"):
            return self._run(system, self.dest, self._choice.extra)  # a program gets the members, tar writes none
        from orchestra.runner.parts.staging import Stage

        with Stage(self._folder, self.above()) as stage:
            lent = self._lend_link_targets(stage.tree)
            values = self._run(system, stage.tree, self._options.staged)
            for place, original in lent:
                _take_back(place, original)
            self._move(system).carry_out(stage, top=bool(self._tops))
        return values

    def _move(self, system: "System") -> "Move":
        """How members meet what is there: what tar would do in the folder itself with the user's options."""
        from orchestra.runner.parts.staging import Move

        options, move = self._options, Move(self._folder)
        move.listed = [one.name for one in self._members if one.kind == "directory"]
        move.twins = [one.name for one in self._members if one.info is not None]
        move.with_owner = self._keeps_owner(system)
        move.only_times = options.has("--no-overwrite-dir")
        move.refuses = options.has("--keep-old-files")
        move.overwrites = options.has("--overwrite")
        move.clears = options.has("--recursive-unlink")
        move.unlinks = options.has("--unlink-first")
        move.keeps_links = options.has("--keep-directory-symlink")
        if self._keeps_newer():
            move.keeps, move.leaves_out = _is_newer, True
        elif options.has("--skip-old-files"):
            move.keeps = _is_there
        move.folders_stay = move.refuses or move.keeps is not None
        backups = Backups.wanted(options, system.environ)
        move.backup = backups.name if backups is not None else None
        return move

    def _lend_link_targets(self, tree: "str") -> "list[tuple[str, os.stat_result]]":
        """Put into the stage what hard links mean that does not come from the archive, or that stays as it is."""
        stays = self._keeps_newer() or self._options.has("--skip-old-files")
        come = set() if stays else {self.place(one.name) for one in self._members}  # type: set[str]
        lent = {}  # type: dict[str, os.stat_result]
        for meant in (one.info.lstrip("/") for one in self._members if one.info is not None):
            original, place = self.place(meant), os.path.join(tree, meant)
            if ".." in meant.split("/") or original in come or place in lent or not os.path.isfile(original):
                continue
            os.makedirs(os.path.dirname(place), exist_ok=True)
            os.link(original, place)
            lent[place] = os.lstat(place)
        return list(lent.items())

    def _keeps_newer(self) -> "bool":
        """Whether newer files that are there stay; folders do then."""
        return self._choice.keep_newer or self._options.has("--keep-newer-files")

    def _keeps_owner(self, system: "System") -> "bool":
        return system.euid() == 0 and not self._options.has("--no-same-owner")

    def _run(self, system: "System", folder: "str", words: "list[str]") -> "dict[str, Any]":
        from orchestra.runner.process import communicate

        argv = self._command(system, "--extract", self.dest, self._choice.extra)
        into = self._command(system, "--extract", folder, words)
        for name in ("owner", "group"):
            value = getattr(self._choice, name)
            for one in (argv, into):
                one[2:2] = ["--{}={}".format(name, value)] if value else []
        rc, out, err = communicate(system, into, env={"LC_ALL": "C", "LANGUAGE": "C"})
        values = {"cmd": argv, "rc": rc, "out": _text(out), "err": _text(err)}  # type: dict[str, Any]
        if rc != 0:
            text = "failed to unpack {} to {}: {}".format(self.path, self.dest, values["err"].strip())
            raise Failed(text + _full(folder, text), extract_results=values)
        return values


def _take_back(place: "str", lent: "os.stat_result") -> "None":
    """Remove a link from a stage, unless tar has put another file in its place."""
    from orchestra.runner.parts.staging import same_times

    if os.path.samestat(os.lstat(place), lent):
        with same_times(os.path.dirname(place)):
            os.unlink(place)


def _is_newer(found: "os.stat_result", staged: "os.stat_result") -> "bool":
    return not stat.S_ISDIR(found.st_mode) and found.st_mtime_ns >= staged.st_mtime_ns


def _is_there(found: "os.stat_result", staged: "os.stat_result") -> "bool":
    return True


def _full(folder: "str", said: "str") -> "str":
    """The cause that tar leaves out where the last piece went half onto a full disk."""
    found = os.statvfs(folder)
    full = "Wrote only" in said and found.f_bavail * found.f_frsize < _RECORD
    return "\n" + os.strerror(errno.ENOSPC) if full else ""


def _text(output: "bytes") -> "str":
    return output.decode("utf-8", "surrogateescape")


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

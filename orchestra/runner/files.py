"""The effects on files: write, attributes, folders, links, removal, time stamps. Written once: atomic, undoable.

A file is replaced by renaming a finished temporary file over it, which is created 0600 in the same folder, carries the
old file's owner, mode and extended attributes, and is synced; so nobody ever reads half a file or one with wider
permissions. A symbolic link is followed to the file that it means.
"""

import os

from orchestra.runner.attributes import Attributes, set_changes
from orchestra.runner.effects import Effect, NotRecorded, Result, absolute, no, parents_missing
from orchestra.runner.overlay import Node
from orchestra.runner.system import Attachment, Failed, Stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.system import System

UNDO_LIMIT = 256 * 1024
DIFF_LIMIT = 104448
_IN_PLACE = (1, 13, 16, 18, 26)  # EPERM, EACCES, EBUSY, EXDEV, ETXTBSY: a rename that can not be, as for a mounted file


class FileEffect(Effect):
    """What effects on one path share: the attributes and their diff."""

    def __init__(self, path: "str", attributes: "Any" = None) -> "None":
        self.path = absolute(path)
        self._asked = attributes if isinstance(attributes, Attributes) else Attributes(**(attributes or {}))
        self.attributes = self._asked.state()
        self._at = self.path
        self._found = None  # type: Stat | None
        self._changes = {}  # type: dict[str, Any]

    def _old(self) -> "dict[str, Any]":
        """Attributes that put back what was found."""
        found = self._found
        assert found is not None
        return {"mode": found.mode, "owner": str(found.uid), "group": str(found.gid)}

    def _node(self, system: "System", kind: "str", fresh_mode: "int", **more: "Any") -> "Node":
        found = self._found or Stat(kind, fresh_mode & ~system.umask, system.euid())
        fields = {"mode": found.mode, "uid": found.uid, "gid": found.gid, "mtime": system.now()}
        fields.update({name: self._changes[name][1] for name in ("mode", "uid", "gid") if name in self._changes})
        fields.update(more)
        return Node(kind, **fields)

    def _attribute_diff(self) -> "list[dict[str, Any]]":
        if not self._changes:
            return []
        before, after = {"path": self.path}, {"path": self.path}
        for name, (now, new) in self._changes.items():
            shown = {"uid": "owner", "gid": "group"}.get(name, name)
            before[shown], after[shown] = ("%04o" % now, "%04o" % new) if name == "mode" else (now, new)
        header = self.path + " (file attributes)"
        return [{"before": before, "after": after, "before_header": header, "after_header": header}]


class SetAttributes(FileEffect):
    """Owner, group, mode, SELinux context of what is there already; `follow` a symbolic link or treat it itself."""

    def __init__(self, path: "str", attributes: "Any" = None, follow: "bool" = True) -> "None":
        super().__init__(path, attributes)
        self.follow = follow

    def needed(self, system: "System") -> "bool":
        self._at = system.resolve(self.path) if self.follow else self.path
        self._found = system.stat(self._at)
        if self._found is None:
            raise Failed("file not found: {}".format(self.path), path=self.path)
        self._changes = self._asked.changes(system, self._at, self._found)
        return bool(self._changes)

    def diff(self, system: "System") -> "Any":
        return self._attribute_diff()

    def undo(self, system: "System") -> "list[Effect]":
        return [SetAttributes(self._at, self._old(), follow=False)]

    def apply(self, system: "System") -> "Result":
        _set(system, self._at, self._changes)
        return Result(True)

    def predict(self, system: "System") -> "Result":
        assert self._found is not None
        content, kind = _content(system, self._at, self._found), self._found.kind
        system.foresee("path", self._at, self._node(system, kind, 0, content=content, target=self._found.target))
        return Result(True)


class WriteFile(FileEffect):
    """A regular file with this content (bytes or an Attachment; or those of the local file `source`), these attributes.

    `backup`: keep the old one beside it, as Ansible names it (result value `backup_file`). `validate`: a command with
    %s that must accept the temporary file. `follow`: through symbolic links. `unsafe_writes`: where a rename can not
    be (a mounted file), write in place. `headers`: (before, after) for the diff.
    """

    def __init__(
        self,
        path: "str",
        content: "bytes | Attachment" = b"",
        attributes: "Any" = None,
        backup: "bool" = False,
        validate: "str | None" = None,
        follow: "bool" = True,
        unsafe_writes: "bool" = False,
        source: "str | None" = None,
        headers: "Any" = None,
    ) -> "None":
        super().__init__(path, attributes)
        if isinstance(content, Attachment):
            content, source = content.data or b"", content.path
        self.content = content
        self.backup = backup
        self.validate = validate
        self.follow = follow
        self.unsafe_writes = unsafe_writes
        self.source = source
        self.headers = headers
        self._differs = True

    def needed(self, system: "System") -> "bool":
        self._at = system.resolve(self.path) if self.follow else self.path
        self._found = found = system.stat(self._at)
        if found is None:
            folder = os.path.dirname(self._at)
            if not system.is_dir(folder):
                raise Failed("Destination directory {} does not exist".format(folder))
        elif found.kind == "directory":
            raise Failed("Destination {} is a directory, not a file".format(self.path))
        self._differs = found is None or found.kind != "file" or not self._same(system, found)
        fresh = Stat("file", 0o666 & ~system.umask, system.euid(), os.getegid())
        if found is not None or self._asked:
            self._changes = self._asked.changes(system, self._at, found or fresh)
        return self._differs or bool(self._changes)

    def _same(self, system: "System", found: "Stat") -> "bool":
        if self.source is not None:
            return found.size == os.path.getsize(self.source) and system.digest(self._at) == file_digest(self.source)
        return found.size == len(self.content) and system.read_bytes(self._at) == self.content

    def diff(self, system: "System") -> "Any":
        if not self._differs:
            return self._attribute_diff()
        was = b"" if self._found is None or self._found.kind != "file" else system.read_bytes(self._at, DIFF_LIMIT + 1)
        now = self.content if self.source is None else _head(self.source, DIFF_LIMIT + 1)
        before, after = self.headers or (self.path, self.path)
        return [text_diff(was, now, before, after)] + (self._attribute_diff() if self._found is not None else [])

    def undo(self, system: "System") -> "list[Effect]":
        if self._found is None:
            return [Remove(self._at)]
        if not self._differs:
            return [SetAttributes(self._at, self._old(), follow=False)]
        return [restored(system, self._at, self._found)]

    def leaves(self, system: "System") -> "dict[str, Any]":
        """What undo must find again before it dares."""
        import hashlib

        known = file_digest(self.source) if self.source else hashlib.sha1(self.content).hexdigest()
        return {"path": self._at, "sha1": known}

    def apply(self, system: "System") -> "Result":
        if not self._differs:
            _set(system, self._at, self._changes)
            return Result(True)
        values = {}
        if self.backup and self._found is not None and self._found.kind == "file":
            values["backup_file"] = back_up(system, self._at)
        self._replace(system)
        return Result(True, **values)

    def _replace(self, system: "System") -> "None":
        at = self._at
        try:
            temporary, file = open_beside(at)
        except OSError as error:
            return self._in_place(system, error)
        try:
            with file:
                self._pour(file)
                file.flush()
                self._dress(system, temporary)
                os.fsync(file.fileno())
            self._check(system, temporary)
            try:
                os.rename(temporary, at)
            except OSError as error:
                self._in_place(system, error)
        finally:
            _unlink(temporary)
        if "attributes" in self._changes:
            _set(system, at, {"attributes": self._changes["attributes"]})

    def _pour(self, file: "Any") -> "None":
        if self.source is None:
            file.write(self.content)
            return
        with open(self.source, "rb") as source:
            for block in iter(lambda: source.read(262144), b""):
                file.write(block)

    def _dress(self, system: "System", temporary: "str") -> "None":
        if self._found is not None and self._found.kind == "file":
            wear(temporary, self._at, self._found)
        else:
            os.chmod(temporary, 0o666 & ~system.umask)
        set_changes(temporary, self._changes)

    def _check(self, system: "System", temporary: "str") -> "None":
        if not self.validate:
            return
        import shlex

        if "%s" not in self.validate:
            raise Failed("validate must contain %s: {}".format(self.validate))
        argv = [part.replace("%s", temporary) for part in shlex.split(self.validate)]
        ran = system.query(argv)
        if ran.rc != 0:
            text = "failed to validate: rc:{} error:{}".format(ran.rc, ran.err)
            raise Failed(text, rc=ran.rc, stdout=ran.out, stderr=ran.err)

    def _in_place(self, system: "System", error: "OSError") -> "None":
        if not self.unsafe_writes or error.errno not in _IN_PLACE:
            raise error
        with open(self._at, "r+b" if self._found is not None else "wb") as file:
            self._pour(file)
            file.truncate()
        _set(system, self._at, self._changes)

    def predict(self, system: "System") -> "Result":
        content = _head(self.source, None) if self.source is not None else self.content
        if self._found is not None and self._found.kind != "file":
            self._found = None
        system.foresee("path", self._at, self._node(system, "file", 0o666, content=content))
        return Result(True)


class MakeDirectory(FileEffect):
    """A folder, with its parents; the attributes go to every folder that is made, and to this one if it exists."""

    def __init__(self, path: "str", attributes: "Any" = None, parents: "bool" = True) -> "None":
        super().__init__(path, attributes)
        self.parents = parents
        self._missing = []  # type: list[str]

    def needed(self, system: "System") -> "bool":
        self._missing = parents_missing(system, self.path)
        if self._missing:
            if len(self._missing) > 1 and not self.parents:
                raise Failed("there is no folder {}".format(os.path.dirname(self.path)))
            fresh = Stat("directory", 0o777 & ~system.umask, system.euid(), os.getegid())
            self._changes = self._asked.changes(system, self.path, fresh)
            return True
        self._at = system.resolve(self.path)
        self._found = found = system.stat(self._at)
        if found is not None and found.kind != "directory":
            raise Failed("{} already exists as a {}".format(self.path, found.kind), path=self.path)
        self._changes = self._asked.changes(system, self._at, found) if found is not None else {}
        return bool(self._changes)

    def diff(self, system: "System") -> "Any":
        if not self._missing:
            return self._attribute_diff()
        before, after = {"path": self.path, "state": "absent"}, {"path": self.path, "state": "directory"}
        return {"before": before, "after": after}

    def undo(self, system: "System") -> "list[Effect]":
        if not self._missing:
            return [SetAttributes(self._at, self._old(), follow=False)]
        return [Remove(folder, recursive=False) for folder in reversed(self._missing)]

    def apply(self, system: "System") -> "Result":
        for folder in self._missing:
            try:
                os.mkdir(folder)
            except FileExistsError:
                continue
            set_changes(folder, self._changes)
        if not self._missing:
            _set(system, self._at, self._changes)
        return Result(True)

    def predict(self, system: "System") -> "Result":
        for folder in self._missing or [self._at]:
            system.foresee("path", folder, self._node(system, "directory", 0o777))
        return Result(True)


class MakeLink(FileEffect):
    """A symbolic link with this target, or a `hard` link to it. It replaces a file or another link, never a folder."""

    def __init__(self, path: "str", target: "str", attributes: "Any" = None, hard: "bool" = False) -> "None":
        super().__init__(path, attributes)
        self.target = target
        self.hard = hard
        self._differs = True

    def needed(self, system: "System") -> "bool":
        self._found = found = system.stat(self.path)
        if found is not None and found.kind == "directory":
            raise Failed("the directory {} is not replaced by a link".format(self.path), path=self.path)
        if self.hard:
            other = system.stat(self.target, follow=True)
            self._differs = None in (found, other) or (found.dev, found.ino) != (other.dev, other.ino)  # type: ignore
        else:
            self._differs = found is None or found.kind != "link" or found.target != self.target
        if found is not None and not self._differs:
            self._changes = self._asked.changes(system, self.path, found)
        return self._differs or bool(self._changes)

    def diff(self, system: "System") -> "Any":
        if not self._differs:
            return self._attribute_diff()
        found = self._found
        before = {"path": self.path, "state": "absent" if found is None else found.kind}
        if found is not None and found.kind == "link":
            before["src"] = found.target
        return {"before": before, "after": {"path": self.path, "state": "hard" if self.hard else "link", "src": self.target}}

    def undo(self, system: "System") -> "list[Effect]":
        return [Remove(self.path)] if self._found is None else [restored(system, self.path, self._found)]

    def apply(self, system: "System") -> "Result":
        if self._differs:
            temporary = beside(self.path)
            (os.link if self.hard else os.symlink)(self.target, temporary)
            try:
                os.rename(temporary, self.path)
            finally:
                _unlink(temporary)
        found = system.stat(self.path)
        if found is not None and self._asked:
            set_changes(self.path, self._asked.changes(system, self.path, found))
        return Result(True)

    def predict(self, system: "System") -> "Result":
        self._found = None
        if self.hard:
            found = system.stat(self.target, follow=True)
            content = None if found is None else _content(system, self.target, found)
            node = Node("file", content=content, **({} if found is None else {"mode": found.mode, "uid": found.uid}))
        else:
            node = self._node(system, "link", 0o777, target=self.target)
        system.foresee("path", self.path, node)
        return Result(True)


class Remove(FileEffect):
    """Nothing at this path. A folder goes with all that is in it, unless `recursive` is off: then only when empty."""

    def __init__(self, path: "str", recursive: "bool" = True) -> "None":
        super().__init__(path)
        self.recursive = recursive
        del self.attributes

    def needed(self, system: "System") -> "bool":
        self._found = found = system.stat(self.path)
        if found is None:
            return False
        if found.kind == "directory" and system.listdir(self.path):
            if not self.recursive:
                return False
            self.undoes = no("a recursive removal is not recorded")
        return True

    def diff(self, system: "System") -> "Any":
        found = self._found
        assert found is not None
        return {"before": {"path": self.path, "state": found.kind}, "after": {"path": self.path, "state": "absent"}}

    def undo(self, system: "System") -> "list[Effect]":
        assert self._found is not None
        return [restored(system, self.path, self._found)]

    def leaves(self, system: "System") -> "dict[str, Any]":
        """What undo must find again before it dares."""
        return {"path": self.path, "sha1": None}

    def apply(self, system: "System") -> "Result":
        assert self._found is not None
        if self._found.kind == "directory":
            (remove_tree if self.recursive else os.rmdir)(self.path)
        else:
            os.unlink(self.path)
        return Result(True)

    def predict(self, system: "System") -> "Result":
        for path, _ in system.overlay.below(self.path):
            system.foresee("path", path, Node("absent"))
        system.foresee("path", self.path, Node("absent"))
        return Result(True)


class Touch(FileEffect):
    """An existing file, made empty if it is not there; with time stamps in seconds, "now", or None to leave them."""

    def __init__(self, path: "str", attributes: "Any" = None, mtime: "Any" = "now", atime: "Any" = "now") -> "None":
        super().__init__(path, attributes)
        self.mtime = mtime
        self.atime = atime
        if "now" in (mtime, atime):
            self.repeats = no("the time moves on")
        self._times = (0.0, 0.0)

    def needed(self, system: "System") -> "bool":
        self._at = system.resolve(self.path)
        self._found = found = system.stat(self._at)
        now = system.now()
        fresh = Stat("file", 0o666 & ~system.umask, system.euid(), os.getegid(), mtime=now)
        one = found or fresh
        self._times = tuple(  # type: ignore[assignment]
            old if asked is None else now if asked == "now" else float(asked)
            for asked, old in ((self.atime, one.atime), (self.mtime, one.mtime))
        )
        self._changes = self._asked.changes(system, self._at, one)
        return found is None or bool(self._changes) or self._times != (one.atime, one.mtime)

    def diff(self, system: "System") -> "Any":
        if self._found is None:
            before, after = {"path": self.path, "state": "absent"}, {"path": self.path, "state": "touch"}
            return {"before": before, "after": after}
        return self._attribute_diff()

    def undo(self, system: "System") -> "list[Effect]":
        if self._found is None:
            return [Remove(self._at)]
        return [Touch(self._at, self._old(), self._found.mtime, self._found.atime)]

    def apply(self, system: "System") -> "Result":
        if self._found is None:
            os.close(os.open(self._at, os.O_WRONLY | os.O_CREAT, 0o666))
        set_changes(self._at, self._changes)
        os.utime(self._at, self._times)
        return Result(True)

    def predict(self, system: "System") -> "Result":
        content = b"" if self._found is None else _content(system, self._at, self._found)
        kind = "file" if self._found is None else self._found.kind
        system.foresee("path", self._at, self._node(system, kind, 0o666, content=content, mtime=self._times[1]))
        return Result(True)


class Move(FileEffect):
    """Rename `source` to `path` within one file system; what is at `path` must be replaceable by rename."""

    def __init__(self, source: "str", path: "str") -> "None":
        super().__init__(path)
        self.source = absolute(source)
        del self.attributes

    def needed(self, system: "System") -> "bool":
        self._found = system.stat(self.source)
        if self._found is None:
            raise Failed("there is no {} to be moved".format(self.source))
        if system.stat(self.path) is not None:
            self.undoes = no("what the move replaced is not recorded")
        return True

    def diff(self, system: "System") -> "Any":
        return {"before": {"path": self.source}, "after": {"path": self.path}}

    def undo(self, system: "System") -> "list[Effect]":
        return [Move(self.path, self.source)]

    def apply(self, system: "System") -> "Result":
        os.rename(self.source, self.path)
        return Result(True)

    def predict(self, system: "System") -> "Result":
        assert self._found is not None
        content = _content(system, self.source, self._found)
        node = self._node(system, self._found.kind, 0, content=content, target=self._found.target)
        system.foresee("path", self.path, node)
        system.foresee("path", self.source, Node("absent"))
        return Result(True)


def restored(system: "System", path: "str", found: "Stat") -> "Effect":
    """The effect that puts back what was found at a path."""
    old = {"mode": found.mode, "owner": str(found.uid), "group": str(found.gid)}
    if found.kind == "link":
        return MakeLink(path, found.target or "")
    if found.kind == "directory":
        return MakeDirectory(path, old)
    if found.size > UNDO_LIMIT:
        raise NotRecorded("not recorded, {} bytes".format(found.size))
    if not found.mode & 0o077:
        raise NotRecorded("not recorded, {} is private to its owner".format(path))
    return WriteFile(path, system.read_bytes(path), old, follow=False)


def text_diff(before: "bytes", after: "bytes", before_header: "str", after_header: "str") -> "dict[str, Any]":
    """Ansible's diff of two contents; binary or large ones are only named as such."""
    diff = {}  # type: dict[str, Any]
    for side, key, content, header in (("src", "after", after, after_header), ("dst", "before", before, before_header)):
        if len(content) > DIFF_LIMIT:
            diff[side + "_larger"] = DIFF_LIMIT
        elif b"\0" in content:
            diff[side + "_binary"] = 1
        else:
            diff[key + "_header"] = header
            diff[key] = content.decode("utf-8", "replace")
    return diff


def back_up(system: "System", path: "str") -> "str":
    """Copy a file with its attributes to path.PID.YYYY-MM-DD@HH:MM:SS~ and return that name."""
    import time

    stamp = time.strftime("%Y-%m-%d@%H:%M:%S~", time.localtime(system.now()))
    name = "{}.{}.{}".format(path, os.getpid(), stamp)
    found = os.stat(path)
    with open(path, "rb") as source, os.fdopen(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for block in iter(lambda: source.read(262144), b""):
            file.write(block)
    wear(name, path, Stat("file", found.st_mode & 0o7777, found.st_uid, found.st_gid))
    os.utime(name, ns=(found.st_atime_ns, found.st_mtime_ns))
    return name


def wear(path: "str", like: "str", found: "Stat") -> "None":
    """Give a new file the owner, mode and extended attributes of an old one, as far as we may."""
    try:
        os.chown(path, found.uid, found.gid)
    except OSError as error:
        if error.errno != 1:
            raise
    os.chmod(path, found.mode)
    try:
        for name in os.listxattr(like):
            os.setxattr(path, name, os.getxattr(like, name))
    except (OSError, AttributeError):
        pass  # a file system without them, or a kind that only the kernel may set


def beside(path: "str") -> "str":
    """A name in the same folder that nobody has."""
    folder, name = os.path.split(path)
    return os.path.join(folder, ".{}.{}".format(name[:200], os.urandom(6).hex()))


def open_beside(path: "str") -> "tuple[str, Any]":
    """A new private file in the same folder: (name, binary writer)."""
    name = beside(path)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    return name, os.fdopen(os.open(name, flags, 0o600), "wb")


def private_folder(system: "System") -> "str":
    """A new folder that only we can enter, in the task's TMPDIR."""
    path = os.path.join(system.environ.get("TMPDIR") or "/tmp", "orchestra-" + os.urandom(8).hex())
    os.mkdir(path, 0o700)
    return path


def file_digest(path: "str") -> "str":
    """SHA-1 of a file that belongs to us (an attachment), never seen through the overlay."""
    import hashlib

    state = hashlib.sha1()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(262144), b""):
            state.update(block)
    return state.hexdigest()


def remove_tree(path: "str") -> "None":
    """Remove a folder with all that is in it; links are removed, not followed."""
    with os.scandir(path) as entries:
        for entry in list(entries):
            if entry.is_dir(follow_symlinks=False):
                remove_tree(entry.path)
            else:
                os.unlink(entry.path)
    os.rmdir(path)


def _set(system: "System", path: "str", changes: "dict[str, Any]") -> "None":
    set_changes(path, changes)
    if "attributes" in changes:
        ran = system.query(["chattr", changes["attributes"][1], path])
        if ran.rc != 0:
            raise Failed("chattr failed", details=ran.err, rc=ran.rc)


def _content(system: "System", path: "str", found: "Stat") -> "bytes | None":
    """A file's content for the overlay; None where it is too large to be kept."""
    if found.kind != "file" or found.size > UNDO_LIMIT:
        return None
    try:
        return system.read_bytes(path)
    except (OSError, Exception):
        return None


def _head(path: "str", limit: "int | None") -> "bytes":
    with open(path, "rb") as file:
        return file.read() if limit is None else file.read(limit)


def _unlink(path: "str") -> "None":
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass

"""The effects on what a path is: folders, links, removal, time stamps, renames."""

import os

from orchestra.runner.attributes import set_changes
from orchestra.runner.disk import beside, remove_tree, unlink
from orchestra.runner.effects import Effect, NotRecorded, Result, absolute, no
from orchestra.runner.files import UNDO_LIMIT, FileEffect, SetAttributes, WriteFile, content_of, set_all
from orchestra.runner.overlay import Node
from orchestra.runner.system import Failed, Stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.system import System


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
            set_all(system, self._at, self._changes)
        return Result(True)

    def predict(self, system: "System") -> "Result":
        for folder in self._missing or [self._at]:
            system.foresee("path", folder, self.node(system, "directory", 0o777))
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
        before = {"path": self.path, "state": "absent" if found is None else found.kind}  # type: dict[str, Any]
        if found is not None and found.kind == "link":
            before["src"] = found.target
        return {
            "before": before,
            "after": {"path": self.path, "state": "hard" if self.hard else "link", "src": self.target},
        }

    def undo(self, system: "System") -> "list[Effect]":
        return [Remove(self.path)] if self._found is None else [restored(system, self.path, self._found)]

    def apply(self, system: "System") -> "Result":
        if self._differs:
            temporary = beside(self.path)
            (os.link if self.hard else os.symlink)(self.target, temporary)
            try:
                os.rename(temporary, self.path)
            finally:
                unlink(temporary)
        found = system.stat(self.path)
        if found is not None and self._asked:
            set_changes(self.path, self._asked.changes(system, self.path, found))
        return Result(True)

    def predict(self, system: "System") -> "Result":
        self._found = None
        if self.hard:
            found = system.stat(self.target, follow=True)
            content = None if found is None else content_of(system, self.target, found)
            node = Node("file", content=content, **({} if found is None else {"mode": found.mode, "uid": found.uid}))
        else:
            node = self.node(system, "link", 0o777, target=self.target)
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
        before = {"path": self.path, "state": found.kind}  # type: dict[str, Any]
        if found.kind == "directory":
            content = {"directories": [], "files": []}  # type: dict[str, list[str]]
            before["path_content"] = content
            for root, folders, others in system.walk(self.path):
                content["directories"] += [os.path.join(root, name) for name in folders]
                content["files"] += [os.path.join(root, name) for name in others]
        return {"before": before, "after": {"path": self.path, "state": "absent"}}

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
        for path, _ in system.overlay.below(self.path) if system.overlay else ():
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
        before, after = {"path": self.path}, {"path": self.path}  # type: dict[str, Any], dict[str, Any]
        if self._found is None:
            return {"before": dict(before, state="absent"), "after": dict(after, state="touch")}
        for name, new in zip(("atime", "mtime"), self._times):  # noqa: B905
            if new != getattr(self._found, name):
                before[name], after[name] = getattr(self._found, name), new
        return [{"before": before, "after": after}] + self._attribute_diff()

    def undo(self, system: "System") -> "list[Effect]":
        if self._found is None:
            return [Remove(self._at)]
        return [Touch(self._at, self._old(), self._found.mtime, self._found.atime)]

    def apply(self, system: "System") -> "Result":
        if self._found is None:
            os.close(os.open(self._at, os.O_WRONLY | os.O_CREAT, 0o666))
        try:
            set_changes(self._at, self._changes)
            # who may write a file without owning it may set both of its times to now, and nothing else
            os.utime(self._at, None if self.atime == self.mtime == "now" else self._times)
        except OSError:
            if self._found is None:
                unlink(self._at)  # a file that is not as it was asked for is none
            raise
        return Result(True)

    def predict(self, system: "System") -> "Result":
        content = b"" if self._found is None else content_of(system, self._at, self._found)
        kind = "file" if self._found is None else self._found.kind
        system.foresee("path", self._at, self.node(system, kind, 0o666, content=content, mtime=self._times[1]))
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

    def leaves(self, system: "System") -> "dict[str, Any]":
        """What undo must find again before it dares."""
        return {"path": self.source, "sha1": None}

    def apply(self, system: "System") -> "Result":
        os.rename(self.source, self.path)
        return Result(True)

    def predict(self, system: "System") -> "Result":
        assert self._found is not None
        content = content_of(system, self.source, self._found)
        node = self.node(system, self._found.kind, 0, content=content, target=self._found.target)
        system.foresee("path", self.path, node)
        system.foresee("path", self.source, Node("absent"))
        return Result(True)


def parents_missing(system: "System", path: "str") -> "list[str]":
    """Folders that must be made for `path` to exist as one, outermost first."""
    missing = []  # type: list[str]
    while path not in ("/", "") and system.stat(path, follow=True) is None:
        missing.insert(0, path)
        path = os.path.dirname(path)
    return missing


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

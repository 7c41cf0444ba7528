"""The effects on a file's content and attributes. Written once: atomic, shown, undoable.

A file is replaced by renaming a finished temporary file over it, which is created 0600 in the same folder, carries the
old file's owner, mode and extended attributes, and is synced; so nobody ever reads half a file or one with wider
permissions. A symbolic link is followed to the file that it means.
"""

import os

from orchestra.runner.attributes import Attributes, set_changes
from orchestra.runner.disk import DIFF_LIMIT, back_up, file_digest, head_of, open_beside, text_diff, unlink, wear
from orchestra.runner.effects import Effect, Result, absolute
from orchestra.runner.system import Attachment, Failed, Stat, Unpredicted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.overlay import Node
    from orchestra.runner.system import System

UNDO_LIMIT = 256 * 1024
_YES = ("1", "yes", "true", "on", "y", "t")
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

    def node(self, system: "System", kind: "str", fresh_mode: "int", **more: "Any") -> "Node":
        from orchestra.runner.overlay import Node

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
            if now == new:
                continue
            shown = {"uid": "owner", "gid": "group"}.get(name, name)
            before[shown], after[shown] = ("0%03o" % now, "0%03o" % new) if name == "mode" else (now, new)
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
        set_all(system, self._at, self._changes)
        return Result(True)

    def predict(self, system: "System") -> "Result":
        assert self._found is not None
        content, kind = content_of(system, self._at, self._found), self._found.kind
        system.foresee("path", self._at, self.node(system, kind, 0, content=content, target=self._found.target))
        return Result(True)


class WriteFile(FileEffect):
    """A regular file with this content (bytes or an Attachment; or those of the local file `source`), these attributes.

    `backup`: keep the old one beside it, as Ansible names it (result value `backup_file`). `validate`: a command with
    %s that must accept the temporary file. `follow`: through symbolic links. `unsafe_writes`: where a rename can not
    be (a mounted file), write in place; None: as the environment's ANSIBLE_UNSAFE_WRITES says. `headers`: (before,
    after) for the diff.
    """

    def __init__(
        self,
        path: "str",
        content: "bytes | Attachment" = b"",
        attributes: "Any" = None,
        backup: "bool" = False,
        validate: "str | None" = None,
        follow: "bool" = True,
        unsafe_writes: "bool | None" = None,
        source: "str | None" = None,
        headers: "Any" = None,
    ) -> "None":
        super().__init__(path, attributes)
        if isinstance(content, Attachment):
            source = content.path
            content = content.data or b""
        self.content = content  # type: bytes
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
        now = self.content if self.source is None else head_of(self.source, DIFF_LIMIT + 1)
        before, after = self.headers or (self.path, self.path)
        return [text_diff(was, now, before, after)] + (self._attribute_diff() if self._found is not None else [])

    def undo(self, system: "System") -> "list[Effect]":
        from orchestra.runner.paths import Remove, restored

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
        values = {}
        if not self._differs:
            set_all(system, self._at, self._changes)
        else:
            if self.backup and self._found is not None and self._found.kind == "file":
                values["backup_file"] = back_up(system, self._at)
            self._replace(system)
        return self._done(values)

    def _done(self, values: "dict[str, Any]") -> "Result":
        result = Result(True, **values)
        result.attributes_changed = bool(self._changes)
        return result

    def _replace(self, system: "System") -> "None":
        at = self._at
        try:
            temporary, file = open_beside(at)
        except OSError as error:
            self._in_place(system, error)
            return
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
            unlink(temporary)
        if "attributes" in self._changes:
            set_all(system, at, {"attributes": self._changes["attributes"]})

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
        asked = self.unsafe_writes
        if asked is None:
            asked = system.environ.get("ANSIBLE_UNSAFE_WRITES", "").lower() in _YES
        if not asked or error.errno not in _IN_PLACE:
            raise error
        with open(self._at, "r+b" if self._found is not None else "wb") as file:
            self._pour(file)
            file.truncate()
        set_all(system, self._at, self._changes)

    def predict(self, system: "System") -> "Result":
        content = head_of(self.source, None) if self.source is not None else self.content
        if self._found is not None and self._found.kind != "file":
            self._found = None
        system.foresee("path", self._at, self.node(system, "file", 0o666, content=content))
        return self._done({})


def set_all(system: "System", path: "str", changes: "dict[str, Any]") -> "None":
    """Make the changes that `Attributes.changes` found, chattr flags too."""
    set_changes(path, changes)
    if "attributes" in changes:
        ran = system.query(["chattr", changes["attributes"][1], path])
        if ran.rc != 0:
            raise Failed("chattr failed", details=ran.err, rc=ran.rc)


def content_of(system: "System", path: "str", found: "Stat") -> "bytes | None":
    """A file's content for the overlay; None where it is too large to be kept."""
    if found.kind != "file" or found.size > UNDO_LIMIT:
        return None
    try:
        return system.read_bytes(path)
    except (OSError, Unpredicted):
        return None

"""What plans look at more rarely: trees, globs, digests, accounts, what a path is like. Methods of `System`.

A class only so that they read as methods; `System.__getattr__` takes the functions from here when first called.
"""

import os
import sys

from orchestra.runner.system import Failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class User:
    """A passwd entry."""

    __slots__ = ("gecos", "gid", "home", "name", "shell", "uid")

    def __init__(self, name: "str", uid: "int", gid: "int", gecos: "str", home: "str", shell: "str") -> "None":
        self.name = name
        self.uid = uid
        self.gid = gid
        self.gecos = gecos
        self.home = home
        self.shell = shell


class Group:
    """A group entry; members are names."""

    __slots__ = ("gid", "members", "name")

    def __init__(self, name: "str", gid: "int", members: "list[str]") -> "None":
        self.name = name
        self.gid = gid
        self.members = list(members)


class Looking:
    """Methods that `System` borrows; `self` is always a System."""

    def walk(self: "Any", path: "str") -> "Any":
        """(folder, [folder names], [other names]) from the top; links are not followed. Edit folders to prune."""
        try:
            names = self.listdir(path)
        except OSError:
            return
        found = [(name, self.stat(os.path.join(path, name))) for name in names]
        folders = [name for name, one in found if one is not None and one.kind == "directory"]
        yield path, folders, [name for name, one in found if one is not None and one.kind != "directory"]
        for name in folders:
            yield from self.walk(os.path.join(path, name))

    def glob(self: "Any", pattern: "str") -> "list[str]":
        """Sorted paths that match a pattern, folder by folder (* ? [], no **; a leading dot must be written)."""
        found = [""]
        for part in pattern.split("/"):
            if any(mark in part for mark in "*?["):
                from fnmatch import fnmatchcase

                found = [
                    folder + name
                    for folder in found
                    for name in (self.listdir(folder or ".") if self.is_dir(folder or ".") else ())
                    if fnmatchcase(name, part) and (name[0] != "." or part[0] == ".")
                ]
            else:
                found = [folder + part for folder in found]
            found = [one + "/" for one in found]
        return sorted(one[:-1] for one in found if self.stat(one[:-1]) is not None)

    def digest(self: "Any", path: "str", algorithm: "str" = "sha1") -> "str":
        """Hex digest of a file's content."""
        import hashlib

        state = hashlib.new(algorithm)
        with self.base_open(self.resolve(path)) as file:
            for block in iter(lambda: file.read(262144), b""):
                state.update(block)
        return state.hexdigest()

    def path_info(self: "Any", path: "str") -> "dict[str, Any]":
        """uid, gid, owner, group, mode ('0644'), state, size: what Ansible adds to results that have a path or dest."""
        found = self.stat(path)
        if found is None:
            return {"state": "absent"}
        owner, group = self.user(found.uid), self.group(found.gid)
        state = {"link": "link", "directory": "directory"}.get(found.kind, "hard" if found.nlink > 1 else "file")
        info = {
            "uid": found.uid,
            "gid": found.gid,
            "owner": owner.name if owner else str(found.uid),
            "group": group.name if group else str(found.gid),
            "mode": "0%03o" % found.mode,
            "state": state,
            "size": found.size,
        }
        context = self.context(path)
        if context:
            info["secontext"] = context
        return info

    def context(self: "Any", path: "str") -> "str | None":
        """A path's SELinux context, or None."""
        try:
            return os.getxattr(path, "security.selinux", follow_symlinks=False).decode().rstrip("\0")
        except (OSError, AttributeError):
            return None

    def users(self: "Any") -> "list[User]":
        """Every user that the machine lists."""
        import pwd

        return [User(*(entry[:1] + entry[2:])) for entry in pwd.getpwall()]

    def groups(self: "Any") -> "list[Group]":
        """Every group that the machine lists."""
        import grp

        return [Group(entry[0], entry[2], entry[3]) for entry in grp.getgrall()]

    def hostname(self: "Any") -> "str":
        """The kernel's host name."""
        return os.uname()[1]

    def platform(self: "Any") -> "str":
        """linux, darwin, freebsd14 ...: sys.platform."""
        return sys.platform

    def need(self: "Any", name: "str") -> "str":
        """`which`, or Failed where the program is not there."""
        path = self.which(name)
        if path is None:
            raise Failed("Failed to find required executable {!r} in paths: {}".format(name, self.environ.get("PATH")))
        return str(path)

    def scratch(self: "Any") -> "str":
        """A private folder, removed when the task ends."""
        if self._scratch is None:
            self._scratch = self.base_scratch()
        return str(self._scratch)

    def home_of(self: "Any", path: "str") -> "str":
        """~ and ~name at the start of a path resolved."""
        name, slash, rest = path[1:].partition("/")
        home = self.environ.get("HOME") if not name else None
        if home is None:
            found = self.user(name or self.euid())
            home = found.home if found is not None else None
        if home is None:
            return path
        return str(home.rstrip("/") + slash + rest if rest else home)

    def passwd_entry(self: "Any", name: "str | int") -> "User | None":
        """The machine's own answer to `user`."""
        import pwd

        try:
            entry = pwd.getpwuid(name) if isinstance(name, int) else pwd.getpwnam(name)
        except KeyError:
            return None
        return User(*(entry[:1] + entry[2:]))

    def group_entry(self: "Any", name: "str | int") -> "Group | None":
        """The machine's own answer to `group`."""
        import grp

        try:
            entry = grp.getgrgid(name) if isinstance(name, int) else grp.getgrnam(name)
        except KeyError:
            return None
        return Group(entry[0], entry[2], entry[3])

    def base_scratch(self: "Any") -> "str":
        """A new private folder."""
        from orchestra.runner.disk import private_folder

        return private_folder(self)

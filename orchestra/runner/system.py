"""How a plan looks at the machine: files, accounts, programs, read-only queries; through the overlay in check mode.

Nothing here changes the machine (`scratch()` makes a private folder that disappears with the task). `FakeSystem` in
orchestra/testing overrides the few methods that start with `base_`.
"""

import os
import sys
import time

from orchestra.runner.overlay import NOTHING, UNKNOWN, Overlay, Unpredicted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

KINDS = {0o4: "directory", 0o10: "file", 0o12: "link", 0o2: "char", 0o6: "block", 0o1: "fifo", 0o14: "socket"}
SBIN = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")


class Failed(Exception):
    """The module refuses or could not do it: `raise Failed("what and why", rc=1, ...)`; values join the result."""

    def __init__(self, msg: "str", **values: "Any") -> "None":
        super().__init__(msg)
        self.msg = msg
        self.values = values


class Stat:
    """What `system.stat` found. kind: file, directory, link, char, block, fifo, socket. mode: permission bits only."""

    __slots__ = ("atime", "ctime", "dev", "gid", "ino", "kind", "mode", "mtime", "nlink", "size", "target", "uid")

    def __init__(self, kind: "str", mode: "int" = 0o644, uid: "int" = 0, gid: "int" = 0, **more: "Any") -> "None":
        self.kind = kind
        self.mode = mode
        self.uid = uid
        self.gid = gid
        self.size = more.get("size", 0)
        self.target = more.get("target")
        self.mtime = more.get("mtime", 0.0)
        self.atime = more.get("atime", self.mtime)
        self.ctime = more.get("ctime", self.mtime)
        self.dev = more.get("dev", 0)
        self.ino = more.get("ino", 0)
        self.nlink = more.get("nlink", 1)

    is_file = property(lambda self: self.kind == "file")
    is_dir = property(lambda self: self.kind == "directory")
    is_link = property(lambda self: self.kind == "link")


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


class Ran(tuple):
    """What a query said: (rc, out, err), also by those names. Text is UTF-8 with surrogate escapes."""

    __slots__ = ()

    def __new__(cls, rc: "int", out: "Any", err: "Any") -> "Ran":
        return tuple.__new__(cls, (rc, out, err))

    rc = property(lambda self: self[0])
    out = property(lambda self: self[1])
    err = property(lambda self: self[2])


class Attachment:
    """Bytes that came with a request: in memory, or when large in a private file (`path`), never both."""

    __slots__ = ("data", "path", "size")

    def __init__(self, data: "bytes | None" = None, path: "str | None" = None, size: "int" = 0) -> "None":
        self.data = data
        self.path = path
        self.size = size if data is None else len(data)

    def read(self) -> "bytes":
        """All of it."""
        if self.path is None:
            return self.data or b""
        with open(self.path, "rb") as file:
            return file.read()


class System:
    """A plan's eyes. One object for each task; `overlay` outlives it in a check run."""

    def __init__(self, overlay: "Overlay | None" = None, check: "bool" = False, diff: "bool" = False) -> "None":
        self.overlay = Overlay() if overlay is None else overlay
        self.check = check
        self.diff = diff
        self.environ = dict(os.environ)  # type: dict[str, str]
        self.umask = 0o22
        self.reply_limit = 100 * 1024 * 1024
        self.warnings = []  # type: list[str]
        self.assumed = False  # a predicted value was read
        self.missed = False  # something was looked for and is not there
        self.blind = False  # a command that was not run may have changed anything: this plan can not look any more
        self._scratch = None  # type: str | None
        self.incoming = {}  # type: dict[str, Attachment]
        self.outgoing = {}  # type: dict[str, Any]

    # --- files -------------------------------------------------------------------------------------------------

    def stat(self, path: "str", follow: "bool" = False) -> "Stat | None":
        """What is at a path, or None. With `follow`, what its symbolic link leads to."""
        if not self._look():
            return self._noted(self.base_stat(path, follow))
        path = self.resolve(path) if follow else self._place(path)
        return self._noted(self._seen(path))

    def exists(self, path: "str") -> "bool":
        """Whether the path leads to something (a dangling link does not)."""
        return self.stat(path, follow=True) is not None

    def is_file(self, path: "str") -> "bool":
        """Whether the path leads to a regular file."""
        found = self.stat(path, follow=True)
        return found is not None and found.kind == "file"

    def is_dir(self, path: "str") -> "bool":
        """Whether the path leads to a folder."""
        found = self.stat(path, follow=True)
        return found is not None and found.kind == "directory"

    def is_link(self, path: "str") -> "bool":
        """Whether the path itself is a symbolic link."""
        found = self.stat(path)
        return found is not None and found.kind == "link"

    def read_bytes(self, path: "str", limit: "int | None" = None) -> "bytes":
        """A file's content (its first `limit` bytes). FileNotFoundError, IsADirectoryError ... as open() has them."""
        if not self._look():
            return self._opened(path, limit)
        path = self.resolve(path)
        node = self._node(path)
        if node is NOTHING:
            return self._opened(path, limit)
        self.assumed = True
        if node.kind == "absent":
            self.missed = True
            raise FileNotFoundError(2, "No such file or directory", path)
        if node.kind == "directory":
            raise IsADirectoryError(21, "Is a directory", path)
        if node.content is None:
            raise Unpredicted(path)
        return node.content[:limit]

    def read_text(self, path: "str") -> "str":
        """A file's content as UTF-8 with surrogate escapes: writing it back is byte-exact."""
        return self.read_bytes(path).decode("utf-8", "surrogateescape")

    def listdir(self, path: "str") -> "list[str]":
        """Sorted names in a folder. FileNotFoundError, NotADirectoryError as os.listdir."""
        if not self._look():
            return sorted(self.base_listdir(path))
        path = self.resolve(path)
        found = self._seen(path)
        if found is None:
            self.missed = True
            raise FileNotFoundError(2, "No such file or directory", path)
        if found.kind != "directory":
            raise NotADirectoryError(20, "Not a directory", path)
        names = set(self.base_listdir(path)) if self._node(path) is NOTHING or self.base_stat(path, True) else set()
        prefix = path.rstrip("/") + "/"
        names.update(key[len(prefix) :].partition("/")[0] for key, _ in self.overlay.below(path))
        return sorted(name for name in names if self._seen(prefix + name) is not None)

    def walk(self, path: "str") -> "Any":
        """(folder, [folder names], [other names]) from the top; links are names, never followed. Edit folders to prune."""
        try:
            names = self.listdir(path)
        except OSError:
            return
        found = [(name, self.stat(os.path.join(path, name))) for name in names]
        folders = [name for name, one in found if one is not None and one.kind == "directory"]
        yield path, folders, [name for name, one in found if one is not None and one.kind != "directory"]
        for name in folders:
            yield from self.walk(os.path.join(path, name))

    def glob(self, pattern: "str") -> "list[str]":
        """Sorted paths that match a pattern, folder by folder (* ? [], no **; a leading dot must be written)."""
        from fnmatch import fnmatchcase

        found = [""]
        for part in pattern.split("/"):
            if any(mark in part for mark in "*?["):
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

    def resolve(self, path: "str") -> "str":
        """The path with every symbolic link followed (os.path.realpath, seen through the overlay)."""
        if not self._look():
            return self.base_realpath(path)
        return self._follow(os.path.abspath(self._str(path)), 0)

    def digest(self, path: "str", algorithm: "str" = "sha1") -> "str":
        """Hex digest of a file's content."""
        import hashlib

        state = hashlib.new(algorithm)
        if self._look() and self._node(self.resolve(path)) is not NOTHING:
            state.update(self.read_bytes(path))
            return state.hexdigest()
        with self.base_open(self.resolve(path)) as file:
            for block in iter(lambda: file.read(262144), b""):
                state.update(block)
        return state.hexdigest()

    def path_info(self, path: "str") -> "dict[str, Any]":
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
            "mode": "%04o" % found.mode,
            "state": state,
            "size": found.size,
        }
        context = self.context(path)
        if context:
            info["secontext"] = context
        return info

    def context(self, path: "str") -> "str | None":
        """A path's SELinux context, or None."""
        try:
            return os.getxattr(path, "security.selinux", follow_symlinks=False).decode().rstrip("\0")
        except (OSError, AttributeError):
            return None

    # --- accounts and the machine --------------------------------------------------------------------------------

    def user(self, name: "str | int") -> "User | None":
        """A user by name or number."""
        return self._account("user", User, name, self.base_user)

    def group(self, name: "str | int") -> "Group | None":
        """A group by name or number."""
        return self._account("group", Group, name, self.base_group)

    def users(self) -> "list[User]":
        """Every user that the machine lists."""
        import pwd

        return [User(*(entry[:1] + entry[2:])) for entry in pwd.getpwall()]

    def groups(self) -> "list[Group]":
        """Every group that the machine lists."""
        import grp

        return [Group(entry[0], entry[2], entry[3]) for entry in grp.getgrall()]

    def hostname(self) -> "str":
        """The kernel's host name."""
        return os.uname()[1]

    def now(self) -> "float":
        """Seconds since the epoch."""
        return time.time()

    def sleep(self, seconds: "float") -> "None":
        """Wait (a fake system only moves its clock)."""
        time.sleep(seconds)

    def euid(self) -> "int":
        """The user that the runner works as."""
        return os.geteuid()

    def platform(self) -> "str":
        """linux, darwin, freebsd14 ...: sys.platform."""
        return sys.platform

    def expand(self, path: "str") -> "str":
        """~ and $VARIABLES resolved as the task's environment says."""
        if path.startswith("~"):
            path = self._home(path)
        return os.path.expandvars(path) if "$" in path else path

    # --- programs ----------------------------------------------------------------------------------------------

    def which(self, name: "str", extra: "Any" = SBIN) -> "str | None":
        """A program's path: the task's PATH first, then `extra` folders. A name with a slash is taken as a path."""
        if "/" in name:
            folders = [""]
        else:
            folders = self.environ.get("PATH", "").split(":") + list(extra)
        for folder in folders:
            path = os.path.join(folder, name) if folder else name
            if (folder or "/" in name) and self._executable(path):
                return path
        self.missed = True
        return None

    def need(self, name: "str") -> "str":
        """`which`, or Failed where the program is not there."""
        path = self.which(name)
        if path is None:
            raise Failed("Failed to find required executable {!r} in paths: {}".format(name, self.environ.get("PATH")))
        return path

    def query(self, argv: "list[str]", **more: "Any") -> "Ran":
        """Run a program that only looks; it runs in check mode as well. Returns (rc, out, err).

        `stdin` (bytes or str), `env` (additions), `cwd`, `timeout` in seconds, `binary=True` for bytes. A program that
        is not there gives rc 127. Raises Unpredicted after a command that was not run.
        """
        if self.blind:
            raise Unpredicted("a query after a command that was not run")
        return self.base_query(argv, **more)

    # --- the request's own things ------------------------------------------------------------------------------

    def warn(self, text: "str") -> "None":
        """Add a warning to the result."""
        if text not in self.warnings:
            self.warnings.append(text)

    def progress(self, text: "str") -> "None":
        """Tell the watcher of a long task where it is; the runner replaces this."""

    def scratch(self) -> "str":
        """A private folder, removed when the task ends."""
        if self._scratch is None:
            self._scratch = self.base_scratch()
        return self._scratch

    def attachment(self, name: "str") -> "Attachment":
        """Bytes that the controller sent with the request, under a name; `WriteFile` takes them as its content."""
        try:
            found = self.incoming[name]
        except KeyError:
            raise Failed("the request came without its attachment {!r}".format(name)) from None
        return found

    def attach(self, name: "str", content: "Any" = None, path: "str | None" = None) -> "None":
        """Send bytes (or a file's bytes, streamed) along with the result, under a name."""
        self.outgoing[name] = content if path is None else ("path", path)

    # --- foresight: for effects and parts --------------------------------------------------------------------------

    def foresee(self, kind: "str", key: "str", value: "Any") -> "None":
        """Predict a value for later tasks: a Node for "path", JSON data for other kinds, None for "would be gone"."""
        self.overlay.put(kind, self._place(key) if kind == "path" else key, value)

    def foreseen(self, kind: "str", key: "str") -> "Any":
        """A predicted value, or NOTHING. Raises Unpredicted where a command that was not run may have touched it."""
        value = self.overlay.get(kind, key) if self.overlay else NOTHING
        if value is UNKNOWN:
            raise Unpredicted("{} {}".format(kind, key))
        if value is not NOTHING:
            self.assumed = True
        return value

    def doubts(self) -> "bool":
        """Whether what is missing now may be there when the run is real (a package, an unforeseeable command)."""
        return self.check and self.overlay.doubtful

    # --- what a fake overrides ---------------------------------------------------------------------------------

    def base_stat(self, path: "str", follow: "bool") -> "Stat | None":
        """The machine's own answer."""
        try:
            found = os.stat(path, follow_symlinks=follow)
        except OSError as error:
            if error.errno in (2, 20, 40):  # ENOENT, ENOTDIR, ELOOP
                return None
            raise
        kind = KINDS.get(found.st_mode >> 12, "file")
        return Stat(
            kind,
            found.st_mode & 0o7777,
            found.st_uid,
            found.st_gid,
            size=found.st_size,
            target=os.readlink(path) if kind == "link" else None,
            mtime=found.st_mtime,
            atime=found.st_atime,
            ctime=found.st_ctime,
            dev=found.st_dev,
            ino=found.st_ino,
            nlink=found.st_nlink,
        )

    def base_open(self, path: "str") -> "Any":
        """A binary reader."""
        return open(path, "rb")

    def base_listdir(self, path: "str") -> "list[str]":
        """os.listdir."""
        return os.listdir(path)

    def base_realpath(self, path: "str") -> "str":
        """os.path.realpath."""
        return os.path.realpath(path)

    def base_user(self, name: "str | int") -> "User | None":
        """The machine's own passwd entry."""
        import pwd

        try:
            entry = pwd.getpwuid(name) if isinstance(name, int) else pwd.getpwnam(name)
        except KeyError:
            return None
        return User(*(entry[:1] + entry[2:]))

    def base_group(self, name: "str | int") -> "Group | None":
        """The machine's own group entry."""
        import grp

        try:
            entry = grp.getgrgid(name) if isinstance(name, int) else grp.getgrnam(name)
        except KeyError:
            return None
        return Group(entry[0], entry[2], entry[3])

    def base_query(self, argv: "list[str]", **more: "Any") -> "Ran":
        """Really run it."""
        from orchestra.runner.process import run

        return run(self, argv, **more)

    def base_scratch(self) -> "str":
        """A new private folder."""
        from orchestra.runner.files import private_folder

        return private_folder(self)

    # --- seeing through the overlay --------------------------------------------------------------------------------

    def _look(self) -> "bool":
        """Whether the overlay has a say; raises where this plan must not look any more."""
        if self.blind:
            raise Unpredicted("a look after a command that was not run")
        return bool(self.overlay)

    def _noted(self, found: "Any") -> "Any":
        if found is None:
            self.missed = True
        return found

    def _opened(self, path: "str", limit: "int | None") -> "bytes":
        try:
            with self.base_open(path) as file:
                return file.read() if limit is None else file.read(limit)
        except FileNotFoundError:
            self.missed = True
            raise

    def _str(self, path: "Any") -> "str":
        return path if isinstance(path, str) else os.fsdecode(path)

    def _place(self, path: "str") -> "str":
        """Absolute, the folder's links followed, the last name as it is."""
        head, tail = os.path.split(os.path.abspath(self._str(path)))
        return os.path.join(self._follow(head, 0), tail) if tail else head

    def _follow(self, path: "str", depth: "int") -> "str":
        done = "/"
        parts = path.split("/")
        for index, part in enumerate(parts):
            if not part:
                continue
            done = os.path.join(done, part)
            found = self._seen(done)
            if found is None:
                return os.path.join(done, *parts[index + 1 :])
            if found.kind == "link" and depth < 40:
                target = os.path.join(os.path.dirname(done), found.target, *parts[index + 1 :])
                return self._follow(os.path.normpath(target), depth + 1)
        return done

    def _node(self, path: "str") -> "Any":
        """The predicted node of a resolved path, an absent one below an absent folder, or NOTHING."""
        node = self.foreseen("path", path)
        if node is not NOTHING:
            return node
        folder = os.path.dirname(path)
        while folder != "/" and folder:
            above = self.overlay.get("path", folder)
            if above is UNKNOWN:
                raise Unpredicted("path " + path)
            if above is not NOTHING and above.kind != "directory":
                self.assumed = True
                return above.but(kind="absent", content=None)
            folder = os.path.dirname(folder)
        return NOTHING

    def _seen(self, path: "str") -> "Stat | None":
        node = self._node(path)
        if node is NOTHING:
            return self.base_stat(path, False)
        if node.kind == "absent":
            return None
        fields = {"size": node.size, "target": node.target, "mtime": node.mtime}
        return Stat(node.kind, node.mode, node.uid, node.gid, **fields)

    def _account(self, kind: "str", cls: "Any", name: "str | int", base: "Any") -> "Any":
        if self.overlay:
            found = self.foreseen(kind, str(name))
            if found is not NOTHING:
                return self._noted(None if found is None else cls(**found))
        return self._noted(base(name))

    def _executable(self, path: "str") -> "bool":
        found = self.stat(path, follow=True)
        return found is not None and found.kind == "file" and bool(found.mode & 0o111)

    def _home(self, path: "str") -> "str":
        name, slash, rest = path[1:].partition("/")
        home = self.environ.get("HOME") if not name else None
        if home is None:
            found = self.user(name or self.euid())
            home = found.home if found is not None else None
        return path if home is None else home.rstrip("/") + slash + rest if rest else home

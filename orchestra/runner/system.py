"""How a plan looks at the machine: files, accounts, programs, read-only queries.

Nothing here changes the machine (`scratch()` makes a private folder that disappears with the task). In check mode a
`Foresight` (foresight.py) takes this class's place, which sees what earlier tasks would have made. What is looked at
more rarely is in looking.py and is compiled when it is first asked for: a start pays for each kilobyte.
"""

import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.looking import Group, Looking, User
    from orchestra.runner.overlay import Overlay
else:
    Looking = object

KINDS = {0o4: "directory", 0o10: "file", 0o12: "link", 0o2: "char", 0o6: "block", 0o1: "fifo", 0o14: "socket"}
SBIN = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
NOTHING = object()


class _Unknown:
    def __repr__(self) -> "str":
        return "unknown"


UNKNOWN = _Unknown()


class Unpredicted(Exception):
    """A plan needs what check mode can not know: the run ends as "changed, the rest unknown"."""


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


class Ran(tuple):  # type: ignore[type-arg]
    """What a query said: (rc, out, err), also by those names. Text is UTF-8 with surrogate escapes."""

    __slots__ = ()

    def __new__(cls, rc: "int", out: "Any", err: "Any") -> "Ran":
        return tuple.__new__(cls, (rc, out, err))

    rc = property(lambda self: self[0])
    out = property(lambda self: self[1])
    err = property(lambda self: self[2])


class System(Looking):
    """A plan's eyes. One object for each task."""

    def __init__(self, overlay: "Overlay | None" = None, check: "bool" = False, diff: "bool" = False) -> "None":
        self.overlay = overlay  # what earlier tasks of a check run would have made: None outside check mode
        self.check = check
        self.diff = diff
        self.environ = dict(os.environ)  # type: dict[str, str]
        self.umask = 0o22
        self.reply_limit = 100 * 1024 * 1024
        self.warnings = []  # type: list[str]
        self.assumed = False  # a predicted value was read
        self.missed = False  # something was looked for and is not there
        self.blind = False  # a command that was not run may have changed anything: this plan can not look any more
        self.background = False  # the task is a job in the background
        self._scratch = None  # type: str | None
        self.starting = False  # a program is being started: it is not yet known whom to kill
        self.stopped = None  # type: BaseException | None  # what ends the task once that is known
        self.incoming = {}  # type: dict[str, Attachment]
        self.outgoing = {}  # type: dict[str, Any]

    def __getattr__(self, name: "str") -> "Any":
        if name[0] == "_":
            raise AttributeError(name)
        from orchestra.runner.looking import Looking

        return getattr(Looking, name).__get__(self)

    # --- files -------------------------------------------------------------------------------------------------

    def stat(self, path: "str", follow: "bool" = False) -> "Stat | None":
        """What is at a path, or None. With `follow`, what its symbolic link leads to."""
        return self.base_stat(path, follow)

    def exists(self, path: "str") -> "bool":
        """Whether the path leads to something (a dangling link does not)."""
        return self.stat(path, follow=True) is not None

    def any_at(self, pattern: "str") -> "bool":
        """Whether something is at a path, or at any that a glob means; a dangling link is."""
        if any(mark in pattern for mark in "*?["):
            return bool(self.glob(pattern))
        return self.stat(pattern) is not None

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
        with self.base_open(path) as file:
            return bytes(file.read() if limit is None else file.read(limit))

    def read_text(self, path: "str") -> "str":
        """A file's content as UTF-8 with surrogate escapes: writing it back is byte-exact."""
        return self.read_bytes(path).decode("utf-8", "surrogateescape")

    def listdir(self, path: "str") -> "list[str]":
        """Sorted names in a folder. FileNotFoundError, NotADirectoryError as os.listdir."""
        return sorted(os.listdir(path))

    def resolve(self, path: "str") -> "str":
        """The path with every symbolic link followed (os.path.realpath)."""
        return os.path.realpath(path)

    # --- accounts and the machine --------------------------------------------------------------------------------

    def user(self, name: "str | int") -> "User | None":
        """A user by name or number."""
        return self.base_user(name)

    def group(self, name: "str | int") -> "Group | None":
        """A group by name or number."""
        return self.base_group(name)

    def now(self) -> "float":
        """Seconds since the epoch."""
        return time.time()

    def sleep(self, seconds: "float") -> "None":
        """Wait (a fake system only moves its clock)."""
        time.sleep(seconds)

    def euid(self) -> "int":
        """The user that the runner works as."""
        return os.geteuid()

    def expand(self, path: "str") -> "str":
        """~ and $VARIABLES resolved as the task's environment says."""
        if path.startswith("~"):
            path = self.home_of(path)
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
        return self._noted(None)  # type: ignore[no-any-return]

    def query(self, argv: "list[str]", **more: "Any") -> "Ran":
        """Run a program that only looks; it runs in check mode as well. Returns (rc, out, err).

        `stdin` (bytes or str), `env` (additions), `cwd`, `timeout` in seconds, `binary=True` for bytes. A program that
        is not there gives rc 127. Raises Unpredicted after a command that was not run.
        """
        return self.base_query(argv, **more)

    # --- the request's own things ------------------------------------------------------------------------------

    def warn(self, text: "str") -> "None":
        """Add a warning to the result."""
        if text not in self.warnings:
            self.warnings.append(text)

    def progress(self, text: "str") -> "None":
        """Tell the watcher of a long task where it is; the runner replaces this."""

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

    def interrupt(self, error: "BaseException") -> "None":
        """For signal handlers: end the task by this exception, now or once a program that is being started is known."""
        if not self.starting:
            raise error
        self.stopped = error

    # --- foresight: see foresight.py -------------------------------------------------------------------------------

    def foresee(self, kind: "str", key: "str", value: "Any") -> "None":
        """Predict a value for later tasks: a Node for "path", JSON data for other kinds, None for "would be gone"."""

    def foreseen(self, kind: "str", key: "str") -> "Any":
        """A predicted value, or NOTHING. Raises Unpredicted where a command that was not run may have touched it."""
        return NOTHING

    def doubts(self) -> "bool":
        """Whether what is missing now may be there when the run is real (a package, an unforeseeable command)."""
        return False

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

    def base_query(self, argv: "list[str]", **more: "Any") -> "Ran":
        """Really run it."""
        from orchestra.runner.process import run

        return run(self, argv, **more)

    def base_user(self, name: "str | int") -> "User | None":
        """The machine's own passwd entry."""
        return self.passwd_entry(name)

    def base_group(self, name: "str | int") -> "Group | None":
        """The machine's own group entry."""
        return self.group_entry(name)

    def _noted(self, found: "Any") -> "Any":
        return found

    def _executable(self, path: "str") -> "bool":
        try:
            found = self.stat(path, follow=True)
        except PermissionError:  # a folder of another user's PATH
            return False
        return found is not None and found.kind == "file" and bool(found.mode & 0o111)

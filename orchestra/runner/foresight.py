"""A plan's eyes in check mode: the machine as it is, seen through what earlier tasks would have made of it."""

import os

from orchestra.runner.looking import Group, Looking, User
from orchestra.runner.overlay import NOTHING, UNKNOWN, Overlay, Unpredicted
from orchestra.runner.system import Stat, System

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.system import Ran


class Foresight(System):
    """A System with an overlay; the overlay outlives the task."""

    def __init__(self, overlay: "Overlay | None" = None, check: "bool" = True, diff: "bool" = False) -> "None":
        super().__init__(None, check, diff)
        self.overlay = Overlay() if overlay is None else overlay  # type: Overlay
        self._own = set()  # type: set[tuple[str, str]]  # what this task itself predicted: no assumption

    def stat(self, path: "str", follow: "bool" = False) -> "Stat | None":
        """What is at a path, or None. With `follow`, what its symbolic link leads to."""
        if not self._look():
            return self._noted(self.base_stat(path, follow))  # type: ignore[no-any-return]
        path = self.resolve(path) if follow else self._place(path)
        return self._noted(self._seen(path))  # type: ignore[no-any-return]

    def read_bytes(self, path: "str", limit: "int | None" = None) -> "bytes":
        """A file's content (its first `limit` bytes). FileNotFoundError, IsADirectoryError ... as open() has them."""
        if not self._look():
            return self._opened(path, limit)
        path = self.resolve(path)
        node = self._node(path)
        if node is NOTHING:
            return self._opened(path, limit)
        if node.kind == "absent":
            self.missed = True
            raise FileNotFoundError(2, "No such file or directory", path)
        if node.kind == "directory":
            raise IsADirectoryError(21, "Is a directory", path)
        if node.content is None:
            raise Unpredicted(path)
        return bytes(node.content[:limit])

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

    def resolve(self, path: "str") -> "str":
        """The path with every symbolic link followed (os.path.realpath, seen through the overlay)."""
        if not self._look():
            return self.base_realpath(path)
        return self._follow(os.path.abspath(self._str(path)), 0)

    def digest(self, path: "str", algorithm: "str" = "sha1") -> "str":
        if self._node(self.resolve(path)) is NOTHING:
            return Looking.digest(self, path, algorithm)
        import hashlib

        return hashlib.new(algorithm, self.read_bytes(path)).hexdigest()

    def user(self, name: "str | int") -> "User | None":
        return self._account("user", User, name, self.base_user)  # type: ignore[no-any-return]

    def group(self, name: "str | int") -> "Group | None":
        return self._account("group", Group, name, self.base_group)  # type: ignore[no-any-return]

    def query(self, argv: "list[str]", **more: "Any") -> "Ran":
        if self.blind:
            raise Unpredicted("a query after a command that was not run")
        return self.base_query(argv, **more)

    def foresee(self, kind: "str", key: "str", value: "Any") -> "None":
        """Predict a value for later tasks: a Node for "path", JSON data for other kinds, None for "would be gone"."""
        before = self.assumed
        key = self._place(key) if kind == "path" else key
        self.assumed = before
        self._own.add((kind, key))
        self.overlay.put(kind, key, value)

    def foreseen(self, kind: "str", key: "str") -> "Any":
        """A predicted value, or NOTHING. Raises Unpredicted where a command that was not run may have touched it."""
        value = self.overlay.get(kind, key) if self.overlay else NOTHING
        if value is UNKNOWN:
            raise Unpredicted("{} {}".format(kind, key))
        if value is not NOTHING and (kind, key) not in self._own:
            self.assumed = True
        return value

    def doubts(self) -> "bool":
        """Whether what is missing now may be there when the run is real (a package, an unforeseeable command)."""
        return self.check and self.overlay.doubtful

    def base_listdir(self, path: "str") -> "list[str]":
        """os.listdir."""
        return os.listdir(path)

    def base_realpath(self, path: "str") -> "str":
        """os.path.realpath."""
        return os.path.realpath(path)

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
                return bytes(file.read() if limit is None else file.read(limit))
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
                target = os.path.join(os.path.dirname(done), found.target or "", *parts[index + 1 :])
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
                self.assumed = self.assumed or ("path", folder) not in self._own
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


def foresee(overlay: "Overlay | None", news: "list[Any]", diff: "bool") -> "Foresight":
    """A system for the next task of a check run, which knows what other workers predicted meanwhile."""
    system = Foresight(overlay, True, diff)
    for rows in news:
        system.overlay.add_news(rows)
    return system

"""Owner, group, mode and SELinux context: what a user asked for, compared with and set on a path."""

import os

from orchestra.runner.options import Mode, Str, option
from orchestra.runner.system import Failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.system import Stat, System

_BITS = {"r": 4, "w": 2, "x": 1}
_SHIFT = {"u": 6, "g": 3, "o": 0}
_SE = ("seuser", "serole", "setype", "selevel")


class FileOptions:
    """The options that every module which writes a path takes. Inherit from it: `class Options(FileOptions)`."""

    mode = option(Mode, "Permissions: '0644', or symbolic as u=rwX,go=rX.")
    owner = option(Str, "Name or number of the owner.")
    group = option(Str, "Name or number of the group.")
    seuser = option(Str, "User part of the SELinux context.")
    serole = option(Str, "Role part of the SELinux context.")
    setype = option(Str, "Type part of the SELinux context.")
    selevel = option(Str, "Level part of the SELinux context.")
    attributes = option(Str, "Flags for chattr, such as '+i'.", aliases=("attr",))


class Attributes:
    """What is asked of a path; None where nothing is. Numbers for owner and group are accepted as text."""

    NAMES = ("mode", "owner", "group", "seuser", "serole", "setype", "selevel", "attributes")

    def __init__(self, **asked: "Any") -> "None":
        self.mode = asked.pop("mode", None)  # type: int | str | None
        self.owner = asked.pop("owner", None)  # type: str | int | None
        self.group = asked.pop("group", None)  # type: str | int | None
        self.attributes = asked.pop("attributes", None)  # type: str | None
        for name in _SE:
            setattr(self, name, asked.pop(name, None))
        if asked:
            raise TypeError("no such attribute: " + ", ".join(asked))

    @classmethod
    def of(cls, options: "Any") -> "Attributes":
        """The attributes among a module's options (those of FileOptions that it has)."""
        return cls(**{name: getattr(options, name, None) for name in cls.NAMES})

    def __bool__(self) -> "bool":
        return any(getattr(self, name) is not None for name in self.NAMES)

    def state(self) -> "dict[str, Any]":
        """What was asked, by name."""
        return {name: getattr(self, name) for name in self.NAMES if getattr(self, name) is not None}

    def changes(self, system: "System", path: "str", found: "Stat") -> "dict[str, tuple[Any, Any]]":
        """{mode|uid|gid|secontext|attributes: (now, wanted)} for what differs from `found`."""
        wanted = [
            ("uid", found.uid, _number(system.user, self.owner, "uid", "user") if self.owner is not None else None),
            ("gid", found.gid, _number(system.group, self.group, "gid", "group") if self.group is not None else None),
            ("mode", found.mode, self.mode_over(found, system.umask) if self.mode is not None else None),
        ]
        changes = {name: (now, new) for name, now, new in wanted if new is not None and new != now}
        mode = wanted[2][2]
        if mode is not None and mode & 0o6000 and ("uid" in changes or "gid" in changes):
            changes["mode"] = (found.mode, mode)  # a new owner costs a file its set-uid bits
        if found.kind == "link":
            changes.pop("mode", None)
        if any(getattr(self, name) is not None for name in _SE):
            changes.update(self._context(system, path))
        if self.attributes is not None:
            changes.update(self._flags(system, path))
        return changes

    def mode_over(self, found: "Stat", umask: "int") -> "int":
        """The permission bits that result when the asked mode is laid over a path's own."""
        if isinstance(self.mode, int):
            return self.mode & 0o7777
        if self.mode and self.mode.isdigit():
            return int(self.mode, 8) & 0o7777
        mode = found.mode
        for clause in (self.mode or "").split(","):
            mode = _apply_clause(clause, mode, found.kind == "directory", umask)
        return mode

    def _context(self, system: "System", path: "str") -> "dict[str, tuple[Any, Any]]":
        now = system.context(path)
        if now is None:
            return {}
        parts = now.split(":", 3) + [""] * 3
        wanted = [
            new if new not in (None, "_default") else old
            for new, old in zip((getattr(self, n) for n in _SE), parts)  # noqa: B905
        ]
        text = ":".join(part for part in wanted if part)
        return {} if text == now else {"secontext": (now, text)}

    def _flags(self, system: "System", path: "str") -> "dict[str, tuple[Any, Any]]":
        asked = self.attributes or ""
        sign, letters = (asked[0], asked[1:]) if asked[:1] in ("+", "-", "=") else ("=", asked)
        ran = system.query(["lsattr", "-d", path])
        if ran.rc != 0:
            return {}
        now = ran.out.split(" ")[0].replace("-", "")
        new = set(now) | set(letters) if sign == "+" else set(now) - set(letters) if sign == "-" else set(letters)
        return {} if new == set(now) else {"attributes": (now, sign + letters)}


def _number(find: "Any", asked: "str | int", field: "str", what: "str") -> "int":
    if isinstance(asked, int) or asked.isdigit():
        return int(asked)
    found = find(asked)
    if found is None:
        word = "chown" if what == "user" else "chgrp"
        raise Failed("{} failed: failed to look up {} {}".format(word, what, asked))
    return int(getattr(found, field))


def _apply_clause(clause: "str", mode: "int", is_dir: "bool", umask: "int") -> "int":
    """One of the comma-separated parts of a symbolic mode: who, then one or more of +-= with permissions."""
    rest = clause.lstrip("ugoa")
    who = clause[: len(clause) - len(rest)]
    everyone = "ugo" if not who or "a" in who else who
    mask = 0o7777 if who else 0o7777 & ~umask
    while rest:
        sign, rest = rest[0], rest[1:]
        perms = rest[: len(rest) - len(rest.lstrip("rwxXstugo"))]
        rest = rest[len(perms) :]
        for one in everyone:
            bits = _bits(one, perms, mode, is_dir) & (mask | 0o7000)
            if sign == "+":
                mode |= bits
            elif sign == "-":
                mode &= ~bits
            else:
                mode = (mode & ~(7 << _SHIFT[one]) & ~_special(one)) | bits
    return mode


def _special(who: "str") -> "int":
    return {"u": 0o4000, "g": 0o2000, "o": 0o1000}[who]


def _bits(who: "str", perms: "str", mode: "int", is_dir: "bool") -> "int":
    bits = 0
    for perm in perms:
        if perm in _BITS:
            bits |= _BITS[perm] << _SHIFT[who]
        elif perm == "X" and (is_dir or mode & 0o111):
            bits |= 1 << _SHIFT[who]
        elif perm == "s" and who in "ug":
            bits |= _special(who)
        elif perm == "t" and who == "o":
            bits |= 0o1000
        elif perm in _SHIFT:
            bits |= ((mode >> _SHIFT[perm]) & 7) << _SHIFT[who]
    return bits


def set_changes(path: "str", changes: "dict[str, tuple[Any, Any]]") -> "None":
    """Make the changes that `Attributes.changes` found. The owner first: chown clears the set-uid bits."""
    if "uid" in changes or "gid" in changes:
        os.chown(path, changes.get("uid", (0, -1))[1], changes.get("gid", (0, -1))[1], follow_symlinks=False)
    if "mode" in changes:
        os.chmod(path, changes["mode"][1])
    if "secontext" in changes:
        value = changes["secontext"][1].encode() + b"\0"
        os.setxattr(path, "security.selinux", value, follow_symlinks=False)

"""What a path is, as `stat` and `find` report it: names and meanings of Ansible's results.

It looks through the system (so a check run sees what earlier tasks would have made); only details that no prediction
has, such as blocks or chattr flags, come from the disk itself.
"""

import os

from orchestra.runner.overlay import NOTHING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.system import Stat, System

# From linux/fs.h: bit, lsattr's letter, Ansible's name (None: it has none), in the order in which lsattr prints.
_FLAGS = (
    (0x1, "s", "zero"),
    (0x2, "u", "undelete"),
    (0x8, "S", "synchronous"),
    (0x10000, "D", "dirsync"),
    (0x10, "i", "immutable"),
    (0x20, "a", "append"),
    (0x40, "d", "nodump"),
    (0x80, "A", "noatime"),
    (0x4, "c", "compressed"),
    (0x800, "E", "encrypted"),
    (0x4000, "j", "journalled"),
    (0x1000, "I", "indexed"),
    (0x8000, "t", "notail"),
    (0x20000, "T", "blockroot"),
    (0x40000, "h", "blocksize"),
    (0x80000, "e", "extents"),
    (0x800000, "C", "nocow"),
    (0x2000000, "x", None),
    (0x40000000, "F", None),
    (0x10000000, "N", "inline"),
    (0x20000000, "P", None),
    (0x100000, "V", None),
)
_GET_FLAGS, _GET_VERSION = 0x80086601, 0x80087601  # FS_IOC_GETFLAGS and FS_IOC_GETVERSION of 64-bit Linux
_KINDS = (
    ("isdir", "directory"),
    ("ischr", "char"),
    ("isblk", "block"),
    ("isreg", "file"),
    ("isfifo", "fifo"),
    ("islnk", "link"),
    ("issock", "socket"),
)


def described(system: "System", path: "str", found: "Stat", known: "dict[Any, Any] | None" = None) -> "dict[str, Any]":
    """The keys that `find` and `stat` share. `known`: a dict that remembers owners from one path to the next."""
    info = {
        "path": path,
        "mode": "%04o" % found.mode,
        "uid": found.uid,
        "gid": found.gid,
        "size": found.size,
        "inode": found.ino,
        "dev": found.dev,
        "nlink": found.nlink,
        "atime": found.atime,
        "mtime": found.mtime,
        "ctime": found.ctime,
        "isuid": bool(found.mode & 0o4000),
        "isgid": bool(found.mode & 0o2000),
    }  # type: dict[str, Any]
    info.update({name: found.kind == kind for name, kind in _KINDS})
    for shift, who in ((6, "usr"), (3, "grp"), (0, "oth")):
        for bit, letter in ((4, "r"), (2, "w"), (1, "x")):
            info[letter + who] = bool(found.mode >> shift & bit)
    owners = (found.uid, found.gid)
    known = {} if known is None else known
    if owners not in known:
        known[owners] = _names(system, found)
    info.update(known[owners])
    return info


def _names(system: "System", found: "Stat") -> "dict[str, Any]":
    owner, group = system.user(found.uid), system.group(found.gid)
    names = {}
    if owner is not None:
        names["pw_name"] = owner.name
    if group is not None:
        names["gr_name"] = group.name
    return names


def details(system: "System", path: "str", follow: "bool") -> "dict[str, Any]":
    """What only `stat` reports: blocks, block size, device type, and what we may do with the path."""
    if is_predicted(system, path):
        return _predicted_access(system, path)
    found = os.stat(path, follow_symlinks=follow)
    return {
        "blocks": getattr(found, "st_blocks", None),
        "block_size": getattr(found, "st_blksize", None),
        "device_type": getattr(found, "st_rdev", None),
        "readable": os.access(path, os.R_OK),
        "writeable": os.access(path, os.W_OK),
        "executable": os.access(path, os.X_OK),
    }


def is_predicted(system: "System", path: "str") -> "bool":
    """Whether an earlier task of this check run would have made the path (the disk knows nothing of it)."""
    return bool(system.overlay) and system.foreseen("path", system.resolve(path)) is not NOTHING


def is_known(system: "System", path: "str") -> "bool":
    """Whether a file's content is: false for one of which a check run only foretells that it will be there."""
    node = system.foreseen("path", system.resolve(path)) if system.overlay else NOTHING  # type: Any
    return node is NOTHING or node.content is not None


def _predicted_access(system: "System", path: "str") -> "dict[str, Any]":
    found = system.stat(path, follow=True)
    mode = 0 if found is None else found.mode
    root = system.euid() == 0
    bits = mode | mode >> 3 | mode >> 6 if root or found is None else mode >> (6 if found.uid == system.euid() else 0)
    return {
        "readable": found is not None and (root or bool(bits & 4)),
        "writeable": found is not None and (root or bool(bits & 2)),
        "executable": bool(bits & 1),
    }


def flags(system: "System", path: "str") -> "dict[str, Any]":
    """chattr's flags: version, attributes (names) and attr_flags (letters); empty where the file system has none."""
    found = None if is_predicted(system, path) else _read_flags(path)
    if found is None:
        return {"version": None, "attributes": [], "attr_flags": ""}
    bits, version = found
    set_ones = [(letter, name) for bit, letter, name in _FLAGS if bits & bit]
    return {
        "version": version,
        "attributes": [name for _, name in set_ones if name],
        "attr_flags": "".join(letter for letter, _ in set_ones),
    }


def _read_flags(path: "str") -> "tuple[int, str | None] | None":
    import fcntl
    import struct

    try:
        opened = os.open(path, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return None
    try:
        bits = struct.unpack("L", fcntl.ioctl(opened, _GET_FLAGS, struct.pack("L", 0)))[0]
        return bits & 0xFFFFFFFF, _read_version(opened)
    except OSError:
        return None
    finally:
        os.close(opened)


def _read_version(opened: "int") -> "str | None":
    import fcntl
    import struct

    try:
        return str(struct.unpack("L", fcntl.ioctl(opened, _GET_VERSION, struct.pack("L", 0)))[0] & 0xFFFFFFFF)
    except OSError:
        return None


def mime(system: "System", path: "str", found: "Stat") -> "dict[str, str]":
    """mimetype and charset as the program `file` says; "unknown" where there is none."""
    known = {"directory": "inode/directory", "link": "inode/symlink"}.get(found.kind)
    if known is not None:
        return {"mimetype": known, "charset": "binary"}
    ran = system.query(["file", "--mime-type", "--mime-encoding", "--brief", "--", path])
    kind, _, charset = ran.out.strip().partition(";")
    if ran.rc != 0 or "/" not in kind:
        return {"mimetype": "unknown", "charset": "unknown"}
    return {"mimetype": kind.strip(), "charset": charset.partition("=")[2].strip()}

"""The plain work on disk below the file effects: private temporary files, copies with attributes, digests, diffs."""

import os

from orchestra.runner.system import Stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.system import System

DIFF_LIMIT = 104448


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
    number = os.getpid()
    while os.path.lexists("{}.{}.{}".format(path, number, stamp)):  # one process may do two within a second
        number += 1
    name = "{}.{}.{}".format(path, number, stamp)
    found = os.stat(path)
    opened = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(path, "rb") as source, os.fdopen(opened, "wb") as file:
            for block in iter(lambda: source.read(262144), b""):
                file.write(block)
    except BaseException:
        os.unlink(name)
        raise
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
    """A new folder that only we can enter: in the task's TMPDIR, or where programs may run if they may not there."""
    above = system.environ.get("TMPDIR") or "/tmp"
    if not _runs_programs(above):
        others = ("/var/tmp", system.environ.get("HOME") or "/")
        above = next((one for one in others if os.access(one, os.W_OK | os.X_OK) and _runs_programs(one)), above)
    path = os.path.join(above, "orchestra-" + os.urandom(8).hex())
    os.mkdir(path, 0o700)
    return path


def _runs_programs(folder: "str") -> "bool":
    """Whether the folder's file system is mounted without noexec; a folder that is not there fails later, by name."""
    try:
        return not os.statvfs(folder).f_flag & getattr(os, "ST_NOEXEC", 0)
    except OSError:
        return True


def file_digest(path: "str") -> "str":
    """SHA-1 of a file that belongs to us (an attachment), never seen through the overlay."""
    import hashlib

    state = hashlib.sha1()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(262144), b""):
            state.update(block)
    return state.hexdigest()


def remove_tree(path: "str") -> "None":
    """Remove a folder with all that is in it; links are removed, not followed, not even those put there meanwhile."""
    for folder, folders, others, at in os.fwalk(path, topdown=False, onerror=_refuse):
        for name, is_folder in [(one, False) for one in others] + [(one, True) for one in folders]:
            try:
                _remove_at(at, name, is_folder)
            except OSError as error:
                error.filename = os.path.join(folder, name)
                raise
    os.rmdir(path)


def _remove_at(folder: "int", name: "str", is_folder: "bool") -> "None":
    try:
        (os.rmdir if is_folder else os.unlink)(name, dir_fd=folder)
    except NotADirectoryError:  # a link to one
        os.unlink(name, dir_fd=folder)


def _refuse(error: "OSError") -> "None":
    raise error


def head_of(path: "str", limit: "int | None") -> "bytes":
    """The first bytes of a file of ours; None: all."""
    with open(path, "rb") as file:
        return file.read() if limit is None else file.read(limit)


def unlink(path: "str") -> "None":
    """Remove a file that may be gone already."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass

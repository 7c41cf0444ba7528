"""Changes of a folder's tree that are all made or none: what each replaces is kept until the last has succeeded.

It knows how to move and how to take back, not why.
"""

import errno
import os
import stat

from orchestra.runner.disk import beside, remove_tree, unlink
from orchestra.runner.sdk import Failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_BLOCK = 262144


class Journal:
    """A context; when it is left by an exception, everything is as it was. `folder`: where what is replaced is kept."""

    def __init__(self, folder: "str") -> "None":
        self._folder = folder
        self._back = []  # type: list[tuple[str, Any]]
        self._outside = []  # type: list[str]

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, kind: "Any", error: "Any", trace: "Any") -> "None":
        stuck = self._take_back() if kind is not None else []
        for path in self._outside:
            _remove(path)
        if stuck:
            raise Failed("{}; what could not be put back: {}".format(error, ", ".join(stuck))) from error

    def put(self, source: "str", place: "str") -> "None":
        """Move to a place, over a file or a link that is there."""
        found = lstat(place)
        if found is not None and stat.S_ISDIR(found.st_mode):
            self.set_aside(place)
        elif found is not None:
            self._keep(place)
        _rename(source, place)
        if found is None or stat.S_ISDIR(found.st_mode):
            self._back.append((place, lambda: os.unlink(place)))

    def put_folder(self, source: "str", place: "str") -> "bool":
        """Whether a folder could be moved whole to where nothing is; not on to another file system."""
        mode = open_up(source)  # who may not write in a folder may not move it either
        if not _renamed(source, place):
            return False
        self._back.append((place, lambda: _move_open(place, source)))
        if mode is not None:
            os.chmod(place, mode)
        return True

    def make_folder(self, place: "str") -> "None":
        """A new, private folder."""
        os.mkdir(place, 0o700)
        self._back.append((place, lambda: os.rmdir(place)))

    def set_aside(self, place: "str") -> "None":
        """Take away what is there, a folder with all that is in it."""
        kept = self._spare()
        if not _renamed(place, kept):
            kept = beside(place)
            self._outside.append(kept)
            os.rename(place, kept)
        self._back.append((place, lambda: os.rename(kept, place)))

    def rename(self, old: "str", new: "str") -> "None":
        """Give a file or a link another name in its folder."""
        if lstat(new) is not None:
            self.set_aside(new)
        os.rename(old, new)
        self._back.append((old, lambda: os.rename(new, old)))

    def dress(self, place: "str", like: "os.stat_result", owner: "bool", mode: "bool" = True) -> "None":
        """Times of `like`, and as asked its owner and its permissions."""
        found = os.lstat(place)
        self._back.append((place, lambda: _wear(place, found, owner, mode)))
        _wear(place, like, owner, mode)

    def pour(self, source: "str", place: "str", owner: "bool") -> "None":
        """Give the file that is there the content and the attributes of another; it stays the same file."""
        os.close(os.open(place, os.O_WRONLY))  # what may not be written is found while nothing has changed
        found, kept = os.lstat(place), self._spare()
        _copy(place, kept)
        self._back.append((place, lambda: _become(place, kept, found, owner)))
        _become(place, source, os.lstat(source), owner)

    def _keep(self, place: "str") -> "None":
        """A second name for what is about to be replaced, so that there is no moment without either."""
        kept = self._spare()
        try:
            os.link(place, kept, follow_symlinks=False)
        except OSError:  # not every file system has links, nor may one link to each file of others
            self.set_aside(place)
        else:
            self._back.append((place, lambda: os.rename(kept, place)))

    def _spare(self) -> "str":
        return beside(os.path.join(self._folder, "kept"))

    def _take_back(self) -> "list[str]":
        stuck = []
        for place, back in reversed(self._back):
            try:
                back()
            except OSError as error:
                stuck.append("{} ({})".format(place, error.strerror))
        return stuck


def lstat(path: "str") -> "os.stat_result | None":
    """What is there; None where nothing is."""
    try:
        return os.lstat(path)
    except FileNotFoundError:
        return None


def open_up(folder: "str") -> "int | None":
    """Let its owner do anything in a folder; the permissions that it had, None where that was so already.

    root may do anything, and changes nothing here: another user's folder might be a link by then.
    """
    if os.geteuid() == 0:
        return None
    mode = stat.S_IMODE(os.lstat(folder).st_mode)
    if mode & stat.S_IRWXU == stat.S_IRWXU:
        return None
    os.chmod(folder, mode | stat.S_IRWXU)
    return mode


def remove_all(folder: "str") -> "None":
    """Remove a tree of ours, whatever its folders allow."""
    open_up(folder)
    for root, folders, _ in os.walk(folder):
        for path in (os.path.join(root, name) for name in folders):
            if not os.path.islink(path):
                open_up(path)
    remove_tree(folder)


def _move_open(source: "str", place: "str") -> "None":
    open_up(source)
    os.rename(source, place)


def _remove(path: "str") -> "None":
    found = lstat(path)
    if found is not None and stat.S_ISDIR(found.st_mode):
        remove_all(path)
    else:
        unlink(path)


def _wear(place: "str", like: "os.stat_result", owner: "bool", mode: "bool") -> "None":
    found = os.lstat(place)
    if owner and (found.st_uid, found.st_gid) != (like.st_uid, like.st_gid):
        os.chown(place, like.st_uid, like.st_gid)
    if mode:
        os.chmod(place, stat.S_IMODE(like.st_mode))
    os.utime(place, ns=(like.st_atime_ns, like.st_mtime_ns))


def _become(place: "str", source: "str", like: "os.stat_result", owner: "bool") -> "None":
    _pour(source, place)
    _wear(place, like, owner, True)


def _copy(source: "str", new: "str") -> "None":
    os.close(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    _pour(source, new)


def _pour(source: "str", place: "str") -> "None":
    """Content over content, in blocks that the file has already as far as it goes."""
    with open(source, "rb") as given, open(place, "r+b", buffering=0) as file:
        for block in iter(lambda: given.read(_BLOCK), b""):
            _write(file, block)
        file.truncate()


def _write(file: "Any", block: "bytes") -> "None":
    view = memoryview(block)
    while view:
        view = view[file.write(view) :]


def _renamed(source: "str", place: "str") -> "bool":
    try:
        os.rename(source, place)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        return False
    return True


def _rename(source: "str", place: "str") -> "None":
    """A file or link to its place, by a copy where another file system is mounted above that."""
    if _renamed(source, place):
        return
    import shutil

    temporary = beside(place)
    try:
        shutil.copy2(source, temporary, follow_symlinks=False)
        found = os.lstat(source)
        os.chown(temporary, found.st_uid, found.st_gid, follow_symlinks=False)
        if not stat.S_ISLNK(found.st_mode):
            os.chmod(temporary, stat.S_IMODE(found.st_mode))
        os.rename(temporary, place)
    finally:
        unlink(temporary)

"""A tree that was unpacked beside its place, moved into it member by member, so that nobody ever finds half a file.

What a full disk, a damaged archive or an interruption ends ends before the first move. It does not know archives.
"""

import errno
import os
import stat

from orchestra.runner.disk import beside, remove_tree, unlink
from orchestra.runner.sdk import Failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any


class Stage:
    """A private folder within `dest`, so on its file system; a context that removes what is left in it.

    `tree` is where to unpack.
    """

    def __init__(self, dest: "str") -> "None":
        self._folder = beside(os.path.join(dest, "unpacking"))
        self.tree = os.path.join(self._folder, "tree")

    def __enter__(self) -> "Stage":
        os.mkdir(self._folder, 0o700)
        os.mkdir(self.tree)
        return self

    def __exit__(self, *_: "Any") -> "None":
        remove_tree(self._folder)


class Move:
    """The way of a staged tree into `dest`.

    `listed`: folders, relative, of which the archive tells permissions and time; others are only the way to others.
    `keeps(found, staged)`, two lstat results: whether what is there, and no folder, stays; None: nothing does.
    `with_owner`: owners are as staged; else a folder that hands its group down does so.
    `only_times`: folders that are there keep owner and permissions.
    """

    def __init__(
        self, dest: "str", listed: "Iterable[str]", keeps: "Callable[[Any, Any], bool] | None", with_owner: "bool"
    ) -> "None":
        self.dest = os.path.realpath(dest)
        self.only_times = False
        self._listed = {os.path.normpath(os.path.join(self.dest, one.lstrip("/"))) for one in listed}
        self._keeps = keeps
        self._with_owner = with_owner

    def carry_out(self, tree: "str") -> "None":
        """Move everything in the folder `tree`. Failed, before anything is moved, where something is in the way."""
        self._refuse(tree, self.dest)
        self._fill(tree, self.dest)

    def dress(self, place: "str", like: "os.stat_result", fresh: "bool" = False) -> "None":
        """Owner, permissions and time of a folder."""
        found = os.lstat(place)
        if fresh or not self.only_times:
            if self._with_owner and (found.st_uid, found.st_gid) != (like.st_uid, like.st_gid):
                os.chown(place, like.st_uid, like.st_gid)
            os.chmod(place, stat.S_IMODE(like.st_mode))
        os.utime(place, ns=(like.st_atime_ns, like.st_mtime_ns))

    def _refuse(self, staged: "str", folder: "str") -> "None":
        for name in os.listdir(staged):
            source, place = os.path.join(staged, name), os.path.join(folder, name)
            wants_folder, found = stat.S_ISDIR(os.lstat(source).st_mode), _found(place)
            if found is None:
                continue
            if wants_folder and os.path.isdir(place):
                self._refuse(source, place)
            elif wants_folder and place not in self._listed and self._keeps is None:
                raise Failed("cannot write below {}: it is no folder; nothing was unpacked".format(place))
            elif not wants_folder and stat.S_ISDIR(found.st_mode) and os.listdir(place):
                raise Failed("cannot write {}: it is a folder, and not empty; nothing was unpacked".format(place))

    def _fill(self, staged: "str", folder: "str") -> "None":
        above = os.stat(folder)
        hands_down = not self._with_owner and bool(above.st_mode & stat.S_ISGID)
        for name in sorted(os.listdir(staged)):
            source, place = os.path.join(staged, name), os.path.join(folder, name)
            new, old = os.lstat(source), _found(place)
            if stat.S_ISDIR(new.st_mode):
                self._place_folder(source, place, new, old, hands_down)
            elif old is None or self._keeps is None or not self._keeps(old, new):
                if old is not None and stat.S_ISDIR(old.st_mode):
                    os.rmdir(place)
                _rename(source, place)
                if hands_down:
                    _give_group(place, new, above.st_gid)

    def _place_folder(
        self, source: "str", place: "str", new: "os.stat_result", old: "os.stat_result | None", hands_down: "bool"
    ) -> "None":
        listed = place in self._listed
        if old is not None and not stat.S_ISDIR(old.st_mode) and (listed or not os.path.isdir(place)):
            if self._keeps is not None:
                return
            os.unlink(place)  # a file, or a link that the archive replaces by a folder
            old = None
        if old is None and not hands_down and _renamed(source, place):
            return
        if old is None:
            os.mkdir(place, 0o700)
        self._fill(source, place)
        if listed or old is None:
            self.dress(place, new, fresh=old is None)


def _give_group(path: "str", found: "os.stat_result", group: "int") -> "None":
    os.chown(path, -1, group, follow_symlinks=False)
    if not stat.S_ISLNK(found.st_mode):
        os.chmod(path, stat.S_IMODE(found.st_mode))  # what a change of owner takes away


def _found(path: "str") -> "os.stat_result | None":
    try:
        return os.lstat(path)
    except FileNotFoundError:
        return None


def _renamed(source: "str", place: "str") -> "bool":
    """Whether a folder could be moved whole; not where another file system is mounted above its place."""
    try:
        os.rename(source, place)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        return False
    return True


def _rename(source: "str", place: "str") -> "None":
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

"""A tree that was unpacked beside its place, moved into it member by member, so that nobody ever finds half a file.

What a full disk, a damaged archive or an interruption ends ends before the first move; a move that fails is taken back
with those before it. It does not know archives.
"""

import os
import stat
from contextlib import contextmanager

from orchestra.runner.disk import beside
from orchestra.runner.parts.journal import Journal, lstat, open_up, remove_all
from orchestra.runner.sdk import Failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

PARTS = ("journal",)
_SHOWN = 10


@contextmanager
def same_times(folder: "str") -> "Iterator[None]":
    """Its times stay, whatever is done in it; and its permissions, whatever they allow."""
    found = os.lstat(folder)
    mode = open_up(folder)
    yield
    if mode is not None:
        os.chmod(folder, mode)
    os.utime(folder, ns=(found.st_atime_ns, found.st_mtime_ns))


class Stage:
    """A private folder on the file system of `dest`; a context that removes what is left in it.

    It lies in `dest`, or where that may not be written in one of `others`, folders below it. `tree`: where to unpack.
    """

    def __init__(self, dest: "str", others: "Iterable[str]" = ()) -> "None":
        self._home = home = next((one for one in (dest, *others) if _may_write(one)), dest)
        self.folder = beside(os.path.join(home, "unpacking"))
        self.tree = os.path.join(self.folder, "tree")
        self._dest = dest
        self._times = None  # type: tuple[int, int] | None

    def __enter__(self) -> "Stage":
        self._found = os.stat(self._home)
        try:
            os.mkdir(self.folder, 0o700)
        except OSError as error:
            text = "cannot write to {}: {}; nothing was unpacked".format(self._dest, error.strerror)
            raise Failed(text, errno=error.errno) from None
        os.mkdir(self.tree)
        return self

    def __exit__(self, kind: "Any", *_: "Any") -> "None":
        remove_all(self.folder)
        if kind is not None and os.geteuid() in (0, self._found.st_uid):
            os.utime(self._home, ns=(self._found.st_atime_ns, self._found.st_mtime_ns))
        if self._times is not None:
            os.utime(self._dest, ns=self._times)

    def leave_times(self, like: "os.stat_result") -> "None":
        """The times that `dest` has when the stage is gone."""
        self._times = (like.st_atime_ns, like.st_mtime_ns)


class Move:
    """The way of a staged tree into `dest`. The attributes say what becomes of what is there already."""

    # Folders, relative, that the archive has as members; others are only the way to members.
    listed = ()  # type: Iterable[str]
    # Whether what is there stays, of two lstat results: it and the staged one. None: nothing does but folders.
    keeps = None  # type: Any
    # Owners are as staged; else a folder that hands its group down does so.
    with_owner = False
    # Folders that are there keep owner and permissions.
    only_times = False
    # Folders that are there keep their times too.
    folders_stay = False
    # Nothing may be there but folders.
    refuses = False
    # A file that is there gets another content and stays the same file.
    overwrites = False
    # What a member replaces goes first, a folder with all that is in it.
    clears = False
    # The same, but a folder that is not empty is in the way.
    unlinks = False
    # What is to go below a file that stays is left out; else nothing is unpacked then.
    leaves_out = False
    # A link to a folder stays where a folder goes.
    keeps_links = False
    # The name that a file gets which would be replaced, of its path and the names beside it. None: it is lost.
    backup = None  # type: Any
    # Members, relative, that are hard links.
    twins = frozenset()  # type: Iterable[str]

    def __init__(self, dest: "str") -> "None":
        self.dest = os.path.realpath(dest)
        self._existing = []  # type: list[str]
        self._pours = []  # type: list[tuple[str, str]]

    def carry_out(self, stage: "Stage", top: "bool" = False) -> "None":
        """Move everything; Failed, with nothing changed, where something is in the way. `top`: dress `dest` too."""
        self._folders, self._twins = self._places(self.listed), self._places(self.twins)
        if not (self.clears and top):
            self._refuse(stage.tree, self.dest)
        if self._existing:
            shown = ", ".join(self._existing[:_SHOWN]) + (" ..." if len(self._existing) > _SHOWN else "")
            raise Failed("there already, and to be kept: {}; nothing was unpacked".format(shown))
        like = os.lstat(stage.tree)
        try:
            with Journal(stage.folder) as self._journal:
                if self.clears and top:
                    self._clear(stage)
                self._pour(stage.tree)
                self._fill(stage.tree, self.dest)
                if top and not self.folders_stay:
                    self._journal.dress(self.dest, like, self.with_owner and not self.only_times, not self.only_times)
                    stage.leave_times(like)
        except OSError as error:
            text = "cannot unpack to {}: {}; all is as it was".format(error.filename2 or self.dest, error.strerror)
            raise Failed(text, errno=error.errno) from error

    def _places(self, names: "Iterable[str]") -> "set[str]":
        return {os.path.normpath(os.path.join(self.dest, one.lstrip("/"))) for one in names}

    def _refuse(self, staged: "str", folder: "str") -> "None":
        for name in sorted(os.listdir(staged)):
            source, place = os.path.join(staged, name), os.path.join(folder, name)
            new, found = os.lstat(source), lstat(place)
            if found is None:
                continue
            if not stat.S_ISDIR(new.st_mode):
                self._meet_file(source, place, new, found)
            elif self._gives_way(place, new, found):
                continue
            elif self.unlinks and place in self._folders and stat.S_ISDIR(found.st_mode) and os.listdir(place):
                raise Failed("cannot unlink {}: it is a folder, and not empty; nothing was unpacked".format(place))
            elif os.path.isdir(place):
                self._refuse(source, place)
            elif not self._may_lack(source):
                raise Failed("cannot write below {}: it is no folder; nothing was unpacked".format(place))

    def _meet_file(self, source: "str", place: "str", new: "os.stat_result", found: "os.stat_result") -> "None":
        if self.refuses:
            self._existing.append(place)
        elif self._stays(found, new) or self.clears:
            return
        elif self._is_poured(place, new) and stat.S_ISREG(found.st_mode):
            self._pours.append((source, place))
        elif not stat.S_ISDIR(found.st_mode):
            return
        elif self._is_poured(place, new):
            raise Failed("cannot overwrite {}: it is a folder; nothing was unpacked".format(place))
        elif os.listdir(place):
            raise Failed("cannot write {}: it is a folder, and not empty; nothing was unpacked".format(place))

    def _is_poured(self, place: "str", new: "os.stat_result") -> "bool":
        """Whether a member goes into a file that is there."""
        return self.overwrites and self.backup is None and stat.S_ISREG(new.st_mode) and place not in self._twins

    def _may_lack(self, source: "str") -> "bool":
        """Whether a folder may be left out for a file that is in its place and stays."""
        return self.leaves_out or (self.folders_stay and not os.listdir(source))

    def _stays(self, found: "os.stat_result", new: "os.stat_result") -> "bool":
        return self.keeps is not None and self.keeps(found, new)

    def _gives_way(self, place: "str", new: "os.stat_result", found: "os.stat_result") -> "bool":
        """Whether a folder that is a member takes the place of what is there."""
        if place not in self._folders or self.refuses:
            return False
        if stat.S_ISDIR(found.st_mode):
            return self.clears
        return not self._stays(found, new) and not (self.keeps_links and os.path.isdir(place))

    def _clear(self, stage: "Stage") -> "None":
        for name in sorted(os.listdir(self.dest)):
            place = os.path.join(self.dest, name)
            if not os.path.samestat(os.lstat(place), os.lstat(stage.folder)):
                self._journal.set_aside(place)

    def _pour(self, tree: "str") -> "None":
        """Fill files that stay the same files, and make the archive's hard links to them mean these."""
        meant = {}  # type: dict[int, str]
        for source, place in self._pours:
            self._journal.pour(source, place, self.with_owner)
            meant[os.lstat(source).st_ino] = place
        for name in self.twins if meant else ():
            source = os.path.join(tree, name.lstrip("/"))
            original = meant.get(os.lstat(source).st_ino)
            if original is not None:
                with same_times(os.path.dirname(source)):
                    os.unlink(source)
                    os.link(original, source)
        self._poured = {place for _, place in self._pours}

    def _fill(self, staged: "str", folder: "str") -> "None":
        above = os.stat(folder)
        open_up(staged)  # what is moved leaves it
        group = above.st_gid if not self.with_owner and above.st_mode & stat.S_ISGID else None
        for name in sorted(os.listdir(staged)):
            source, place = os.path.join(staged, name), os.path.join(folder, name)
            new, old = os.lstat(source), lstat(place)
            if stat.S_ISDIR(new.st_mode):
                self._place_folder(source, place, new, old, group)
            elif old is None or not self._stays(old, new):
                self._place_file(source, place, new, old, group)

    def _place_file(
        self, source: "str", place: "str", new: "os.stat_result", old: "os.stat_result | None", group: "int | None"
    ) -> "None":
        if place in self._poured:
            return
        if old is not None:
            self._make_room(place, old)
        self._journal.put(source, place)
        if group is not None:
            _give_group(place, new, group)

    def _make_room(self, place: "str", old: "os.stat_result") -> "os.stat_result | None":
        """What is still there after a backup, or after it was cleared."""
        if self.backup is not None and not stat.S_ISDIR(old.st_mode):
            self._journal.rename(place, self.backup(place, os.listdir(os.path.dirname(place))))
        elif self.clears:
            self._journal.set_aside(place)
        return lstat(place)

    def _place_folder(
        self, source: "str", place: "str", new: "os.stat_result", old: "os.stat_result | None", group: "int | None"
    ) -> "None":
        if old is not None and self._gives_way(place, new, old):
            old = self._make_room(place, old)
            if old is not None:
                self._journal.set_aside(place)
                old = None
        elif old is not None and not os.path.isdir(place):
            return  # nothing is to go below it
        if old is None and group is None and self._journal.put_folder(source, place):
            return
        if old is None:
            self._journal.make_folder(place)
        self._fill(source, place)
        if old is None:
            self._journal.dress(place, new, self.with_owner)
        elif place in self._folders and stat.S_ISDIR(old.st_mode) and not self.folders_stay:
            self._journal.dress(place, new, self.with_owner and not self.only_times, not self.only_times)


def _may_write(folder: "str") -> "bool":
    return os.access(folder, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids)


def _give_group(path: "str", found: "os.stat_result", group: "int") -> "None":
    os.chown(path, -1, group, follow_symlinks=False)
    if not stat.S_ISLNK(found.st_mode):
        os.chmod(path, stat.S_IMODE(found.st_mode))  # what a change of owner takes away

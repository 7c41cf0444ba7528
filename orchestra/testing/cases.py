"""Module cases as data files, each run four ways: check touches nothing, apply, again unchanged, undo restores.

A case is `tests/cases/modules/<module>/<case>.yml`; docs/writing-modules.md has its form. It runs in this process
against a real folder, with the same `carry_out` as on a host. What an effect declares (repeats, undoes) is what the
case is held to.
"""

from __future__ import annotations

import fnmatch
import os
import pwd
from collections.abc import Iterator, Mapping
from dataclasses import field
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

from orchestra.model.record import record
from orchestra.runner import undo as replay
from orchestra.runner.effects import Effect
from orchestra.runner.foresight import Foresight
from orchestra.runner.overlay import Overlay
from orchestra.runner.plan import Performer, carry_out
from orchestra.runner.system import Attachment, System

KNOWN = {"options", "before", "after", "changed", "result", "again", "undo", "check", "error", "attachments", "about"}
Snapshot = dict[str, tuple[str, int, Any]]


@record
class Case:
    """One case: what is there, what is asked, what must come out."""

    module: str
    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] | None = None
    changed: bool = True
    result: Mapping[str, Any] = field(default_factory=dict)
    again: str = "unchanged"
    undo: bool = True
    check: str = "foretold"
    error: str = ""
    attachments: Mapping[str, str] = field(default_factory=dict)
    about: str = ""


class CaseError(Exception):
    """A case file that says something this harness does not know."""


def collect(root: Path) -> Iterator[Case]:
    """Every case under a folder whose subfolders are named after modules."""
    for path in sorted(root.glob("*/*.yml")):
        text = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        unknown = set(text) - KNOWN
        if unknown:
            raise CaseError(f"{path}: unknown: {', '.join(sorted(unknown))}; known: {', '.join(sorted(KNOWN))}")
        if text.get("again") == "changed" or text.get("again") is True:
            text["again"] = "changed"
        yield Case(path.parent.name, path.stem, **text)


def run(case: Case, module: ModuleType, folder: Path) -> tuple[str, ...]:
    """Run a case the four ways in an empty folder; AssertionError says which way went wrong.

    Returns the ways that it went: refused, or check (unless the case skips it), apply, again, undo.
    """
    os.umask(0o022)
    ready = _Prepared(case, module, folder)
    ready.lay_out()
    before = snapshot(folder)
    if case.error:
        ready.refused(before)
        return ("refused",)
    if case.check != "skip":
        ready.checked(before)
    steps = ready.applied(before)
    ready.repeated()
    ready.undone(before, steps)
    return ("apply", "again", "undo") if case.check == "skip" else ("check", "apply", "again", "undo")


class _Prepared:
    """A case with its folder filled in."""

    def __init__(self, case: Case, module: ModuleType, folder: Path) -> None:
        self.case = case
        self.module = module
        self.folder = folder
        self.not_undone: list[str] = []

    def fill(self, value: Any) -> Any:
        """Replace {dir} and {user}, who runs this, wherever they stand."""
        if isinstance(value, str):
            return value.replace("{dir}", str(self.folder)).replace("{user}", pwd.getpwuid(os.geteuid()).pw_name)
        if isinstance(value, dict):
            return {self.fill(key): self.fill(one) for key, one in value.items()}
        return [self.fill(one) for one in value] if isinstance(value, list) else value

    def lay_out(self) -> None:
        """Make what `before` lists."""
        for name, what in self.fill(dict(self.case.before)).items():
            _make(self.folder / name, what)

    def carry_out(self, system: System, keep: Any = None) -> dict[str, Any]:
        """Run the plan."""
        given = self.case.attachments.items()
        system.incoming = {name: Attachment(self.fill(text).encode()) for name, text in given}
        return carry_out(self.module, self.fill(dict(self.case.options)), Performer(system, keep))

    def refused(self, before: Snapshot) -> None:
        """The module fails with this message and touches nothing."""
        result = self.carry_out(System())
        assert result.get("failed"), f"apply: expected the error {self.case.error!r}, got {result}"
        assert self.fill(self.case.error) in result["msg"], f"apply: {result['msg']}"
        assert snapshot(self.folder) == before, "a refusal touched files"

    def checked(self, before: Snapshot) -> None:
        """Check mode tells the same and touches nothing; what it foretells is what will be there."""
        overlay = Overlay()
        result = self.carry_out(Foresight(overlay, check=True, diff=True))
        assert not result.get("failed"), f"check: {result}"
        assert snapshot(self.folder) == before, "check mode touched files"
        if self.case.check == "foretold":
            assert result["changed"] == self.case.changed, f"check: changed: {result}"
            _compare(self.foretold(overlay, before), self.wanted(before), "check")

    def foretold(self, overlay: Overlay, before: Snapshot) -> Snapshot:
        """The folder as a later task of the check run would see it."""
        system = Foresight(overlay, check=True)
        names = [name for name in before if system.stat(str(self.folder / name)) is not None]
        names += [os.path.relpath(path, self.folder) for path, _ in overlay.below(str(self.folder)) if path]
        found = {name: _seen(system, str(self.folder / name)) for name in names}
        return {name: one for name, one in found.items() if one is not None}

    def applied(self, before: Snapshot) -> list[dict[str, Any]]:
        """It does what it says; returns the undo steps."""
        steps: list[dict[str, Any]] = []
        system = System(diff=True)

        def keep(effect: Effect, undo: list[Effect]) -> None:
            steps.append(replay.pack(effect, undo, system))

        result = self.carry_out(system, keep)
        self.not_undone = result.pop("not_undone", [])
        assert not result.get("failed"), f"apply: {result}"
        assert result["changed"] == self.case.changed, f"apply: changed: {result}"
        for name, value in self.fill(dict(self.case.result)).items():
            assert result.get(name) == value, f"apply: result {name} is {result.get(name)!r}, not {value!r}"
        _compare(snapshot(self.folder), self.wanted(before), "apply")
        return steps

    def wanted(self, before: Snapshot) -> Snapshot:
        """What `after` asks for; attributes that it leaves out are None and not compared."""
        if self.case.after is None:
            return dict(before)
        return {name: _wanted(what) for name, what in self.fill(dict(self.case.after)).items()}

    def repeated(self) -> None:
        """A second run changes nothing, unless the case says that it does."""
        before = snapshot(self.folder)
        result = self.carry_out(System())
        assert not result.get("failed"), f"again: {result}"
        assert result["changed"] == (self.case.again == "changed"), f"again: changed: {result}"
        if self.case.again != "changed":
            assert snapshot(self.folder) == before, "again: a run without changes touched files"

    def undone(self, before: Snapshot, steps: list[dict[str, Any]]) -> None:
        """Undo restores, exactly where every effect declares that it can be undone."""
        declared = not self.not_undone
        assert declared == self.case.undo, f"undo: the effects say: {self.not_undone or 'yes'}"
        if declared and self.case.again != "changed":
            system = System()
            result = carry_out(replay, {"steps": steps}, Performer(system))
            assert not result.get("failed"), f"undo: {result}"
            backups = [pattern for pattern in self.case.after or () if "*" in pattern]
            left = snapshot(self.folder).items()
            kept = {name: one for name, one in left if not any(fnmatch.fnmatch(name, glob) for glob in backups)}
            _compare(kept, before, "undo")


def _make(path: Path, what: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    what = {"content": what} if isinstance(what, str) else dict(what or {"directory": True})
    if "link" in what:
        path.symlink_to(what["link"])
        return
    if what.get("directory"):
        path.mkdir(exist_ok=True)
    elif "hard" in what:
        os.link(path.parent / what["hard"], path)
    else:
        path.write_bytes(_content(what))
    if "mode" in what:
        path.chmod(_mode(what["mode"]))
    if "mtime" in what:
        os.utime(path, (what["mtime"], what["mtime"]))


def _content(what: Mapping[str, Any]) -> bytes:
    content = what.get("content", "")
    return content if isinstance(content, bytes) else str(content).encode("utf-8", "surrogateescape")


def _mode(mode: int | str) -> int:
    return int(mode, 8) if isinstance(mode, str) else mode


def _wanted(what: Any) -> tuple[str, Any, Any]:
    if isinstance(what, str):
        return ("file", None, what.encode())
    what = dict(what or {"directory": True})
    mode = _mode(what["mode"]) if "mode" in what else None
    if "link" in what:
        return ("link", None, what["link"])
    if what.get("directory"):
        return ("directory", mode, None)
    return ("file", mode, _content(what) if "content" in what else ...)


def snapshot(folder: Path) -> Snapshot:
    """Everything below a folder: {path: (kind, mode, content or target)}."""
    system = System()
    found: Snapshot = {}
    for top, folders, names in system.walk(str(folder)):
        for name in [*folders, *names]:
            path = os.path.join(top, name)
            seen = _seen(system, path)
            if seen is not None:
                found[os.path.relpath(path, folder)] = seen
    return found


def _seen(system: System, path: str) -> tuple[str, int, Any] | None:
    one = system.stat(path)
    if one is None:
        return None
    value = system.read_bytes(path) if one.kind == "file" else one.target
    return one.kind, one.mode, value


def _compare(found: Snapshot, wanted: Mapping[str, Any], way: str) -> None:
    """Names may be globs (a backup's); folders that are only the way to something need not be listed."""
    left = dict(found)
    for pattern, what in wanted.items():
        names = [pattern] if pattern in left else fnmatch.filter(left, pattern)
        if way == "check" and not names and "*" in pattern:
            continue  # a backup's name holds the time: check mode does not foretell it
        assert names, f"{way}: {pattern} is not there; there are {sorted(found)}"
        for name in names:
            _same(name, left.pop(name), what, way)
    extra = [name for name, one in left.items() if one[0] != "directory" or not _leads_to(name, wanted)]
    assert not extra, f"{way}: not expected: {extra}"


def _leads_to(folder: str, wanted: Mapping[str, Any]) -> bool:
    return any(name.startswith(folder + "/") for name in wanted)


def _same(name: str, found: tuple[str, int, Any], wanted: tuple[str, Any, Any], way: str) -> None:
    kind, mode, value = wanted
    assert found[0] == kind, f"{way}: {name} is a {found[0]}, not a {kind}"
    assert mode is None or found[0] == "link" or found[1] == mode, f"{way}: {name} has the mode {found[1]:04o}"
    assert value is ... or found[2] == value, f"{way}: {name} holds {found[2]!r}, not {value!r}"

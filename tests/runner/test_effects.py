"""Effects on a real folder: atomic, attribute-preserving, shown as Ansible shows them, undone exactly."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from orchestra.runner import process
from orchestra.runner import undo as replay
from orchestra.runner.effects import Effect
from orchestra.runner.foresight import Foresight
from orchestra.runner.plan import Performer, carry_out
from orchestra.runner.sdk import (
    Attributes,
    Call,
    Command,
    Failed,
    MakeDirectory,
    MakeLink,
    Move,
    Remove,
    Result,
    SetAttributes,
    System,
    Touch,
    WriteFile,
)

ROOT = os.geteuid() == 0
as_root = pytest.mark.skipif(not ROOT, reason="changing owners needs root")


@pytest.fixture(autouse=True)
def usual_umask() -> Generator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


class Shell:
    """A module whose plan yields given effects."""

    class Options:
        pass

    def __init__(self, *effects: Effect) -> None:
        self.effects = effects

    def plan(self, options: Any, system: System) -> Any:
        results = []
        for effect in self.effects:
            results.append((yield effect))
        return results[-1].values() if results else {}


def perform(*effects: Effect, **settings: Any) -> dict[str, Any]:
    return carry_out(Shell(*effects), {}, Performer(System(**settings)))


def undone(*effects: Effect) -> list[dict[str, Any]]:
    """Apply with undo recorded; the steps."""
    steps: list[dict[str, Any]] = []
    system = System()
    result = carry_out(Shell(*effects), {}, Performer(system, lambda e, u: steps.append(replay.pack(e, u, system))))
    assert not result.get("failed"), result
    assert "not_undone" not in result, result
    return steps


def take_back(steps: list[dict[str, Any]]) -> dict[str, Any]:
    return carry_out(replay, {"steps": steps}, Performer(System()))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# --- writing ---


def test_a_new_file_follows_the_umask_and_an_old_one_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "f"
    assert perform(WriteFile(str(path), b"a")) == {"changed": True}
    assert path.stat().st_mode & 0o7777 == 0o644
    path.chmod(0o4711)
    assert perform(WriteFile(str(path), b"b"))["changed"]
    assert path.stat().st_mode & 0o7777 == 0o4711
    assert perform(WriteFile(str(path), b"b")) == {"changed": False}
    assert names(tmp_path) == ["f"]


@as_root
def test_a_replaced_file_keeps_owner_and_extended_attributes(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"a")
    os.chown(path, 12345, 23456)
    try:
        os.setxattr(path, "user.mark", b"kept")
        marked = True
    except OSError:
        marked = False
    perform(WriteFile(str(path), b"b", {"mode": 0o600}))
    found = path.stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (12345, 23456, 0o600)
    assert not marked or os.getxattr(path, "user.mark") == b"kept"


def test_a_file_is_never_open_to_more_than_it_should_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modes = []
    rename = os.rename

    def watched(source: str, target: str) -> None:
        modes.append(os.stat(source).st_mode & 0o777)
        rename(source, target)

    monkeypatch.setattr(os, "rename", watched)
    perform(WriteFile(str(tmp_path / "f"), b"secret", {"mode": 0o600}))
    assert modes == [0o600]


def test_a_failing_write_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "f").write_bytes(b"a")

    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    result = perform(WriteFile(str(tmp_path / "f"), b"b"))
    assert result["failed"] and "No space left" in result["msg"]
    assert (names(tmp_path), (tmp_path / "f").read_bytes()) == (["f"], b"a")


@pytest.mark.parametrize("named", [None, "{}/.f.0a1b2c3d4e5f"])
def test_a_failing_write_names_the_file_it_was_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str | None
) -> None:
    def full(fd: int) -> None:
        raise OSError(28, "No space left on device", named and named.format(tmp_path))

    monkeypatch.setattr(os, "fsync", full)
    result = perform(WriteFile(str(tmp_path / "f"), b"b"))
    assert result["msg"] == f"[Errno 28] No space left on device: '{tmp_path}/f'"


def test_a_link_is_followed_or_replaced_as_asked(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"a")
    (tmp_path / "l").symlink_to("f")
    perform(WriteFile(str(tmp_path / "l"), b"b"))
    assert (tmp_path / "l").is_symlink() and (tmp_path / "f").read_bytes() == b"b"
    perform(WriteFile(str(tmp_path / "l"), b"c", follow=False))
    assert not (tmp_path / "l").is_symlink() and (tmp_path / "f").read_bytes() == b"b"


def test_in_place_only_where_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"longer than before")
    inode = path.stat().st_ino

    def busy(source: str, target: str) -> None:
        raise OSError(16, "Device or resource busy")

    monkeypatch.setattr(os, "rename", busy)
    assert "busy" in perform(WriteFile(str(path), b"b"))["msg"]
    assert perform(WriteFile(str(path), b"b", unsafe_writes=True)) == {"changed": True}
    assert (path.read_bytes(), path.stat().st_ino, names(tmp_path)) == (b"b", inode, ["f"])


def test_a_backup_is_named_and_kept_as_ansible_does(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"a")
    path.chmod(0o640)
    backup = Path(perform(WriteFile(str(path), b"b", backup=True))["backup_file"])
    assert backup.name.startswith(f"f.{os.getpid()}.20") and backup.name.endswith("~")
    assert (backup.read_bytes(), backup.stat().st_mode & 0o777) == (b"a", 0o640)
    assert "backup_file" not in perform(WriteFile(str(path), b"b", backup=True))


def test_validation_sees_the_new_content_and_can_refuse(tmp_path: Path) -> None:
    path = tmp_path / "f"
    assert perform(WriteFile(str(path), b"good", validate="grep -q good %s"))["changed"]
    refused = perform(WriteFile(str(path), b"bad", validate="grep good %s"))
    assert (refused["failed"], refused["rc"], path.read_bytes()) == (True, 1, b"good")
    assert "must contain %s" in perform(WriteFile(str(path), b"x", validate="true"))["msg"]
    assert names(tmp_path) == ["f"]


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        (b"a\n", b"b\n", {"before": "a\n", "after": "b\n"}),
        (b"\0", b"b\n", {"dst_binary": 1, "after": "b\n"}),
        (b"a\n", b"x" * 200_000, {"before": "a\n", "src_larger": 104448}),
    ],
)
def test_diffs_of_content(tmp_path: Path, before: bytes, after: bytes, shown: dict[str, Any]) -> None:
    path = tmp_path / "f"
    path.write_bytes(before)
    diff = perform(WriteFile(str(path), after), diff=True)["diff"]
    assert {key: value for key, value in diff.items() if not key.endswith("_header")} == shown


def test_the_diff_of_attributes(tmp_path: Path) -> None:
    path = str(tmp_path / "f")
    Path(path).touch(0o600)
    diff = perform(WriteFile(path, b"", {"mode": 0o640}), diff=True)["diff"]
    assert (diff["before"], diff["after"]) == ({"path": path, "mode": "0600"}, {"path": path, "mode": "0640"})


# --- attributes ---


@pytest.mark.parametrize(
    ("mode", "asked", "wanted"),
    [
        (0o644, "u+x", 0o744),
        (0o644, "a+x", 0o755),
        (0o644, "+x", 0o755),
        (0o666, "go-w", 0o644),
        (0o644, "u=rwX,go=rX", 0o644),
        (0o744, "u=rwX,go=rX", 0o755),
        (0o640, "o=g", 0o644),
        (0o755, "u+s,g+s", 0o6755),
        (0o755, "+t", 0o1755),
        (0o777, "o=", 0o770),
        (0o600, "u=rw,g+r-w", 0o640),
        (0o644, 0o600, 0o600),
    ],
)
def test_modes(tmp_path: Path, mode: int, asked: Any, wanted: int) -> None:
    path = tmp_path / "f"
    path.touch()
    path.chmod(mode)
    perform(SetAttributes(str(path), Attributes(mode=asked)))
    assert path.stat().st_mode & 0o7777 == wanted
    assert perform(SetAttributes(str(path), Attributes(mode=asked))) == {"changed": False}


def test_an_unknown_owner_is_told_in_ansibles_words(tmp_path: Path) -> None:
    result = perform(WriteFile(str(tmp_path / "f"), b"", {"owner": "nobody-of-this-name"}))
    assert result["msg"] == "chown failed: failed to look up user nobody-of-this-name"
    assert names(tmp_path) == []


@as_root
def test_owner_and_group_by_name_and_number(tmp_path: Path) -> None:
    path = tmp_path / "f"
    perform(WriteFile(str(path), b"", {"owner": "daemon", "group": "12345", "mode": "4755"}))
    assert (path.stat().st_uid, path.stat().st_gid, path.stat().st_mode & 0o7777) == (1, 12345, 0o4755)
    perform(SetAttributes(str(path), {"owner": 0, "mode": 0o4755}))
    assert (path.stat().st_uid, path.stat().st_mode & 0o7777) == (0, 0o4755)


# --- paths ---


def test_folders_with_their_parents(tmp_path: Path) -> None:
    assert perform(MakeDirectory(str(tmp_path / "a" / "b"), {"mode": 0o700}))["changed"]
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("a", "a/b")] == [0o700, 0o700]
    assert perform(MakeDirectory(str(tmp_path / "a" / "b"))) == {"changed": False}
    (tmp_path / "f").touch()
    assert "already exists as a file" in perform(MakeDirectory(str(tmp_path / "f")))["msg"]
    assert perform(MakeDirectory(str(tmp_path / "x" / "y"), parents=False))["failed"]


def test_links_replace_files_but_not_folders(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("f")
    (tmp_path / "g").write_text("g")
    assert perform(MakeLink(str(tmp_path / "l"), "f"))["changed"]
    assert not perform(MakeLink(str(tmp_path / "l"), "f"))["changed"]
    assert perform(MakeLink(str(tmp_path / "l"), "g"))["changed"]
    assert (tmp_path / "l").read_text() == "g"
    hard = MakeLink(str(tmp_path / "l"), str(tmp_path / "f"), hard=True)
    assert perform(hard)["changed"]
    assert (tmp_path / "l").stat().st_ino == (tmp_path / "f").stat().st_ino
    assert not perform(MakeLink(str(tmp_path / "l"), str(tmp_path / "f"), hard=True))["changed"]
    assert "not replaced by a link" in perform(MakeLink(str(tmp_path), "f"))["msg"]


def test_removal_does_not_follow_links(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "f").touch()
    (tmp_path / "tree" / "deep").mkdir(parents=True)
    (tmp_path / "tree" / "l").symlink_to("../kept")
    result = perform(Remove(str(tmp_path / "tree")))
    assert result["changed"]
    assert names(tmp_path) == ["kept"] and names(tmp_path / "kept") == ["f"]
    assert perform(Remove(str(tmp_path / "tree"))) == {"changed": False}
    assert perform(Remove(str(tmp_path / "kept"), recursive=False)) == {"changed": False}


def test_touch(tmp_path: Path) -> None:
    path = tmp_path / "f"
    assert perform(Touch(str(path), mtime=1000, atime=2000))["changed"]
    assert (path.stat().st_mtime, path.stat().st_atime) == (1000, 2000)
    assert not perform(Touch(str(path), mtime=None, atime=None))["changed"]
    assert perform(Touch(str(path)))["changed"]


# --- undo ---


def test_undo_restores_in_reverse(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"\xff\x00old")
    one.chmod(0o640)
    link, folder = tmp_path / "l", tmp_path / "new"
    link.symlink_to("one")
    steps = undone(
        WriteFile(str(one), b"new", {"mode": 0o600}),
        MakeDirectory(str(folder / "deep")),
        WriteFile(str(folder / "deep" / "f"), b"x"),
        MakeLink(str(link), "two"),
        WriteFile(str(two), b"2"),
        Move(str(two), str(tmp_path / "three")),
        SetAttributes(str(folder), {"mode": 0o700}),
    )
    result = take_back(steps)
    assert not result.get("failed"), result
    assert names(tmp_path) == ["l", "one"]
    assert (one.read_bytes(), one.stat().st_mode & 0o777, os.readlink(link)) == (b"\xff\x00old", 0o640, "one")


def test_undo_refuses_what_has_changed_since(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"a")
    steps = undone(WriteFile(str(path), b"b"))
    path.write_bytes(b"c")
    assert "has changed since" in take_back(steps)["msg"]
    gone = undone(Remove(str(path)))
    path.write_bytes(b"d")
    assert "exists again" in take_back(gone)["msg"]


def test_large_and_private_files_are_not_recorded_and_it_says_so(tmp_path: Path) -> None:
    large, private = tmp_path / "large", tmp_path / "private"
    large.write_bytes(b"x" * 300_000)
    private.touch(0o600)
    kept: list[Any] = []
    effects = WriteFile(str(large), b""), WriteFile(str(private), b"s"), Command(["true"])
    result = carry_out(Shell(*effects), {}, Performer(System(), lambda *one: kept.append(one)))
    assert kept == []
    assert [text.split(":")[0] for text in result["not_undone"]] == ["WriteFile", "WriteFile", "Command"]
    assert "300000 bytes" in result["not_undone"][0]


def test_undo_makes_only_our_effects() -> None:
    for name in ("os:system", "orchestra.runner.undo:pack", "orchestra.runner.disk:remove_tree"):
        with pytest.raises(Failed, match="undo record names"):
            replay.unpack({"effect": name, "args": {}})


# --- commands and calls ---


def test_a_failing_command_fails_with_its_last_line() -> None:
    result = perform(Command(["sh", "-c", "echo one; echo two >&2; exit 3"]))
    assert (result["msg"], result["rc"], result["stdout"], result["stderr"]) == ("two", 3, "one\n", "two\n")
    assert perform(Command(["sh", "-c", "exit 3"], ok=(0, 3)))["rc"] == 3
    assert perform(Command(["sh", "-c", "exit 3"], ok=None))["rc"] == 3
    assert perform(Command(["no-such-program"]))["rc"] == 2


def test_whether_a_command_changes_is_its_own_to_say() -> None:
    assert not perform(Command(["echo", "x"], changes=False))["changed"]
    assert perform(Command(["echo", "x"], changes=lambda ran: ran.stdout == "x\n"))["changed"]
    assert not perform(Command(["echo", "y"], changes=lambda ran: ran.stdout == "x\n"))["changed"]


def test_a_command_past_its_own_timeout_is_ended() -> None:
    result = perform(Command(["sh", "-c", "echo begun; sleep 92"], timeout=0.2))
    assert (result["rc"], result["stdout"]) == (124, "begun\n")
    assert "ran longer than 0.2 s" in result["msg"]


def test_an_interruption_while_a_program_starts_still_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The signal may come when the program runs and its number is not yet known to us."""
    system, started = System(), []
    start = process._start

    def interrupted(*args: Any) -> Any:
        found = start(*args)
        started.append(found[0])
        system.interrupt(KeyboardInterrupt())
        return found

    monkeypatch.setattr(process, "_start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        process.communicate(system, ["sleep", "91"])
    with pytest.raises(ProcessLookupError):
        os.kill(started[0], 0)
    with pytest.raises(KeyboardInterrupt):
        system.interrupt(KeyboardInterrupt())


def test_a_call_is_shown_by_its_declarations() -> None:
    seen: list[str] = []
    call = Call("x", do=lambda system: seen.append("did"), needed=lambda system: not seen)
    assert perform(call)["changed"] and seen == ["did"]
    assert not perform(call)["changed"]
    assert perform(Call("x", do=lambda system: Result(False, a=1)))["a"] == 1


def test_a_plan_may_catch_a_failing_effect() -> None:
    class Catching:
        class Options:
            pass

        @staticmethod
        def plan(options: Any, system: System) -> Any:
            try:
                yield Command(["false"])
            except Failed as failure:
                ran = yield Command(["echo", "after"])
                return {"rc": failure.values["rc"], "out": ran.stdout}

    assert carry_out(Catching, {}, Performer(System())) == {"rc": 1, "out": "after\n", "changed": True}


# --- check mode ---


def test_check_mode_writes_nothing_and_later_looks_see_it(tmp_path: Path) -> None:
    system = Foresight()
    folder, path = str(tmp_path / "d"), str(tmp_path / "d" / "f")
    effects = (
        MakeDirectory(folder),
        WriteFile(path, b"a", {"mode": 0o600}),
        MakeLink(path + ".l", "f"),
        Touch(path + ".t"),
    )
    assert carry_out(Shell(*effects), {}, Performer(system)) == {"changed": True}
    assert names(tmp_path) == []
    later = Foresight(system.overlay)
    assert later.listdir(folder) == ["f", "f.l", "f.t"]
    assert later.read_text(path + ".l") == "a"
    assert later.path_info(path)["mode"] == "0600"
    assert later.assumed
    assert carry_out(Shell(Remove(folder)), {}, Performer(later))["changed"]
    assert not later.exists(path)


def test_after_a_command_that_was_not_run_a_plan_can_not_look(tmp_path: Path) -> None:
    class Looks:
        class Options:
            pass

        @staticmethod
        def plan(options: Any, system: System) -> Any:
            ran = yield Command(["touch", str(tmp_path / "x")], touches=options.touches)
            return {"there": system.exists(str(tmp_path / "x")), "values": ran.values()}

    def looks(touches: Any) -> dict[str, Any]:
        Looks.Options.touches = touches  # type: ignore[attr-defined]
        return carry_out(Looks, {}, Performer(Foresight()))

    assert looks([]) == {"there": False, "values": {}, "changed": True}
    for touches in (None, [("path", str(tmp_path))], [("path", str(tmp_path / "x"))]):
        result = looks(touches)
        assert result["changed"] and result["assumed"] and "there" not in result
    assert names(tmp_path) == []


def test_what_is_missing_is_no_failure_once_a_package_would_be_there(tmp_path: Path) -> None:
    system = Foresight()
    effect = WriteFile(str(tmp_path / "none" / "f"), b"")
    assert carry_out(Shell(effect), {}, Performer(system))["failed"]
    system.foresee("package", "nginx", {"version": None})
    result = carry_out(Shell(effect), {}, Performer(Foresight(system.overlay)))
    assert result["changed"] and result["assumed"] and "failed" not in result


def test_a_folder_of_path_that_may_not_be_looked_into_holds_no_program(tmp_path: Path) -> None:
    class Unprivileged(System):
        def base_stat(self, path: str, follow: bool) -> Any:
            if path.startswith("/closed/"):
                raise PermissionError(13, "Permission denied", path)
            return super().base_stat(path, follow)

    (tmp_path / "tool").write_text("#!/bin/sh\n")
    (tmp_path / "tool").chmod(0o755)
    system = Unprivileged()
    system.environ = {"PATH": f"/closed/bin:{tmp_path}"}
    assert system.which("tool") == str(tmp_path / "tool")


def test_both_times_are_set_to_now_as_who_does_not_own_a_file_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(os, "utime", lambda path, times: asked.append(times))
    (tmp_path / "x").write_text("")
    for mtime, atime in (("now", "now"), (12, "now")):
        Performer(System()).perform(Touch(str(tmp_path / "x"), None, mtime, atime))
    assert asked[0] is None and asked[1][1] == 12

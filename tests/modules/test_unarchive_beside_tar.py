"""What unarchive leaves is what GNU tar leaves that unpacks in place, though members are moved in from beside."""

from __future__ import annotations

import codecs
import io
import os
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.modules.driving import drive

Look = dict[str, tuple[Any, ...]]
OLD, NEW = 1_000_000_000, 2_000_000_000


def member(archive: tarfile.TarFile, name: str, kind: bytes = tarfile.REGTYPE, **fields: Any) -> None:
    info = tarfile.TarInfo(name)
    info.type, info.mtime, info.mode = kind, OLD + 5, 0o640
    content = fields.pop("content", b"new\n" if kind == tarfile.REGTYPE else b"")
    for field, value in fields.items():
        setattr(info, field, value)
    info.size = len(content)
    archive.addfile(info, io.BytesIO(content))


@pytest.fixture
def src(tmp_path: Path) -> str:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        member(archive, "./", tarfile.DIRTYPE, mode=0o711)
        member(archive, "./listed/", tarfile.DIRTYPE, mode=0o750, uid=1234, gid=1234)
        member(archive, "./listed/file", uid=1234)
        member(archive, "./listed/twin", tarfile.LNKTYPE, linkname="./listed/file")
        member(archive, "./implied/deep/file", mode=0o4755)
        member(archive, "./link", tarfile.SYMTYPE, linkname="listed/file")
        member(archive, "./pipe", tarfile.FIFOTYPE)
        member(archive, "./grün", content=b"")
    return str(path)


def nothing(folder: Path) -> None:
    """An empty destination."""


def older_tree(folder: Path) -> None:
    for name in ("listed/own", "implied/deep/own"):
        (folder / name).mkdir(parents=True)
    (folder / "listed/file").write_text("old\n")
    os.utime(folder / "listed/file", (OLD, OLD))
    (folder / "implied/deep/file").write_text("old\n")
    (folder / "implied/deep/file.~1~").write_text("older\n")
    (folder / "implied/deep/file~").write_text("older\n")
    os.utime(folder / "implied/deep/file", (NEW, NEW))
    (folder / "listed").chmod(0o700)
    for name in ("implied/deep", "implied", "listed", "."):
        os.utime(folder / name, (OLD, OLD))


def other_kinds(folder: Path) -> None:
    (folder / "listed").write_text("a file where a folder goes\n")
    (folder / "implied").write_text("another\n")
    (folder / "link").mkdir()
    (folder / "pipe").symlink_to("nowhere")


def links_to_folders(folder: Path) -> None:
    for name in ("one", "two"):
        (folder / name).mkdir()
    (folder / "listed").symlink_to("one")
    (folder / "implied").symlink_to("two")
    (folder / "grün").symlink_to("one")


def full_folder_in_the_way(folder: Path) -> None:
    (folder / "link/inner").mkdir(parents=True)


def group_handed_down(folder: Path) -> None:
    for name in ("", "implied", "implied/deep"):
        (folder / name).mkdir(exist_ok=True)
        os.chown(folder / name, -1, 4321)
        (folder / name).chmod(0o2755)


def looked_at(folder: Path) -> Look:
    return dict(_look(folder))


def _look(folder: Path) -> Iterator[tuple[str, tuple[Any, ...]]]:
    for path in [folder, *sorted(folder.rglob("*"))]:
        found = path.lstat()
        what = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else b""
        when = found.st_mtime if OLD <= found.st_mtime <= OLD + 5 or found.st_mtime == NEW else "now"
        yield str(path.relative_to(folder)), (oct(found.st_mode), found.st_uid, found.st_gid, when, what)


@pytest.mark.parametrize("old", [nothing, older_tree, other_kinds, links_to_folders, group_handed_down])
@pytest.mark.parametrize(
    "extra",
    [
        [],
        ["--strip-components=2"],
        ["--no-same-owner"],
        ["--no-overwrite-dir"],
        ["--keep-newer-files"],
        ["--skip-old-files"],
        ["-m"],
        ["--overwrite"],
        ["--keep-directory-symlink"],
        ["--exclude=./listed/file", "--no-same-permissions"],
        ["--exclude=./listed/file", "--skip-old-files"],
        ["-k"],
        ["-kv", "--exclude=./listed/f*", "--exclude=./implied"],
        ["--backup"],
        ["--backup=numbered"],
        ["--backup=off"],
        ["--suffix", ".old", "--no-same-owner"],
        ["-U"],
        ["--recursive-unlink"],
        ["-C", "listed"],
        ["-mCimplied", "--skip-old"],
        ["-P"],
    ],
    ids=" ".join,
)
def test_it_is_as_from_tar(tmp_path: Path, src: str, old: Callable[[Path], None], extra: list[str]) -> None:
    if shutil.which("tar") is None or os.geteuid() != 0:
        pytest.skip("owners are kept, and links and pipes made, by root's GNU tar")
    for name in ("ours", "theirs"):
        (tmp_path / name).mkdir()
        old(tmp_path / name)
    before = looked_at(tmp_path / "ours")
    done = subprocess.run(["tar", "-x", "-C", tmp_path / "theirs", *extra, "-f", src], capture_output=True, check=False)
    result = drive("unarchive", src=src, dest=f"{tmp_path}/ours", remote_src=True, extra_opts=extra)
    assert bool(result.get("failed")) == bool(done.returncode), (result, done.stderr)
    assert looked_at(tmp_path / "ours") == (looked_at(tmp_path / "theirs") if not done.returncode else before)


def test_a_folder_that_is_not_empty_stops_it_before_anything_is_moved(tmp_path: Path, src: str) -> None:
    (tmp_path / "out").mkdir()
    full_folder_in_the_way(tmp_path / "out")
    before = looked_at(tmp_path / "out")
    result = drive("unarchive", src=src, dest=f"{tmp_path}/out", remote_src=True)
    assert result["failed"]
    assert f"cannot write {tmp_path}/out/link: it is a folder, and not empty" in result["msg"]
    before.pop("."), (after := looked_at(tmp_path / "out")).pop(".")
    assert after == before


def made(path: Path, *members: tuple[str, dict[str, Any]]) -> str:
    with tarfile.open(path, "w") as archive:
        for name, fields in members:
            member(archive, name, **fields)
    return str(path)


@pytest.mark.parametrize("extra", [[], ["--overwrite"], ["--keep-newer-files"]], ids=" ".join)
def test_a_hard_link_to_what_is_no_member_means_the_file_that_is_there(tmp_path: Path, extra: list[str]) -> None:
    out = tmp_path / "out"
    (out / "deep").mkdir(parents=True)
    (out / "deep/there").write_text("there\n")
    src = made(tmp_path / "a.tar", ("link", {"kind": tarfile.LNKTYPE, "linkname": "deep/there"}), ("file", {}))
    options = {"src": src, "dest": str(out), "remote_src": True, "extra_opts": extra}
    assert drive("unarchive", **options)["changed"]
    assert (out / "link").samefile(out / "deep/there")
    assert sorted(one.name for one in out.rglob("*")) == ["deep", "file", "link", "there"]
    (out / "deep/there").unlink()
    (out / "link").unlink()
    (out / "file").write_text("mine\n")
    assert "deep/there" in drive("unarchive", **options)["msg"]
    assert (out / "file").read_text() == "mine\n"


def test_overwriting_leaves_the_same_file_and_its_other_names(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "deep").mkdir(parents=True)
    (out / "deep/file").write_text("older and longer\n")
    os.link(out / "deep/file", out / "other name")
    link = {"kind": tarfile.LNKTYPE, "linkname": "deep/file"}
    src = made(tmp_path / "a.tar", ("deep/file", {}), ("new/twin", link), ("twin", link))
    assert drive("unarchive", src=src, dest=str(out), remote_src=True, extra_opts=["--overwrite"])["changed"]
    assert (out / "other name").read_text() == "new\n"
    for name in ("other name", "new/twin", "twin"):
        assert (out / name).samefile(out / "deep/file")
    (out / "busy").mkdir()
    src = made(tmp_path / "b.tar", ("another", {}), ("busy", {}))
    result = drive("unarchive", src=src, dest=str(out), remote_src=True, extra_opts=["--overwrite"])
    assert f"cannot overwrite {out}/busy: it is a folder" in result["msg"]
    assert not (out / "another").exists()


def test_what_is_to_be_kept_is_named_before_anything_is_moved(tmp_path: Path, src: str) -> None:
    (tmp_path / "out/listed").mkdir(parents=True)
    for name in ("grün", "listed/file"):
        (tmp_path / "out" / name).write_text("mine\n")
    before = looked_at(tmp_path / "out")
    result = drive("unarchive", src=src, dest=f"{tmp_path}/out", remote_src=True, extra_opts=["-k"])
    assert "File exists" in result["msg"] or "there already, and to be kept" in result["msg"]
    assert f"{tmp_path}/out/grün, {tmp_path}/out/listed/file" in result["msg"]
    assert looked_at(tmp_path / "out") == before


def test_what_cannot_be_staged_is_refused(tmp_path: Path, src: str) -> None:
    (tmp_path / "out").mkdir()
    absolute = made(tmp_path / "b.tar", ("fine", {}), (f"{tmp_path}/evil", {}))
    options = {"dest": f"{tmp_path}/out", "remote_src": True}
    for words in (["-G"], ["--listed-incr=/dev/null"], ["-vg", "/dev/null"]):
        assert "incremental" in drive("unarchive", src=src, extra_opts=words, **options)["msg"]
    assert "no folder" in drive("unarchive", src=src, extra_opts=["-C", "none"], **options)["msg"]
    assert "would leave" in drive("unarchive", src=absolute, extra_opts=["-P"], **options)["msg"]
    assert not list((tmp_path / "out").iterdir()) and not (tmp_path / "evil").exists()


def test_a_program_may_take_the_members(tmp_path: Path, src: str) -> None:
    (tmp_path / "out").mkdir()
    words = ["--to-command", f"cat >>{tmp_path}/taken"]
    assert drive("unarchive", src=src, dest=f"{tmp_path}/out", remote_src=True, extra_opts=words)["changed"]
    assert (tmp_path / "taken").read_text() == "new\nnew\n"


@pytest.fixture
def of_root(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that another user may enter, as long as the test is that user."""
    if os.geteuid() != 0:
        pytest.skip("becoming another user needs root")
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    drive("unarchive", src="/none", dest="/none")  # imported while we may still read it
    codecs.lookup("cp437")
    with tempfile.TemporaryDirectory(dir="/var/tmp") as made:
        folder = Path(made)
        folder.chmod(0o755)
        (folder / "mine").mkdir()
        os.chown(folder / "mine", 65534, 65534)
        os.seteuid(65534)
        try:
            yield folder
        finally:
            os.seteuid(0)


def test_in_a_folder_that_is_not_ours_but_below(of_root: Path) -> None:
    below = made(of_root / "mine/a.tar", ("mine/one", {}), ("mine/deep/two", {}))
    astray = made(of_root / "mine/b.tar", ("mine/another", {}), ("three", {}))
    options = {"dest": str(of_root), "remote_src": True}
    assert drive("unarchive", src=below, **options)["changed"]
    assert (of_root / "mine/deep/two").read_text() == "new\n"
    result = drive("unarchive", src=astray, **options)
    assert "Permission denied; all is as it was" in result["msg"]
    assert sorted(one.name for one in (of_root / "mine").iterdir()) == ["a.tar", "b.tar", "deep", "one"]


@pytest.mark.parametrize("name", ["a.tar", "a.zip"])
def test_in_a_folder_where_nothing_may_be_written(of_root: Path, name: str) -> None:
    src = of_root / "mine" / name
    if name == "a.zip":
        with zipfile.ZipFile(src, "w") as archive:
            archive.writestr("file", "x")
    else:
        made(src, ("file", {}))
    result = drive("unarchive", src=str(src), dest=str(of_root), remote_src=True)
    assert result["msg"] == f"cannot write to {of_root}: Permission denied; nothing was unpacked"


def of_closed_folders(src: Path) -> None:
    """An archive of folders that allow no write."""
    if src.suffix == ".zip":
        with zipfile.ZipFile(src, "w") as archive:
            for name, mode in (("app/", 0o40555), ("app/deep/", 0o40555), ("app/deep/file", 0o100644)):
                info = zipfile.ZipInfo(name)
                info.external_attr = mode << 16
                archive.writestr(info, "" if name.endswith("/") else "new\n")
        return
    closed: dict[str, Any] = {"kind": tarfile.DIRTYPE, "mode": 0o555}
    made(src, ("app", closed), ("app/deep", closed), ("app/deep/file", {}))


@pytest.mark.parametrize("mode", [0o755, 0o2755])  # the second hands its group down
@pytest.mark.parametrize("name", ["a.tar", "a.zip"])
def test_folders_that_allow_no_write_come_whole(of_root: Path, name: str, mode: int) -> None:
    src, place = of_root / "mine" / name, of_root / "mine/out"
    of_closed_folders(src)
    place.mkdir()
    place.chmod(mode)
    result = drive("unarchive", src=str(src), dest=str(place), remote_src=True)
    assert result["changed"], result
    assert (place / "app/deep/file").read_text() == "new\n"
    assert [(place / name).stat().st_mode & 0o777 for name in ("app", "app/deep")] == [0o555] * 2
    assert os.listdir(place) == ["app"]


def test_nothing_is_left_of_them_where_it_fails(of_root: Path) -> None:
    src, place = of_root / "mine/a.tar", of_root / "mine/out"
    made(src, ("app", {"kind": tarfile.DIRTYPE, "mode": 0o555}), ("app/file", {}), ("z", {}))
    (place / "z/there").mkdir(parents=True)
    result = drive("unarchive", src=str(src), dest=str(place), remote_src=True)
    assert "not empty; nothing was unpacked" in result["msg"]
    assert os.listdir(place) == ["z"]


def test_names_may_hold_what_else_ends_a_line(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    src = made(tmp_path / "a.tar", ("a\u2028b", {}), ("c\x0cd", {}))
    options = {"src": src, "dest": f"{tmp_path}/out", "remote_src": True, "list_files": True}
    assert drive("unarchive", **options)["files"] == ["a\u2028b", "c\x0cd"]
    assert not drive("unarchive", **options)["changed"]

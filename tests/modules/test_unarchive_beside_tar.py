"""What unarchive leaves is what GNU tar leaves that unpacks in place, though members are moved in from beside."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
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
    ],
    ids=" ".join,
)
def test_it_is_as_from_tar(tmp_path: Path, src: str, old: Callable[[Path], None], extra: list[str]) -> None:
    if shutil.which("tar") is None or os.geteuid() != 0:
        pytest.skip("owners are kept, and links and pipes made, by root's GNU tar")
    for name in ("ours", "theirs"):
        (tmp_path / name).mkdir()
        old(tmp_path / name)
    done = subprocess.run(["tar", "-x", "-C", tmp_path / "theirs", *extra, "-f", src], capture_output=True, check=False)
    result = drive("unarchive", src=src, dest=f"{tmp_path}/ours", remote_src=True, extra_opts=extra)
    assert bool(result.get("failed")) == bool(done.returncode), (result, done.stderr)
    if not done.returncode:
        assert looked_at(tmp_path / "ours") == looked_at(tmp_path / "theirs")


def test_a_folder_that_is_not_empty_stops_it_before_anything_is_moved(tmp_path: Path, src: str) -> None:
    (tmp_path / "out").mkdir()
    full_folder_in_the_way(tmp_path / "out")
    before = looked_at(tmp_path / "out")
    result = drive("unarchive", src=src, dest=f"{tmp_path}/out", remote_src=True)
    assert result["failed"]
    assert f"cannot write {tmp_path}/out/link: it is a folder, and not empty" in result["msg"]
    before.pop("."), (after := looked_at(tmp_path / "out")).pop(".")
    assert after == before

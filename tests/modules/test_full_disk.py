"""A disk that is full: the old file stays whole, nothing half-written stays behind, the error says where and why."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestra.testing.cases import snapshot
from tests.engine.playcases import Case, run_ours
from tests.modules.driving import drive, with_content
from tests.modules.webserver import serving

KILOBYTE = 1024
#: More than is free, less than the disk.
LARGE = os.urandom(400 * KILOBYTE)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB of which 200 KB are free; there is a file ``old``."""
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], check=True)
    try:
        (folder / "filling").write_bytes(b"x" * 820 * KILOBYTE)
        (folder / "old").write_text("old\n")
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def tar(folder: Path, *members: tuple[str, bytes]) -> str:
    with tarfile.open(folder / "a.tar", "w") as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return str(folder / "a.tar")


def zipped(folder: Path, *members: tuple[str, bytes]) -> str:
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        for name, content in members:
            archive.writestr(name, content)
    return str(folder / "a.zip")


def attempt(disk: Path, module: str, content: bytes | None = None, /, **options: Any) -> str:
    before = snapshot(disk)
    system = with_content(content) if content is not None else None
    result = drive(module, system, **options)
    assert result.get("failed"), result
    assert snapshot(disk) == before
    assert "No space left on device" in result["msg"]
    return str(result["msg"])


@pytest.mark.parametrize("dest", ["old", "new"])
def test_copy_and_template(disk: Path, dest: str) -> None:
    path = str(disk / dest)
    options = {"src": "x", "dest": path, "content_attachment": "content"}
    assert path in attempt(disk, "copy", LARGE, **options)
    assert path in attempt(disk, "template", LARGE, **options)


def test_a_backup_that_does_not_fit(disk: Path) -> None:
    (disk / "old").write_bytes(LARGE[: 150 * KILOBYTE])
    options = {"src": "x", "dest": str(disk / "old"), "content_attachment": "content", "backup": True}
    assert str(disk / "old") in attempt(disk, "copy", b"short", **options)


def test_edits(disk: Path) -> None:
    path = str(disk / "old")
    assert path in attempt(disk, "lineinfile", path=path, line="x" * len(LARGE))
    assert path in attempt(disk, "blockinfile", path=path, block="x" * len(LARGE))
    assert path in attempt(disk, "replace", path=path, regexp="old", replace="x" * len(LARGE))
    assert path in attempt(
        disk, "ini_file", path=path, section="s", option="o", value="x" * len(LARGE), no_extra_spaces=True
    )


def test_assembled(disk: Path, tmp_path: Path) -> None:
    parts = tmp_path / "parts"
    parts.mkdir()
    (parts / "a").write_bytes(LARGE)
    assert str(disk / "old") in attempt(disk, "assemble", src=str(parts), dest=str(disk / "old"), remote_src=True)


@pytest.mark.parametrize("dest", ["old", "new"])
def test_get_url(disk: Path, dest: str) -> None:
    with serving() as server:
        server.archive = LARGE
        url = f"{server.url}/archive.tgz"
        assert str(disk / dest) in attempt(disk, "get_url", url=url, dest=str(disk / dest), force=True)
        assert str(disk / dest) in attempt(disk, "uri", url=url, dest=str(disk / dest))


@pytest.mark.parametrize("pack", [tar, zipped])
def test_unarchive(disk: Path, tmp_path: Path, pack: Any) -> None:
    src = pack(tmp_path, ("small", b"s"), ("old", b"new\n"), ("tree/large", LARGE))
    said = attempt(disk, "unarchive", src=src, dest=str(disk), remote_src=True)
    assert "tree/large" in said and str(disk) in said


WAYS = (
    ["--overwrite"],
    ["--skip-old-files"],
    ["--keep-newer-files"],
    ["--backup"],
    ["--suffix=.before"],
    ["--recursive-unlink"],
    ["--keep-directory-symlink"],
    ["--strip-components=1"],
    ["-C", "inner"],
    ["-P"],
)


@pytest.mark.parametrize("ways", WAYS, ids=" ".join)
def test_unarchive_in_every_way(disk: Path, tmp_path: Path, ways: list[str]) -> None:
    (disk / "inner").mkdir()
    os.link(disk / "old", disk / "twin")
    src = tar(tmp_path, ("old", b"new\n"), ("tree/old", b"new\n"), ("tree/large", LARGE))
    attempt(disk, "unarchive", src=src, dest=str(disk), remote_src=True, extra_opts=ways)
    assert (disk / "old").samefile(disk / "twin")


def test_unarchive_over_a_file_that_cannot_grow_in_its_place(disk: Path, tmp_path: Path) -> None:
    os.link(disk / "old", disk / "twin")
    src = tar(tmp_path, ("another", b"n"), ("old", LARGE[: 120 * KILOBYTE]))  # twice, for the stage too, is too much
    attempt(disk, "unarchive", src=src, dest=str(disk), remote_src=True, extra_opts=["--overwrite"])
    assert (disk / "old").samefile(disk / "twin")


@pytest.mark.parametrize("ways", [[], ["--backup"], ["--overwrite"], ["--recursive-unlink"]], ids=" ".join)
def test_unarchive_over_what_can_not_be_moved(disk: Path, tmp_path: Path, ways: list[str]) -> None:
    for name in ("a", "m", "z/z"):
        (disk / name).parent.mkdir(exist_ok=True)
        (disk / name).write_text("before\n")
    (disk / "mounted").write_text("mounted\n")
    src = tar(tmp_path, ("a", b"new\n"), ("fresh/f", b"new\n"), ("m", b"new\n"), ("n", b"new\n"), ("z/z", b"new\n"))
    subprocess.run(["mount", "--bind", "-o", "ro", disk / "mounted", disk / "m"], check=True)
    try:
        before = snapshot(disk)
        result = drive("unarchive", src=src, dest=str(disk), remote_src=True, extra_opts=ways)
        assert result.get("failed") and "all is as it was" in result["msg"], result
        assert snapshot(disk) == before
    finally:
        subprocess.run(["umount", disk / "m"], check=True)


def test_git(disk: Path, tmp_path: Path) -> None:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    repository = tmp_path / "repository"
    repository.mkdir()
    (repository / "large").write_bytes(LARGE)
    who = ["-c", "user.name=n", "-c", "user.email=e"]
    for words in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "one"]):
        subprocess.run(["git", *words], cwd=repository, check=True)
    assert "git" in attempt(disk, "git", repo=f"file://{repository}", dest=str(disk / "clone"))


@pytest.mark.parametrize("dest", ["old", "new"])
def test_fetch_to_the_controllers_disk(disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dest: str) -> None:
    (tmp_path / "large").write_bytes(LARGE)
    case = Case("fetch", tasks=f"- fetch: {{src: {tmp_path}/large, dest: {disk}/{dest}, flat: true}}\n")
    case.lay_out(tmp_path)
    monkeypatch.chdir(tmp_path)
    before = snapshot(disk)
    record = run_ours(case)
    assert record.exit == 2, record.printed
    assert "No space left on device" in record.printed and f"{disk}/{dest}" in record.printed
    assert snapshot(disk) == before

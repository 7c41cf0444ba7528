"""unarchive with real tar and zip archives: what is in them arrives, twice is once, nothing leaves the folder."""

import io
import os
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from orchestra.runner.foresight import Foresight
from orchestra.runner.overlay import Overlay
from orchestra.testing.cases import snapshot
from tests.modules.driving import Recorded, check, drive, with_content
from tests.modules.webserver import serving

#: What tar itself calls for a format.
PROGRAMS = {"t.tgz": "gzip", "t.tar.bz2": "bzip2", "t.tar.xz": "xz"}
FORMATS = {"plain.tar": "w", "t.tgz": "w:gz", "t.tar.bz2": "w:bz2", "t.tar.xz": "w:xz"}


def tree(folder: Path) -> Path:
    (folder / "app/bin").mkdir(parents=True)
    (folder / "app/bin/run").write_text("#!/bin/sh\n")
    (folder / "app/bin/run").chmod(0o755)
    (folder / "app/läs mich").write_text("text\n")
    (folder / "app/link").symlink_to("bin/run")
    (folder / "app/empty").mkdir()
    (folder / "out").mkdir()
    return folder / "app"


def packed(folder: Path, name: str) -> str:
    path = folder / name
    if name.endswith(".zip"):
        made = shutil.make_archive(str(path)[:-4], "zip", folder, "app")
        return str(made)
    with tarfile.open(path, FORMATS[name]) as archive:  # type: ignore[call-overload]
        archive.add(folder / "app", "app")
    return str(path)


def unpack(folder: Path, src: str, **more: Any) -> dict[str, Any]:
    return drive("unarchive", src=src, dest=f"{folder}/out", remote_src=True, **more)


@pytest.mark.parametrize("name", [*FORMATS, "t.zip"])
def test_check_apply_again_undo(tmp_path: Path, name: str) -> None:
    program = PROGRAMS.get(name)
    if program is not None and shutil.which(program) is None:
        pytest.skip(f"tar needs {program}, which is not installed")
    tree(tmp_path)
    src = packed(tmp_path, name)
    (tmp_path / "out/app").mkdir()
    (tmp_path / "out/app/läs mich").write_text("older\n")
    before = snapshot(tmp_path)
    options = {"src": src, "dest": f"{tmp_path}/out", "remote_src": True, "list_files": True}
    foretold = check("unarchive", **options)
    assert foretold["changed"] and snapshot(tmp_path) == before
    done = Recorded("unarchive", **options)
    assert (tmp_path / "out/app/läs mich").read_text() == "text\n"
    assert (tmp_path / "out/app/bin/run").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "out/app/empty").is_dir()
    assert sorted(done.result["files"]) == sorted(foretold["files"])
    assert not drive("unarchive", **options)["changed"]
    assert not done.undo().get("failed")
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("name", ["t.tgz", "t.zip"])
def test_into_a_folder_that_is_only_foretold(tmp_path: Path, name: str) -> None:
    tree(tmp_path)
    src = packed(tmp_path, name)
    overlay = Overlay()
    new = f"{tmp_path}/new"
    assert drive("file", Foresight(overlay), path=new, state="directory")["changed"]
    assert drive("unarchive", Foresight(overlay), src=src, dest=new, remote_src=True)["changed"]
    assert drive("stat", Foresight(overlay), path=f"{new}/app/bin/run")["stat"]["mode"] == "0755"
    assert not Path(new).exists()


def test_what_the_controller_sends(tmp_path: Path) -> None:
    tree(tmp_path)
    content = Path(packed(tmp_path, "t.tgz"))
    options = {"src": "files/t.tgz", "dest": f"{tmp_path}/out", "content_attachment": "content"}
    for sent in (content, content.read_bytes()):
        result = drive("unarchive", with_content(sent), **options, extra_opts=["--strip-components=1"])
        assert not result.get("failed"), result
    assert (tmp_path / "out/bin/run").exists()


def test_from_the_web(tmp_path: Path) -> None:
    tree(tmp_path)
    with serving() as server:
        server.archive = Path(packed(tmp_path, "t.tgz")).read_bytes()
        assert unpack(tmp_path, f"{server.url}/archive.tgz")["changed"]
        assert not unpack(tmp_path, f"{server.url}/archive.tgz")["changed"]
        assert "Failure downloading" in unpack(tmp_path, f"{server.url}/gone")["msg"]


def test_a_mode_for_everything_and_parts_left_out(tmp_path: Path) -> None:
    tree(tmp_path)
    src = packed(tmp_path, "t.tgz")
    options = {"exclude": ["app/empty", "app/link"], "mode": "u=rwX,go="}
    assert unpack(tmp_path, src, **options)["changed"]
    assert not unpack(tmp_path, src, **options)["changed"]
    assert (tmp_path / "out/app/bin/run").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "out/app/läs mich").stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "out/app/empty").exists()
    (tmp_path / "out/app/bin/run").chmod(0o777)
    assert unpack(tmp_path, src, **options)["changed"]


def test_newer_files_are_kept(tmp_path: Path) -> None:
    tree(tmp_path)
    for name in ("t.tgz", "t.zip"):
        src = packed(tmp_path, name)
        unpack(tmp_path, src)
        (tmp_path / "out/app/läs mich").write_text("mine\n")
        os.utime(tmp_path / "out/app/läs mich", (4_000_000_000, 4_000_000_000))
        assert not unpack(tmp_path, src, keep_newer=True).get("failed")
        assert (tmp_path / "out/app/läs mich").read_text() == "mine\n"
        assert unpack(tmp_path, src)["changed"]
        assert (tmp_path / "out/app/läs mich").read_text() == "text\n"


def hostile_tar(path: Path, *members: tuple[str, bytes | None, str]) -> str:
    with tarfile.open(path, "w") as archive:
        for name, content, target in members:
            info = tarfile.TarInfo(name)
            if target:
                info.type, info.linkname = tarfile.SYMTYPE, target
            info.size = len(content or b"")
            archive.addfile(info, io.BytesIO(content or b""))
    return str(path)


def test_members_that_would_leave_the_folder_are_refused(tmp_path: Path) -> None:
    tree(tmp_path)
    up = hostile_tar(tmp_path / "up.tar", ("fine", b"x", ""), ("../evil", b"x", ""))
    (tmp_path / "out/door").symlink_to(tmp_path)
    through = hostile_tar(tmp_path / "through.tar", ("door/evil", b"x", ""))
    with zipfile.ZipFile(tmp_path / "up.zip", "w") as archive:
        archive.writestr("fine", "x")
        archive.writestr("../evil", "x")
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as archive:
        info = zipfile.ZipInfo("way")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, str(tmp_path))
        archive.writestr("way/evil", "x")
    for src in (up, through, f"{tmp_path}/up.zip", f"{tmp_path}/link.zip"):
        result = unpack(tmp_path, src)
        assert result.get("failed") and "nothing was unpacked" in result["msg"], (src, result)
    assert not (tmp_path / "evil").exists()
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == ["door"]


def test_an_absolute_member_stays_in_the_folder(tmp_path: Path) -> None:
    tree(tmp_path)
    src = hostile_tar(tmp_path / "root.tar", ("/inside", b"x", ""))
    assert unpack(tmp_path, src)["changed"]
    assert (tmp_path / "out/inside").read_text() == "x"
    assert not Path("/inside").exists()


def test_refusals(tmp_path: Path) -> None:
    tree(tmp_path)
    (tmp_path / "text").write_text("no archive\n")
    (tmp_path / "empty").write_text("")
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 and nothing more")
    assert "Unable to list files in the archive: " in unpack(tmp_path, f"{tmp_path}/text")["msg"]
    assert "Failed to find handler" in unpack(tmp_path, f"{tmp_path}/text")["msg"]
    assert "the file is 0 bytes" in unpack(tmp_path, f"{tmp_path}/empty")["msg"]
    assert "Failed to find handler" in unpack(tmp_path, f"{tmp_path}/broken.zip")["msg"]
    assert "does not exist" in unpack(tmp_path, f"{tmp_path}/none")["msg"]
    src = packed(tmp_path, "t.zip")
    assert "only -j, -n" in unpack(tmp_path, src, extra_opts=["-P", "x"])["msg"]
    missing = drive("unarchive", src=src, dest=f"{tmp_path}/none", remote_src=True)
    assert "must be an existing dir" in missing["msg"]
    assert unpack(tmp_path, src, creates=f"{tmp_path}/text")["skipped"]


def test_a_top_folder_that_the_archive_does_not_list_gets_the_mode_too(tmp_path: Path) -> None:
    tree(tmp_path)
    src = hostile_tar(tmp_path / "a.tar", ("top/deep/file", b"x", ""))
    assert unpack(tmp_path, src, mode="u=rwX,go=")["changed"]
    assert (tmp_path / "out/top").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "out/top/deep/file").stat().st_mode & 0o777 == 0o600
    assert not unpack(tmp_path, src, mode="u=rwX,go=")["changed"]


def test_a_relative_folder_is_taken_from_where_the_task_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(tmp_path)
    monkeypatch.chdir(tmp_path)
    result = drive("unarchive", src=packed(tmp_path, "t.tgz"), dest="out", remote_src=True)
    assert f"absolute path '{tmp_path}/out'" in result["warnings"][0]
    assert result["dest"] == "out" and (tmp_path / "out/app/bin/run").exists()
    assert "warnings" not in unpack(tmp_path, packed(tmp_path, "t.tgz"))


@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_undo_puts_back_links_and_what_links_replaced(tmp_path: Path, kind: str) -> None:
    source, place = tmp_path / "app", tmp_path / "out/app"
    (source / "sub").mkdir(parents=True)
    place.mkdir(parents=True)
    (source / "file").write_text("new\n")
    (source / "link").symlink_to("file")
    (place / "file").symlink_to("elsewhere")
    (place / "link").write_text("old\n")
    (place / "sub").mkdir(0o700)
    src = tmp_path / f"a.{kind}"
    if kind == "tar":
        subprocess.run(["tar", "-cf", src, "-C", tmp_path, "app"], check=True)
    else:
        subprocess.run(["zip", "-qry", src, "app"], cwd=tmp_path, check=True)
    before = snapshot(tmp_path)
    done = Recorded("unarchive", src=str(src), dest=f"{tmp_path}/out", remote_src=True)
    assert (place / "link").readlink() == Path("file")
    assert not done.undo().get("failed")
    assert snapshot(tmp_path) == before


def test_what_only_its_owner_may_read_is_not_recorded_for_undo(tmp_path: Path) -> None:
    tree(tmp_path)
    src = packed(tmp_path, "plain.tar")
    (tmp_path / "out/app").mkdir()
    (tmp_path / "out/app/läs mich").write_text("secret\n")
    (tmp_path / "out/app/läs mich").chmod(0o600)
    done = Recorded("unarchive", src=src, dest=f"{tmp_path}/out", remote_src=True)
    assert "private to its owner" in str(done.result["not_undone"])
    assert not done.steps


def test_a_link_of_a_zip_archive_is_no_longer_than_links_can_be(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        info = zipfile.ZipInfo("link")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "x" * 5000)
    assert "'link' is a link of 5000 bytes" in unpack(tmp_path, f"{tmp_path}/a.zip")["msg"]

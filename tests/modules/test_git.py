"""git against real repositories: what check mode foretells comes true, undo goes back, refusals touch nothing."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from orchestra.runner.foresight import Foresight
from tests.modules.driving import Recorded, check, drive

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

ENV = {
    "GIT_AUTHOR_NAME": "n",
    "GIT_AUTHOR_EMAIL": "n@example.org",
    "GIT_COMMITTER_NAME": "n",
    "GIT_COMMITTER_EMAIL": "n@example.org",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "protocol.file.allow",
    "GIT_CONFIG_VALUE_0": "always",
}


def sh(folder: Path, script: str) -> str:
    ran = subprocess.run(["sh", "-ec", script], cwd=folder, capture_output=True, text=True, check=True)
    return ran.stdout.strip()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a repository `r`: master has 1 (tag v1) and 2, dev has 3."""
    for name, value in {**ENV, "HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    sh(
        tmp_path,
        "git init -q -b master r; cd r; echo 1 > f; git add f; git commit -qm 1; git tag v1;"
        "echo 2 > f; git commit -qam 2; git checkout -qb dev; echo 3 > f; git commit -qam 3; git checkout -q master",
    )
    return tmp_path


def options(place: Path, **more: Any) -> dict[str, Any]:
    return {"repo": f"{place}/r", "dest": f"{place}/c", **more}


def content(place: Path, name: str = "c") -> str:
    return (place / name / "f").read_text().strip()


@pytest.mark.parametrize(("version", "expected"), [("HEAD", "2"), ("dev", "3"), ("v1", "1")])
def test_check_foretells_a_clone(place: Path, version: str, expected: str) -> None:
    foretold = check("git", **options(place, version=version))
    assert not (place / "c").exists()
    done = drive("git", **options(place, version=version))
    assert content(place) == expected
    assert foretold["changed"] and done["changed"]
    assert foretold["after"] == done["after"] == sh(place, f"git -C r rev-parse {version}")
    assert done["before"] is None
    again = drive("git", **options(place, version=version))
    assert again == {**again, "changed": False, "before": done["after"], "after": done["after"]}


def test_a_clone_is_undone_by_removing_it(place: Path) -> None:
    done = Recorded("git", **options(place, dest=f"{place}/new/c"))
    assert done.result["diff"] == {"prepared": f">> Newly checked out {done.result['after']}"}
    assert not done.undo().get("failed")
    assert not (place / "new").exists()


def test_an_update_is_foretold_done_and_undone(place: Path) -> None:
    before = drive("git", **options(place))["after"]
    sh(place, "cd r; echo 4 > f; git commit -qam 4")
    foretold = check("git", **options(place))
    assert (foretold["changed"], foretold["before"]) == (True, before)
    assert content(place) == "2"
    done = Recorded("git", **options(place))
    assert (done.result["after"], content(place)) == (foretold["after"], "4")
    assert "-2\n+4" in done.result["diff"]["prepared"]
    assert not done.undo().get("failed")
    assert sh(place, "git -C c rev-parse HEAD; git -C c status --porcelain") == before


def test_a_checked_switch_shows_the_difference(place: Path) -> None:
    drive("git", **options(place))
    foretold = drive("git", Foresight(diff=True), **options(place, version="v1"))
    assert (foretold["changed"], foretold["after"]) == (True, sh(place, "git -C r rev-parse v1"))
    assert "-2\n+1" in foretold["diff"]["prepared"]


def test_switching_back_and_forth_between_branch_and_tag(place: Path) -> None:
    for version, expected in (("v1", "1"), ("dev", "3"), ("master", "2"), ("HEAD", "2"), ("v1", "1")):
        assert not drive("git", **options(place, version=version)).get("failed")
        assert content(place) == expected
    assert drive("git", **options(place, version=sh(place, "git -C r rev-parse --short dev")))["changed"]
    assert content(place) == "3"


@pytest.mark.parametrize(("version", "expected"), [("origin/dev", "3"), ("origin/dev~1", "2"), ("v1^{commit}", "1")])
def test_versions_that_are_more_than_a_name(place: Path, version: str, expected: str) -> None:
    assert drive("git", **options(place, version=version))["changed"]
    assert content(place) == expected
    assert not drive("git", **options(place, version=version))["changed"]


def test_a_rewritten_branch_is_followed(place: Path) -> None:
    drive("git", **options(place, version="dev"))
    sh(
        place,
        "cd r; git checkout -q dev; git reset -q --hard v1; echo 9 > f; git commit -qam 9; git checkout -q master",
    )
    assert drive("git", **options(place, version="dev"))["changed"]
    assert content(place) == "9"


def test_local_modifications_are_refused_or_thrown_away(place: Path) -> None:
    drive("git", **options(place))
    (place / "c/f").write_text("mine\n")
    (place / "c/untracked").write_text("kept\n")
    refused = drive("git", **options(place))
    assert refused["failed"] and "Local modifications exist" in refused["msg"]
    assert content(place) == "mine"
    assert check("git", **options(place, force=True))["changed"]
    assert content(place) == "mine"
    assert drive("git", **options(place, force=True))["changed"]
    assert content(place) == "2"
    assert (place / "c/untracked").exists()


def test_an_unknown_version_is_refused_before_anything_is_made(place: Path) -> None:
    for result in (check("git", **options(place, version="nosuch")), drive("git", **options(place, version="nosuch"))):
        assert result["failed"]
        assert "Failed to checkout nosuch" in result["msg"]
    assert not (place / "c").exists()


def test_a_folder_with_other_things_is_refused(place: Path) -> None:
    (place / "c").mkdir()
    (place / "c/x").write_text("")
    for result in (check("git", **options(place)), drive("git", **options(place))):
        assert "already exists and is not an empty directory" in result["msg"]


def test_the_remote_moves(place: Path) -> None:
    drive("git", **options(place))
    sh(place, "cp -r r r2")
    done = Recorded("git", **options(place, repo=f"{place}/r2"))
    assert done.result["remote_url_changed"] and done.result["changed"]
    assert sh(place, "git -C c config remote.origin.url") == f"file://{place}/r2"
    done.undo()
    assert sh(place, "git -C c config remote.origin.url") == f"file://{place}/r"


def test_depth_and_a_single_branch(place: Path) -> None:
    drive("git", **options(place, version="dev", depth=1, single_branch=True))
    assert sh(place, "git -C c rev-list --count HEAD") == "1"
    sh(place, "cd r; git checkout -q dev; echo 5 > f; git commit -qam 5; git checkout -q master")
    assert drive("git", **options(place, version="dev", depth=1))["changed"]
    assert content(place) == "5"
    warned = drive("git", **options(place, dest=f"{place}/d", version=sh(place, "git -C r rev-parse v1"), depth=1))
    assert "Ignoring depth" in warned["warnings"][0]


def test_submodules(place: Path) -> None:
    sh(place, "git init -q -b master s; cd s; echo s1 > g; git add g; git commit -qm 1")
    sh(place, "cd r; git submodule --quiet add ../s sub; git commit -qm sub")
    drive("git", **options(place))
    assert (place / "c/sub/g").read_text() == "s1\n"
    assert not drive("git", **options(place))["changed"]
    sh(place, "cd s; echo s2 > g; git commit -qam 2")
    assert not drive("git", **options(place))["changed"]
    assert drive("git", **options(place, track_submodules=True))["changed"]
    assert (place / "c/sub/g").read_text() == "s2\n"
    assert not drive("git", **options(place, dest=f"{place}/flat", recursive=False)).get("failed")
    assert not (place / "flat/sub/g").exists()


def test_a_bare_repository_follows(place: Path) -> None:
    assert drive("git", **options(place, bare=True))["changed"]
    sh(place, "cd r; echo 6 > f; git commit -qam 6")
    assert check("git", **options(place, bare=True))["changed"]
    assert drive("git", **options(place, bare=True))["changed"]
    assert sh(place, "git -C c show master:f") == "6"
    assert not drive("git", **options(place, bare=True))["changed"]


def test_without_update_and_without_clone(place: Path) -> None:
    asked = drive("git", **options(place, clone=False))
    assert (asked["after"], (place / "c").exists()) == (sh(place, "git -C r rev-parse HEAD"), False)
    drive("git", **options(place))
    sh(place, "cd r; echo 7 > f; git commit -qam 7")
    assert not drive("git", **options(place, update=False))["changed"]
    assert content(place) == "2"


def test_archive_is_written_once(place: Path) -> None:
    wanted = options(place, archive=f"{place}/a.tar.gz", archive_prefix="app/")
    assert drive("git", **wanted)["changed"]
    assert "app/f" in sh(place, "tar tzf a.tar.gz").splitlines()
    assert not drive("git", **wanted)["changed"]


def test_the_repository_moves_out_of_the_checkout(place: Path) -> None:
    drive("git", **options(place))
    done = drive("git", **options(place, separate_git_dir=f"{place}/gitdir"))
    assert (done["changed"], done["git_dir_now"]) == (True, f"{place}/gitdir")
    assert sh(place, "git -C c status --porcelain") == ""
    assert not drive("git", **options(place, separate_git_dir=f"{place}/gitdir"))["changed"]


def test_umask_and_signature(place: Path) -> None:
    drive("git", **options(place, umask="077"))
    assert (place / "c/f").stat().st_mode & 0o777 == 0o600
    assert "octal" in drive("git", **options(place, dest=f"{place}/e", umask="zz"))["msg"]
    unsigned = drive("git", **options(place, version="dev", verify_commit=True))
    assert 'Failed to verify GPG signature of commit/tag "dev"' in unsigned["msg"]


def test_ssh_is_told_what_the_user_says(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = place / "ssh-log"
    (place / "bin").mkdir()
    (place / "bin/ssh").write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {program}\nexit 255\n')
    (place / "bin/ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{place}/bin:{os.environ['PATH']}")
    key = f"{place}/a key"
    asked = options(place, repo="git@127.0.0.1:x", key_file=key, accept_newhostkey=True, ssh_opts="-v")
    assert drive("git", **asked)["failed"]
    said = program.read_text().splitlines()
    assert key in said
    assert {"StrictHostKeyChecking=accept-new", "IdentitiesOnly=yes", "BatchMode=yes", "-v"} <= set(said)

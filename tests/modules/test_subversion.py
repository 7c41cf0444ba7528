"""subversion against a real repository."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from orchestra.testing.fakesystem import FakeSystem
from tests.modules.driving import check, drive, fake

needs_svn = pytest.mark.skipif(not shutil.which("svnadmin"), reason="subversion is not installed")


def sh(folder: Path, script: str) -> str:
    return subprocess.run(["sh", "-ec", script], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A repository `r`: trunk/f is 1, from which `other` is copied; in revision 3 it is 2."""
    sh(tmp_path, "svnadmin create r; mkdir -p t/trunk; echo 1 > t/trunk/f")
    sh(tmp_path, 'u="file://$PWD/r"; svn import -q -m 1 t "$u"; svn copy -q -m 2 "$u/trunk" "$u/other"')
    sh(tmp_path, 'svn co -q "file://$PWD/r/trunk" w; echo 2 > w/f; svn commit -q -m 3 w')
    return tmp_path


def options(place: Path, **more: Any) -> dict[str, Any]:
    return {"repo": f"file://{place}/r/trunk", "dest": f"{place}/c", **more}


@needs_svn
def test_check_out_and_update(place: Path) -> None:
    old, new = options(place, revision="2"), options(place)
    assert check("subversion", **old)["changed"]
    assert not (place / "c").exists()
    first = drive("subversion", **old)
    assert (first["changed"], first["before"]) == (True, None)
    assert first["after"] == ["Revision: 2", f"URL: file://{place}/r/trunk"]
    assert not drive("subversion", **old)["changed"]
    foretold = check("subversion", **new)
    assert (foretold["changed"], foretold["after"][0]) == (True, "Revision: 3")
    assert not drive("subversion", **options(place, update=False))["changed"]
    assert drive("subversion", **new)["after"][0] == "Revision: 3"
    assert (place / "c/f").read_text() == "2\n"
    assert not check("subversion", **new)["changed"]


@needs_svn
def test_a_revision_that_touched_nothing_here_is_no_change(place: Path) -> None:
    drive("subversion", **options(place))
    sh(place, 'svn co -q "file://$PWD/r/other" o; echo x > o/f; svn commit -q -m 4 o')
    result = drive("subversion", **options(place))
    assert (result["changed"], result["after"][0]) == (False, "Revision: 4")


@needs_svn
def test_modifications_and_another_address(place: Path) -> None:
    drive("subversion", **options(place))
    (place / "c/f").write_text("mine\n")
    refused = drive("subversion", **options(place))
    assert refused["msg"] == "ERROR: modified files exist in the repository."
    assert check("subversion", **options(place, force=True))["changed"]
    assert drive("subversion", **options(place, force=True))["changed"]
    assert (place / "c/f").read_text() == "2\n"
    other = options(place, repo=f"file://{place}/r/other/")
    assert not drive("subversion", **dict(other, switch=False))["changed"]
    assert drive("subversion", **other)["after"][1] == f"URL: file://{place}/r/other"
    assert (place / "c/f").read_text() == "1\n"
    assert not drive("subversion", **other)["changed"]


@needs_svn
def test_folders_that_are_no_checkout(place: Path) -> None:
    (place / "c").mkdir()
    (place / "c/f").write_text("mine\n")
    assert "already exists, but its not a subversion repository" in drive("subversion", **options(place))["msg"]
    assert drive("subversion", **options(place, in_place=True, force=True))["changed"]
    assert (place / "c/f").read_text() == "2\n"
    exported = options(place, dest=f"{place}/e", export=True)
    assert drive("subversion", **exported)["changed"]
    assert (place / "e/f").read_text() == "2\n"
    assert not (place / "e/.svn").exists()
    assert drive("subversion", **exported)["failed"]
    assert drive("subversion", **exported, force=True)["changed"]


@needs_svn
def test_asks_only(place: Path) -> None:
    asked = {"checkout": False, "update": False, "repo": f"file://{place}/r"}
    assert drive("subversion", **asked)["after"] == "Revision: 3"
    assert "must be specified unless" in drive("subversion", repo="x")["msg"]
    assert not drive("subversion", **options(place, checkout=False))["changed"]
    assert "r/none" in drive("subversion", **options(place, repo=f"file://{place}/r/none"))["msg"]


@pytest.mark.parametrize(("version", "on_the_line"), [("1.14.2", False), ("1.9.7-SlikSvn", True)])
def test_a_password_is_on_the_command_line_of_an_old_svn_only(version: str, on_the_line: bool) -> None:
    line = "/usr/bin/svn --non-interactive --no-auth-cache"
    answers = {"/usr/bin/svn --version --quiet": (0, version + "\n", ""), line: (0, "", "")}
    system = FakeSystem(programs=("svn",), answers=answers)
    result = fake("subversion", system, repo="x", dest="/srv/x", username="me", password="pass", validate_certs=True)
    assert result["changed"]
    assert ("pass" in system.commands[0]) is on_the_line
    assert bool(result.get("warnings")) is on_the_line
    assert "--trust-server-cert" not in system.commands[0]

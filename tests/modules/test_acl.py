"""Access control lists on this machine's own files, by setfacl and getfacl."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from orchestra.runner.foresight import Foresight
from orchestra.runner.overlay import Overlay
from orchestra.runner.plan import Performer, carry_out
from orchestra.runner.system import System
from orchestra.testing.fakesystem import FakeSystem
from tests.modules.driving import Recorded, module

real = pytest.mark.skipif(shutil.which("setfacl") is None, reason="acl is not installed")


def run(**options: Any) -> dict[str, Any]:
    return carry_out(module("acl"), options, Performer(System()))


def entries(path: Path) -> list[str]:
    done = subprocess.run(["getfacl", "-cp", path], capture_output=True, text=True, check=True)
    return done.stdout.split()


@real
@pytest.mark.parametrize(
    ("options", "added"),
    [
        ({"etype": "user", "entity": "nobody", "permissions": "rw"}, "user:nobody:rw-"),
        ({"entry": "g:daemon:r-x"}, "group:daemon:r-x"),
        ({"entry": "default:user:nobody:rwx"}, "default:user:nobody:rwx"),
        ({"etype": "group", "entity": "daemon", "permissions": "r", "default": True}, "default:group:daemon:r--"),
    ],
)
def test_an_entry_comes_stays_and_goes(tmp_path: Path, options: dict[str, Any], added: str) -> None:
    first = run(path=str(tmp_path), state="present", **options)
    assert first["changed"], first
    assert added in entries(tmp_path)
    assert added.removeprefix("default:") in first["acl"]
    assert not run(path=str(tmp_path), state="present", **options)["changed"]
    gone = {name: value for name, value in options.items() if name != "permissions"}
    if "entry" in gone:
        gone["entry"] = gone["entry"].rpartition(":")[0]
    assert run(path=str(tmp_path), state="absent", **gone)["changed"]
    assert added not in entries(tmp_path)
    assert not run(path=str(tmp_path), state="absent", **gone)["changed"]


@real
@pytest.mark.parametrize("default", [False, True])
@pytest.mark.parametrize("there", [[], ["-m", "u:daemon:r,d:u:daemon:r"]])
def test_undo_leaves_the_list_as_it_was(tmp_path: Path, there: list[str], default: bool) -> None:
    if there:
        subprocess.run(["setfacl", *there, tmp_path], check=True)
    before = entries(tmp_path)
    done = Recorded("acl", path=str(tmp_path), state="present", entry="u:nobody:rw", default=default)
    assert done.result["changed"] and entries(tmp_path) != before
    assert not done.undo().get("failed")
    assert entries(tmp_path) == before


@real
def test_a_folder_with_all_that_is_below(tmp_path: Path) -> None:
    (tmp_path / "one").touch()
    options: dict[str, Any] = {"path": str(tmp_path), "state": "present", "entry": "user:nobody:r", "recursive": True}
    assert run(**options)["changed"]
    assert not run(**options)["changed"]
    (tmp_path / "two").touch()  # one of three differs
    assert run(**options)["changed"]
    assert "user:nobody:r--" in entries(tmp_path / "two")


@real
def test_the_list_is_told_without_a_change(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    (tmp_path / "x").chmod(0o640)
    result = run(path=str(tmp_path / "x"))
    assert (result["changed"], result["acl"]) == (False, ["user::rw-", "group::r--", "other::---"])


@real
def test_a_check_run_foretells_what_is_not_there_yet(tmp_path: Path) -> None:
    overlay = Overlay()
    new = str(tmp_path / "new")
    tasks = [("file", {"path": new, "state": "directory"})]
    tasks += [("acl", {"path": new, "state": "present", "entry": "user:nobody:rwx"})] * 2
    results = [carry_out(module(name), options, Performer(Foresight(overlay))) for name, options in tasks]
    assert [result["changed"] for result in results] == [True, True, False], results
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"state": "absent", "etype": "user"}, "'entity' MUST be set"),
        ({"state": "present", "entity": "joe"}, "'etype' MUST be set"),
        ({"state": "absent", "etype": "user", "entity": "joe", "permissions": "r"}, "'permissions' MUST NOT be set"),
        ({"state": "present", "entry": "user:joe"}, "3 or 4 sections"),
        ({"state": "absent", "entry": "d:user:joe:rw"}, "2 or 3 sections"),
        ({"state": "present", "entry": "user:joe:r", "etype": "user"}, "'entry' MUST NOT be set"),
        ({"recursive": True}, "'recursive' MUST NOT be set"),
        ({"entry": "user:joe:r"}, "when 'state=query'"),
        ({"use_nfsv4_acls": True}, "not supported"),
        ({}, "Path not found"),
    ],
)
def test_refusals(options: dict[str, Any], text: str) -> None:
    assert text in FakeSystem().run(module("acl"), path="/srv/none", **options)["msg"]

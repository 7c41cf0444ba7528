"""Archives of what lies on this machine: beside tar, gzip and unzip, and settled at the second run."""

import gzip
import os
import socket
import subprocess
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from orchestra.runner.foresight import Foresight
from orchestra.runner.overlay import Overlay
from orchestra.runner.plan import Performer, carry_out
from orchestra.runner.system import System
from tests.modules.driving import module


def run(**options: Any) -> dict[str, Any]:
    return carry_out(module("archive"), options, Performer(System()))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Files, a folder, a link, a second name, an executable."""
    tree = tmp_path / "shop"
    (tree / "deep").mkdir(parents=True)
    (tree / "a.txt").write_text("a" * 1000)
    (tree / "run").write_text("#!/bin/sh\n")
    (tree / "run").chmod(0o750)
    (tree / "deep/b.tmp").write_text("b")
    (tree / "deep/twin").hardlink_to(tree / "a.txt")
    (tree / "link").symlink_to("a.txt")
    return tree


@pytest.mark.parametrize(("kind", "flag"), [("gz", "z"), ("bz2", "j"), ("xz", "J"), ("tar", "")])
def test_tar_finds_all_that_was_packed(tree: Path, tmp_path: Path, kind: str, flag: str) -> None:
    dest = tmp_path / "shop.packed"
    first = run(path=[str(tree)], dest=str(dest), format=kind, mode="0600")
    assert (first["changed"], first["dest_state"], first["mode"]) == (True, "archive", "0600"), first
    assert first["arcroot"] == f"{tmp_path}/"
    subprocess.run(["tar", f"-d{flag}f", dest, "-C", tmp_path], check=True)  # compares content, mode, owner, time
    with tarfile.open(dest) as archive:
        names = {member.name for member in archive}
    assert names == {f"shop/{name}" for name in ("a.txt", "run", "deep", "deep/b.tmp", "deep/twin", "link")}
    assert not run(path=[str(tree)], dest=str(dest), format=kind)["changed"]
    (tree / "run").write_text("#!/bin/sh\n:\n")
    assert run(path=[str(tree)], dest=str(dest), format=kind)["changed"]


def test_zip_keeps_permissions_and_follows_links(tree: Path, tmp_path: Path) -> None:
    dest = tmp_path / "shop.zip"
    assert run(path=[str(tree)], dest=str(dest), format="zip")["changed"]
    with zipfile.ZipFile(dest) as archive:
        assert archive.testzip() is None
        assert archive.getinfo("shop/run").external_attr >> 16 & 0o777 == 0o750
        assert archive.read("shop/link") == b"a" * 1000
        assert "shop/deep/" in archive.namelist()
    assert not run(path=[str(tree)], dest=str(dest), format="zip")["changed"]


def test_one_file_is_compressed_beside_itself(tree: Path) -> None:
    result = run(path=[str(tree / "a.txt")], remove=True)
    assert (result["dest"], result["dest_state"]) == (str(tree / "a.txt.gz"), "compress")
    assert gzip.decompress((tree / "a.txt.gz").read_bytes()) == b"a" * 1000
    assert not (tree / "a.txt").exists()
    again = run(path=[str(tree / "a.txt")], remove=True)
    assert (again["changed"], again["missing"]) == (False, [str(tree / "a.txt")])


def test_what_stays_out(tree: Path, tmp_path: Path) -> None:
    dest = tree / "deep/all.tgz"
    options: dict[str, Any] = {"path": [f"{tree}/*"], "dest": str(dest), "exclude_path": [f"{tree}/r*"],
                               "exclusion_patterns": ["*.tmp"]}  # fmt: skip
    result = run(**options)
    with tarfile.open(dest) as archive:
        assert {member.name for member in archive} == {"a.txt", "deep/twin", "link"}
    assert result["expanded_exclude_paths"] == [str(tree / "run")]
    assert result["archived"] == [str(tree / name) for name in ("a.txt", "deep/twin", "link")]
    assert not run(**options)["changed"]


def test_what_no_archive_holds_is_not_removed(tree: Path, tmp_path: Path) -> None:
    os.mkfifo(tree / "pipe")
    (tree / "nowhere").symlink_to("none")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tree / "socket"))
        options: dict[str, Any] = {"path": [f"{tree}/*"], "remove": True}
        result = run(dest=str(tmp_path / "x.tar"), format="tar", exclude_path=[f"{tree}/deep"], **options)
        assert result["archived"] == [str(tree / name) for name in ("a.txt", "link", "nowhere", "pipe", "run")]
        assert sorted(one.name for one in tree.iterdir()) == ["deep", "socket"]
    (tree / "nowhere").symlink_to("none")
    assert "leads nowhere" in run(dest=str(tmp_path / "x.zip"), format="zip", **options)["msg"]
    assert (tree / "nowhere").is_symlink()


def test_a_single_file_is_compressed_whatever_patterns_say(tree: Path) -> None:
    assert run(path=[str(tree / "link")], exclusion_patterns=["*"])["archived"] == [str(tree / "link")]
    assert gzip.decompress((tree / "link.gz").read_bytes()) == b"a" * 1000
    os.mkfifo(tree / "pipe")
    assert "is no file" in run(path=[str(tree / "pipe")])["msg"]


def test_an_archive_is_not_removed_though_it_is_named_otherwise(tree: Path, tmp_path: Path) -> None:
    alias = tmp_path / "alias"
    alias.symlink_to("shop")
    dest = tree / "x.tgz"
    assert "can not be contained" in run(path=[str(tree)], dest=str(alias / "x.tgz"), remove=True)["msg"]
    for text in ("first", "second"):
        (tree / text).write_text(text)
        assert run(path=[f"{alias}/*"], dest=str(dest), exclude_path=[f"{alias}/deep"], remove=True)["changed"]
    with tarfile.open(dest) as archive:
        assert [member.name for member in archive] == ["second"]


def test_removed_with_all_that_is_in_it(tree: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    result = run(path=[str(tree), str(gone)], dest=str(tmp_path / "x.tgz"), remove=True)
    assert (result["dest_state"], result["missing"]) == ("incomplete", [str(gone)])
    assert not tree.exists()


def test_a_check_run_packs_what_would_be_there(tmp_path: Path) -> None:
    overlay = Overlay()
    dest = tmp_path / "new.tar"
    for name, options in (
        ("file", {"path": str(tmp_path / "new"), "state": "directory"}),
        ("lineinfile", {"path": str(tmp_path / "new/a"), "line": "text", "create": True}),
        ("archive", {"path": [str(tmp_path / "new")], "dest": str(dest), "format": "tar"}),
    ):
        system = Foresight(overlay, diff=False)
        result = carry_out(module(name), options, Performer(system))
        assert result["changed"], result
    assert result["archived"] == [str(tmp_path / "new/a")]
    assert not list(tmp_path.iterdir())
    assert system.is_file(str(dest))


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"path": ["{tree}"]}, 'must specify "dest"'),
        ({"path": ["{tree}/none*"], "dest": "/tmp/x"}, "no source paths were found"),
        ({"path": ["{tree}"], "dest": "{tree}/x.tgz", "remove": True}, "can not be contained"),
    ],
)
def test_refusals(tree: Path, options: dict[str, Any], text: str) -> None:
    filled = {
        name: [one.format(tree=tree) for one in value] if isinstance(value, list) else
        value.format(tree=tree) if isinstance(value, str) else value
        for name, value in options.items()
    }  # fmt: skip
    assert text in run(**filled)["msg"]

"""What is removed from a disk is what is in the folder, whatever others do in the meantime."""

import os
from pathlib import Path
from typing import Any

import pytest

from orchestra.runner.disk import remove_tree


class Listed(list[Any]):
    """Entries of a folder as they were."""

    def __enter__(self) -> "Listed":
        return self

    def __exit__(self, *_: object) -> None:
        pass


def test_a_folder_that_becomes_a_link_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree, outside, real = tmp_path / "tree", tmp_path / "outside", os.scandir
    (tree / "deep").mkdir(parents=True)
    outside.mkdir()
    (outside / "precious").touch()

    def swapping(at: Any) -> Listed:
        entries = Listed(real(at))
        if not (tree / "deep").is_symlink():
            (tree / "deep").rmdir()
            (tree / "deep").symlink_to(outside)
        return entries

    monkeypatch.setattr(os, "scandir", swapping)
    remove_tree(str(tree))
    assert not tree.exists()
    assert (outside / "precious").exists()


def test_links_go_and_what_they_mean_stays(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "deep/er").mkdir(parents=True)
    (tree / "deep/file").touch()
    (tmp_path / "kept").mkdir()
    (tree / "to a folder").symlink_to(tmp_path / "kept")
    (tree / "deep/nowhere").symlink_to("none")
    remove_tree(str(tree))
    assert [one.name for one in tmp_path.iterdir()] == ["kept"]
    with pytest.raises(FileNotFoundError):
        remove_tree(str(tree))

"""Payloads kept between runs are the ones that would be built, are private, and never stale or damaged."""

import os
from pathlib import Path

import pytest

from orchestra.library.locate import packaged_folder
from orchestra.payload.build import Builder
from orchestra.payload.kept import KeptPayloads, default_folder

MODULE = str(packaged_folder() / "lineinfile.py")


def only_keeps(monkeypatch: pytest.MonkeyPatch, folder: Path) -> KeptPayloads:
    """Payloads that may not build anything."""
    payloads = KeptPayloads(folder)
    monkeypatch.setitem(payloads.__dict__, "_builder", None)
    return payloads


def test_what_is_kept_is_what_would_be_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "cache"
    first = KeptPayloads(folder)
    assert first.module(MODULE) == Builder().module(MODULE)
    assert first.bundle() == Builder().bundle()
    assert first.runner_file("carry") == Builder().runner_file("carry")
    second = only_keeps(monkeypatch, folder)
    assert second.module(MODULE) == first.module(MODULE)
    assert second.bundle() == first.bundle()
    assert second.runner_file("carry") == first.runner_file("carry")


def test_entries_are_private(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    KeptPayloads(folder).module(MODULE)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_a_changed_module_is_built_again(tmp_path: Path) -> None:
    module = tmp_path / "mine.py"
    module.write_text("def plan(options, system):\n    return {}\n    yield\n")
    before = KeptPayloads(tmp_path / "cache").module(str(module), ours=False)
    module.write_text("def plan(options, system):\n    return {'a': 1}\n    yield\n")
    after = KeptPayloads(tmp_path / "cache").module(str(module), ours=False)
    assert before.sources[-1].digest != after.sources[-1].digest


def test_a_damaged_entry_is_built_again(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    expected = KeptPayloads(folder).module(MODULE)
    for path in folder.iterdir():
        path.write_bytes(path.read_bytes()[:-7] + b"garbage")
    assert KeptPayloads(folder).module(MODULE) == expected


def test_a_folder_that_others_can_write_to_is_not_trusted(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    folder.mkdir()
    folder.chmod(0o777)
    KeptPayloads(folder).module(MODULE)
    assert list(folder.iterdir()) == []


def test_old_entries_go(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    KeptPayloads(folder).bundle()
    (old,) = folder.iterdir()
    os.utime(old, (0, 0))
    KeptPayloads(folder).module(MODULE)
    assert not old.exists()


@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        ({"HOME": "/home/x"}, Path("/home/x/.cache/orchestra/payload")),
        ({"HOME": "/home/x", "XDG_CACHE_HOME": "/c"}, Path("/c/orchestra/payload")),
        ({"XDG_CACHE_HOME": "relative"}, None),
        ({}, None),
    ],
)
def test_default_folder(environ: dict[str, str], folder: Path | None) -> None:
    assert default_folder(environ) == folder


def test_no_folder_is_no_trouble() -> None:
    assert KeptPayloads(None).module(MODULE) == Builder().module(MODULE)

"""What is sent with a module: exactly what it needs of the runner, found from its text."""

import zlib
from pathlib import Path

import pytest

from orchestra.library.locate import packaged_folder
from orchestra.payload.build import CORE, Builder
from orchestra.payload.code import PayloadError

BUILDER = Builder()
MODULES = sorted(path for path in packaged_folder().glob("*.py") if path.name != "__init__.py")


def names(path: Path, **more: bool) -> list[str]:
    return [source.name.removeprefix("orchestra.") for source in BUILDER.module(str(path), **more).sources]


def write(folder: Path, text: str) -> Path:
    path = folder / "probe.py"
    path.write_text(text)
    return path


def test_a_bare_module_travels_alone() -> None:
    assert names(packaged_folder() / "ping.py") == ["modules.ping"]


def test_needs_are_found_in_imports_sdk_names_and_calls(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "from orchestra.runner.sdk import Str, WriteFile\nfrom orchestra.runner.parts.commands import split\n"
        "def plan(options, system):\n    system.glob('x')\n",
    )
    found = names(path)
    assert found[-1] == "modules.probe"
    assert {"runner.files", "runner.attributes", "runner.parts.commands", "runner.process", "runner.looking"} < set(
        found
    )
    assert len(found) == len(set(found))
    assert not {f"runner.{name}" for name in CORE} & set(found)


def test_parts_that_are_named_travel_too(tmp_path: Path) -> None:
    path = write(tmp_path, "PARTS = ('facts.source',)\ndef plan(options, system): pass\n")
    assert "runner.parts.facts.source" in names(path)


def test_what_is_only_for_types_stays(tmp_path: Path) -> None:
    path = write(tmp_path, "TYPE_CHECKING = False\nif TYPE_CHECKING:\n    from orchestra.runner.sdk import WriteFile\n")
    assert names(path) == ["modules.probe"]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_every_module_can_be_built(path: Path) -> None:
    code = BUILDER.module(str(path))
    assert code is BUILDER.module(str(path))
    assert all(zlib.decompress(source.packed) for source in code.sources)


def test_a_projects_module_is_kept_apart(tmp_path: Path) -> None:
    path = write(tmp_path, "def plan(options, system): pass\n")
    code = Builder().module(str(path), ours=False)
    assert code.fresh and code.site
    assert code.name.startswith("orchestra.modules.probe_")


def test_modules_that_need_site_packages_say_so(tmp_path: Path) -> None:
    code = Builder().module(str(write(tmp_path, "NEEDS = ('apt_pkg',)\n")))
    assert code.fresh and code.site


@pytest.mark.parametrize(
    ("text", "message"),
    [("def (", "probe.py:1"), ("from orchestra.runner.parts.nowhere import x\n", "nowhere.py can not be read")],
)
def test_mistakes_are_told_with_their_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(PayloadError, match=message):
        Builder().module(str(write(tmp_path, text)))


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "probe.py").write_bytes(b"\xff\xfe")
    with pytest.raises(PayloadError, match="not UTF-8"):
        Builder().module(str(tmp_path / "probe.py"))


def test_the_core_stays_under_its_budget() -> None:
    """Half a millisecond of every host's CPU for each kilobyte: 25 KB of source is the limit for what always runs."""
    texts = zlib.decompress(BUILDER.bundle())
    assert len(BUILDER.bundle()) < 13_000
    assert len(texts) < 45_000

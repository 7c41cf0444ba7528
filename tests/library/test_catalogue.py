"""Modules by all their names, their declarations, and what is wrong with options."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestra.engine import actions, meta
from orchestra.library.catalogue import Library
from orchestra.library.locate import ModuleFileError, actions_folder, packaged_folder

LIBRARY = Library()
ACTIONS = sorted(path.stem for path in actions_folder().glob("*.py") if path.stem != "__init__")
OURS = sorted([path.stem for path in packaged_folder().glob("*.py") if path.stem != "__init__"] + ACTIONS)


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.py"
    path.write_text(text)
    return path


@pytest.mark.parametrize("name", OURS)
def test_every_module_declares_itself_whole(name: str) -> None:
    found = LIBRARY.find(name)
    assert found is not None
    assert found.summary.endswith(".")
    assert found.names, "a module says under which full names it is known"
    assert found.examples, "a module shows how it is used"
    assert all(option.help for option in found.options.values())
    defaults = {name: option.default for name, option in found.options.items() if option.default is not None}
    problems = [problem for problem in LIBRARY.validate(found, defaults) if problem.option]
    assert not [problem for problem in problems if problem.option in defaults], "a default must be valid itself"


@pytest.mark.parametrize("name", OURS)
def test_every_name_that_a_module_goes_by_finds_it(name: str) -> None:
    found = LIBRARY.find(name)
    assert found is not None
    for full in found.names:
        other = LIBRARY.find(full)
        assert other is not None and other.path == found.path, full


def test_whatever_a_task_can_name_is_declared() -> None:
    assert {*actions.ACTIONS, *actions.WORDS} - {"import_playbook"} <= set(OURS)
    assert [name for name in ACTIONS if not LIBRARY.action(name).action] == []
    assert set(LIBRARY.action("meta").options["free_form"].choices or ()) == set(meta.WORDS)


def test_an_action_keeps_its_options_when_a_project_brings_a_module_of_its_name(tmp_path: Path) -> None:
    write(tmp_path, "debug", '"""Mine."""\nclass Options: pass\ndef plan(options, system): return {}\n')
    library = Library([str(tmp_path)])
    found = library.find("debug")
    assert found is not None and (found.summary, found.action) == ("Mine.", False)
    assert "verbosity" in library.action("debug").options


@pytest.mark.parametrize("name", ["ansible.builtin.ping", "ansible.legacy.ping", "ping"])
def test_the_usual_spellings(name: str) -> None:
    found = LIBRARY.find(name)
    assert found is not None and found.name == "ping"


def test_a_collection_that_does_not_have_it_is_not_taken_for_one_that_has() -> None:
    assert LIBRARY.find("community.mysql.ping") is None


def test_names_of_the_ansible_world_are_told_from_misspelt_ones() -> None:
    assert LIBRARY.lacks("community.general.nmcli")
    assert LIBRARY.lacks("nmcli")
    assert not LIBRARY.lacks("lineinfil")
    assert not LIBRARY.lacks("ping")


@pytest.mark.parametrize(
    ("name", "lacking"),
    [
        ("ansible.posix.sysctll", False),
        ("community.general.nmcly", False),
        ("ansible.legacy.copi", False),
        ("ansible.builtin.nosuchthing", False),
        ("community.general.quantum_toaster_x9", True),
        ("our.own.thing", True),
        ("our.thing", False),
    ],
)
def test_a_misspelt_name_is_told_from_one_of_the_wide_world(name: str, lacking: bool) -> None:
    assert LIBRARY.lacks(name) is lacking


def test_a_projects_module_comes_before_ours(tmp_path: Path) -> None:
    write(tmp_path, "ping", '"""Mine."""\nclass Options: pass\ndef plan(options, system): return {}\n')
    library = Library([str(tmp_path)])
    found = library.find("ping")
    assert found is not None and (found.summary, found.ours) == ("Mine.", False)
    assert library.overrides("ping") and not LIBRARY.overrides("ping")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def plan(:\n", r"mine\.py:1"),
        ("import nothing_of_this_name\n", "No module named 'nothing_of_this_name'"),
        ("x = 1\n", "no plan"),
    ],
)
def test_a_broken_module_file_is_told(tmp_path: Path, text: str, message: str) -> None:
    write(tmp_path, "mine", text)
    with pytest.raises(ModuleFileError, match=message):
        Library([str(tmp_path)]).find("mine")


def test_wrong_options_are_all_told_with_the_nearest_name() -> None:
    found = LIBRARY.find("lineinfile")
    assert found is not None
    problems = LIBRARY.validate(found, {"pth": "/x", "line": "a", "state": "presnt", "create": "perhaps"})
    assert [problem.option for problem in problems] == ["pth", "path", "state", "create"]
    assert "did you mean path" in problems[0].hint
    assert "expected one of present, absent" in problems[2].message
    assert problems[2].hint == "did you mean present?"


def test_a_modules_own_rules_are_held_too(tmp_path: Path) -> None:
    text = (
        '"""Odd."""\nfrom orchestra.runner.sdk import Int, Problem, option\n'
        "class Options:\n    number = option(Int, 'N.')\n"
        "def problems(options):\n    if options.number % 2 == 0: yield Problem('number', 'must be odd')\n"
        "def plan(options, system): return {}\n"
    )
    write(tmp_path, "odd", text)
    library = Library([str(tmp_path)])
    found = library.find("odd")
    assert found is not None
    assert [problem.message for problem in library.validate(found, {"number": "4"})] == ["odd: 'number' must be odd"]
    assert library.validate(found, {"number": 3}) == []

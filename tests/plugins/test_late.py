"""Tables of a project's filters, tests and lookups: what is loaded when, what is told of a file that is at fault."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from orchestra.errors import OrchestraError
from orchestra.plugins.faults import PluginFault
from orchestra.plugins.late import ProjectPlugins
from orchestra.plugins.places import PluginPlaces


class Project:
    """A folder with plugins, and what was told of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told: list[OrchestraError] = []
        self.places = PluginPlaces(SimpleNamespace())

    def write(self, name: str, text: str) -> str:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return str(path)

    def plugins(self) -> ProjectPlugins:
        settings: Any = SimpleNamespace(get=lambda name: f"<{name}>", file_values={"own": {"key": "from file"}})
        self.places.add(str(self.folder))
        return ProjectPlugins(settings, self.places, self.told.append)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


FILTERS = "class FilterModule:\n    def filters(self):\n        return {{'{0}': lambda value: '{0} ' + value}}\n"


def test_the_first_folder_wins_and_folders_that_join_are_read(project: Project, tmp_path: Path) -> None:
    project.write("filter_plugins/a.py", FILTERS.format("mark"))
    plugins = project.plugins()
    assert plugins.filters["mark"]("x") == "mark x"
    assert "late" not in plugins.filters
    project.write("role/filter_plugins/b.py", FILTERS.format("late"))
    project.places.add(str(tmp_path / "role"))
    assert plugins.filters["late"]("x") == "late x"
    assert sorted(plugins.filters) == ["late", "mark"]


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        ("x = 1\nimport no_such_package_here\n", 2, "no_such_package_here", "install the Python package"),
        ("\n\ndef broken(:\n", 3, "invalid syntax", ""),
        ("import ansible.cli.galaxy\n", 1, "ansible.cli", "an ansible-core beside it would be used"),
        ("class FilterModule:\n    def __init__(self):\n        raise ValueError('no')\n", 3, "no", ""),
    ],
)
def test_a_file_at_fault_is_told_with_its_place(
    project: Project, text: str, line: int, message: str, hint: str
) -> None:
    path = project.write("filter_plugins/bad.py", text)
    plugins = project.plugins()
    assert "anything" not in plugins.filters
    (fault,) = project.told
    assert message in fault.message and hint in fault.hint
    assert fault.origin is not None and fault.origin.file == path
    assert fault.origin.line == line
    assert "anything" not in plugins.filters and len(project.told) == 1, "it is told once"


def test_a_lookup_is_loaded_when_it_is_used(project: Project) -> None:
    project.write("lookup_plugins/bad.py", "raise RuntimeError('never loaded')\n")
    path = project.write("lookup_plugins/empty.py", "x = 1\n")
    plugins = project.plugins()
    assert "bad" in plugins.lookups and "gone" not in plugins.lookups
    assert sorted(plugins.lookups) == ["bad", "empty"]
    with pytest.raises(PluginFault, match="never loaded") as caught:
        plugins.lookups["bad"]
    assert caught.value.origin is not None and caught.value.origin.line == 1
    with pytest.raises(PluginFault, match="no class LookupModule") as caught:
        plugins.lookups["empty"]
    assert caught.value.origin is not None and caught.value.origin.file == path


def test_constants_and_warnings_reach_the_run(project: Project) -> None:
    project.write(
        "filter_plugins/run.py",
        "from ansible import constants as C\n"
        "from ansible.utils.display import Display\n"
        "def told(value):\n"
        "    Display().warning('look out')\n"
        "    return C.DEFAULT_FORKS\n"
        "class FilterModule:\n"
        "    def filters(self):\n"
        "        return {'told': told}\n",
    )
    assert project.plugins().filters["told"](1) == "<DEFAULT_FORKS>"
    assert [fault.message for fault in project.told] == ["look out"]


def test_files_know_themselves_by_the_names_that_ansible_gives_them(project: Project) -> None:
    named = "class FilterModule:\n    def filters(self):\n        return {'called': lambda value: __name__}\n"
    project.write("filter_plugins/mine.py", named)
    text = "from ansible.plugins.lookup import LookupBase\nclass LookupModule(LookupBase):\n    pass\n"
    project.write("lookup_plugins/mine.py", text)
    plugins = project.plugins()
    assert re.fullmatch(r"ansible\.plugins\.filter\.mine_\d+", plugins.filters["called"](1))
    plugins.lookups["mine"]
    assert "ansible.plugins.lookup.mine" in sys.modules


def test_what_is_built_in_tells_its_options_as_a_run_uses_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANSIBLE_PIPELINING", raising=False)
    given: dict[str, Any] = {"DEFAULT_BECOME_EXE": "/opt/sudo", "HOST_KEY_CHECKING": False}
    plugins = ProjectPlugins(SimpleNamespace(get=given.get), PluginPlaces(SimpleNamespace()), lambda fault: None)
    assert plugins.option("become", "sudo", "become_flags", {}) == "-H -S -n"
    assert plugins.option("become", "ansible.builtin.su", "become_flags", {"ansible_su_flags": "-l"}) == "-l"
    assert plugins.option("become", "sudo", "become_exe", {}) == "/opt/sudo"
    assert plugins.option("become", "sudo", "become_exe", {"ansible_become_exe": "/x/sudo"}) == "/x/sudo"
    assert plugins.option("shell", "sh", "remote_tmp", {}) == "~/.ansible/tmp"
    assert plugins.option("connection", "ssh", "host_key_checking", {}) is False
    assert plugins.option("connection", "ssh", "pipelining", {"ansible_pipelining": "yes"}) is True
    assert plugins.option("become", "sudo", "sudo_chdir", {}) is None
    assert plugins.option("connection", "ssh", "sftp_extra_args", {"ansible_sftp_extra_args": "-v"}) == "-v"
    given["SCP_EXTRA_ARGS"] = "-O"
    assert plugins.option("connection", "ssh", "scp_extra_args", {}) == "-O"
    assert plugins.option("connection", "local", "pipelining", {}) is False
    given["ANSIBLE_PIPELINING"] = "yes"
    assert plugins.option("connection", "local", "pipelining", {}) is True
    monkeypatch.setenv("ANSIBLE_PIPELINING", "no")
    assert plugins.option("connection", "ssh", "pipelining", {}) is False
    with pytest.raises(KeyError):
        plugins.option("become", "sudo", "become_flag", {})
    with pytest.raises(KeyError):
        plugins.option("become", "nope", "become_flags", {})

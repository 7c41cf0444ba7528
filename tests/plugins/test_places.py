"""Where a project's own parts are found, in which order, and that finding them loads nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

from orchestra.plugins.places import PluginPlaces, python_files


def folders(root: Path, *names: str) -> None:
    for name in names:
        (root / name).mkdir(parents=True)


def test_playbooks_and_roles_come_before_the_settings(tmp_path: Path) -> None:
    folders(tmp_path, "play/filter_plugins", "role/filter_plugins", "settings", "role/library")
    heard: list[tuple[str, str]] = []
    settings = SimpleNamespace(filter_plugins=(str(tmp_path / "settings"), str(tmp_path / "gone")))
    places = PluginPlaces(settings, lambda kind, path: heard.append((kind, path)))
    places.add(str(tmp_path / "play"))
    places.add(str(tmp_path / "role"))
    places.add(str(tmp_path / "role"))
    wanted = [str(tmp_path / name) for name in ("play/filter_plugins", "role/filter_plugins", "settings")]
    assert list(places.folders("filter")) == wanted
    assert ("modules", str(tmp_path / "role/library")) in heard
    assert len(heard) == 3, "a folder that was seen is not told again"


def test_collections_are_found_by_name_and_a_later_root_wins(tmp_path: Path) -> None:
    for root in ("one", "two"):
        folders(tmp_path, f"{root}/ansible_collections/acme/tools/plugins/modules")
        (tmp_path / root / "ansible_collections/acme/tools/plugins/modules/m.py").write_text("")
    places = PluginPlaces(SimpleNamespace(collections_path=(str(tmp_path / "one"),)))
    first = places.module("acme.tools.m")
    assert first is not None and first.startswith(str(tmp_path / "one"))
    places.add_root(str(tmp_path / "two"))
    second = places.module("acme.tools.m")
    assert second is not None and second.startswith(str(tmp_path / "two"))
    assert places.module("acme.tools.other") is None
    assert places.module("acme.none.m") is None
    assert places.module("m") is None


def test_only_python_files_are_plugins(tmp_path: Path) -> None:
    for name in ("b.py", "a.py", "__init__.py", "c.txt"):
        (tmp_path / name).write_text("")
    assert [Path(path).name for path in python_files(str(tmp_path))] == ["a.py", "b.py"]
    assert python_files(str(tmp_path / "gone")) == []


def test_a_project_without_plugins_loads_nothing(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "from types import SimpleNamespace\n"
        "from orchestra.plugins.late import ProjectPlugins\n"
        "from orchestra.plugins.places import PluginPlaces\n"
        f"places = PluginPlaces(SimpleNamespace()); places.add({str(tmp_path)!r})\n"
        "plugins = ProjectPlugins(SimpleNamespace(), places, print)\n"
        "assert 'upper' not in plugins.filters and 'acme.tools.x' not in plugins.tests\n"
        "assert 'env' not in plugins.lookups\n"
        "assert list(plugins.filters) == []\n"
        "new = {*sys.modules} - before\n"
        "loaded = [name for name in new if 'ansible' in name or name == 'orchestra.plugins.tables']\n"
        "assert not loaded, loaded\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

"""Programs that import ``ansible`` by themselves, seen from inside; tests/test_wheel.py sees them from outside."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from orchestra.ansible_api import hook
from orchestra.scripts import finder

FINDER = Path(__file__).parents[2] / "backend" / "site" / "_orchestra_ansible.py"


@pytest.fixture
def last_finder(monkeypatch: pytest.MonkeyPatch) -> type:
    """The finder at the end of the line, as in a Python that has Orchestra; nothing of Ansible is imported."""
    monkeypatch.setattr(sys, "meta_path", [one for one in sys.meta_path if not isinstance(one, hook.ControllerFinder)])
    for name in [name for name in sys.modules if name.split(".")[0] == "ansible"]:
        monkeypatch.delitem(sys.modules, name)
    spec = importlib.util.spec_from_file_location("_orchestra_ansible", FINDER)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: type = module.LastFinder
    assert sys.meta_path[-1] is found
    return found


def test_what_scripts_get_is_no_ansible_core_beside_us(last_finder: type) -> None:
    spec = importlib.util.find_spec("ansible")
    assert spec is not None and getattr(spec.loader, "serves_scripts", False)
    assert not hook._installed()


def test_other_names_are_not_its_business(last_finder: type) -> None:
    for name in ("ansible_collections", "ansiblex", "orchestra", "ansible_collections.a.b"):
        assert last_finder.find_spec(name) is None  # type: ignore[attr-defined]


def test_a_name_that_is_not_ours_is_not_there() -> None:
    assert finder.find_spec("ansible.executor.playbook_executor") is None
    assert finder.find_spec("ansible.plugins.action.copy") is not None

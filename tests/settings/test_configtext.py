"""The configuration as text, in the forms that programs read from ansible-config."""

from __future__ import annotations

import configparser
import json
from pathlib import Path

import pytest

from orchestra.errors import SettingsError
from orchestra.settings import configtext, load_settings


def settings_of(folder: Path, text: str = "", **environ: str):
    if text:
        (folder / "ansible.cfg").write_text(text)
    return load_settings({"HOME": str(folder), **environ}, folder)


def test_dump_has_every_setting_and_its_source(tmp_path: Path) -> None:
    text = "[defaults]\nforks = 7\nnocows = 1\nroles_path = a:b\n"
    lines = configtext.dump(settings_of(tmp_path, text, ANSIBLE_TIMEOUT="3")).splitlines()
    file = tmp_path / "ansible.cfg"
    assert f"CONFIG_FILE() = {file}" in lines
    assert f"DEFAULT_FORKS({file}) = 7" in lines
    assert "DEFAULT_TIMEOUT(env: ANSIBLE_TIMEOUT) = 3" in lines
    assert f"DEFAULT_ROLES_PATH({file}) = ['{tmp_path}/a', '{tmp_path}/b']" in lines
    assert f"ANSIBLE_NOCOWS({file}) = 1" in lines
    assert "DEFAULT_STRATEGY(default) = linear" in lines


def test_only_what_is_set(tmp_path: Path) -> None:
    changed = configtext.dump(settings_of(tmp_path, "[defaults]\nforks = 7\n"), only_changed=True)
    assert changed.splitlines() == [
        f"CONFIG_FILE() = {tmp_path}/ansible.cfg",
        f"DEFAULT_FORKS({tmp_path}/ansible.cfg) = 7",
    ]


def test_dump_as_json(tmp_path: Path) -> None:
    data = json.loads(configtext.dump(settings_of(tmp_path), "json"))
    assert {"name": "DEFAULT_FORKS", "value": 50, "origin": "default"} in data


def test_an_initial_file_is_one_and_changes_nothing(tmp_path: Path) -> None:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(configtext.initial())
    assert parser["defaults"]["forks"] == "50"
    before = settings_of(tmp_path)
    after = settings_of(tmp_path, configtext.initial())
    assert (after.forks, after.gathering, after.roles_path) == (before.forks, before.gathering, before.roles_path)
    assert not after.unknown_keys


def test_an_initial_environment() -> None:
    assert "\nANSIBLE_FORKS=50\n" in configtext.initial("env")
    assert "\n# ANSIBLE_FORKS=50\n" in configtext.initial("env", disabled=True)


def test_strange_settings_are_named(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, "[defaults]\nforkz = 7\ncowpath = x\n")
    assert configtext.problems(settings, {}) == [
        f"{tmp_path}/ansible.cfg:2:1: unknown setting 'forkz' in [defaults]; is 'forks' meant?"
    ]
    environ = {"ANSIBLE_COW_SELECTION": "1", "ANSIBLE_COW_DESTRUCTION": "1", "ANSIBLE_FORKS": "1", "HOME": "/"}
    assert configtext.problems(settings, environ, "env") == [
        "unknown setting ANSIBLE_COW_DESTRUCTION in the environment"
    ]


def test_view_wants_a_file_of_the_kind(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("[defaults]\n")
    with pytest.raises(SettingsError, match="missing or not accessible"):
        configtext.view(str(tmp_path / "none.cfg"))
    with pytest.raises(SettingsError, match="Unsupported configuration file extension"):
        configtext.view(str(tmp_path / "x"))

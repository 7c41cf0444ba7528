"""``orchestra config``, by its commands."""

from __future__ import annotations

from pathlib import Path

import pytest


def test_the_command(run, tmp_path: Path) -> None:
    (tmp_path / "other.cfg").write_text("[defaults]\nremote_user = admin\nforkz = 1\n")
    shown = run("config", "dump", "-c", "other.cfg", "--only-changed")
    assert f"DEFAULT_REMOTE_USER({tmp_path}/other.cfg) = admin" in shown.output
    assert "remote_user = admin" in run("config", "view", "-c", "other.cfg").output
    assert run("config", "validate", "-c", "other.cfg").exit_code == 1
    assert run("config", "validate").output == "All configurations seem valid!\n"
    assert "DEFAULT_REMOTE_USER:" in run("config", "list").output
    assert "[defaults]" in run("config", "init", "--disabled").output


PLUGIN = '''
DOCUMENTATION = """
options:
  many:
    description: what there are
    type: list
    ini: [{section: own, key: many}]
    env: [{name: OWN_MANY}]
    vars: [{name: own_many}]
  word: {description: [one, two], default: w, ini: [{section: own, key: word}], env: [{name: OWN_WORD}]}
"""
raise RuntimeError("never runs: it is only read")
'''


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("ini", "[own]\n# (list) what there are\nmany=\n\n# (string) one\n# two\nword=w\n\n"),
        ("env", "# many(list): what there are\nOWN_MANY=\n\n# word(string): one\n# two\nOWN_WORD=w\n"),
        ("vars", "# many(list): what there are\nown_many: ''\n\n"),
    ],
)
def test_options_of_a_plugin_to_start_from(run, tmp_path: Path, form: str, expected: str) -> None:
    (tmp_path / "lookup_plugins").mkdir()
    (tmp_path / "lookup_plugins/own.py").write_text(PLUGIN)
    assert run("config", "init", "-t", "lookup", "-f", form, "own").stdout == expected


def test_what_is_set_of_plugins_and_connections(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lookup_plugins").mkdir()
    (tmp_path / "lookup_plugins/own.py").write_text(PLUGIN)
    (tmp_path / "ansible.cfg").write_text("[own]\nword = x\n")
    shown = run("config", "dump", "-t", "lookup", "own").stdout
    assert shown == f"\nown:\n___\nmany(default) = None\nword({tmp_path}/ansible.cfg) = x\n"
    changed = run("config", "dump", "--only-changed", "-t", "all").stdout
    assert "CONNECTION" not in changed and "\nLOOKUP:\n======\n\nown:\n" in changed
    monkeypatch.setenv("ANSIBLE_SSH_PIPELINING", "True")
    changed = run("config", "dump", "--only-changed", "-t", "all").stdout
    assert "\nCONNECTION:\n==========\n\nssh:\n___\npipelining(env: ANSIBLE_SSH_PIPELINING) = True\n" in changed
    missing = run("config", "dump", "-t", "lookup", "nobody")
    assert (missing.exit_code, "there is no lookup plugin 'nobody'" in missing.stderr) == (2, True)


def test_as_ansible_config_every_command_takes_the_short_flag(run) -> None:
    assert '"DEFAULT_REMOTE_USER"' in run("as", "ansible-config", "list", "-f", "json").output

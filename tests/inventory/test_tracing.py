"""Where variables come from: each layer with its place, the winner last, secrets masked; through ``orchestra vars``."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from orchestra.cli.exits import status_of
from orchestra.cli.main import main
from orchestra.language import vaultformat

FILES = {
    "inv/hosts": "[web]\nw1 size=3 m=\"{'b': 2}\"\n[web:vars]\nsize=2\nm={'a': 1}\n[all:vars]\nsize=1\nurl={{ proto }}://x\n",
    "inv/group_vars/web.yml": "size: 4\n",
    "inv/host_vars/w1.yml": "size: 5\n",
    "group_vars/all.yml": "size: 6\n",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for name in [name for name in os.environ if name.startswith(("ANSIBLE_", "ORCHESTRA_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["vars", "-i", "inv", *words])


def test_every_layer_in_its_order(project: Path) -> None:
    lines = run("w1", "size", "--trace", "-e", "size=7").stdout.splitlines()
    assert lines[0] == 'size = "7"'
    assert [line.split()[0 if line[2] != ">" else 1] for line in lines[1:]] == [
        "inv/hosts:7:1", "inv/hosts:4:1", "group_vars/all.yml:1:7", "inv/group_vars/web.yml:1:7", "inv/hosts:2:4",
        "inv/host_vars/w1.yml:1:7", "-e",
    ]  # fmt: skip
    assert lines[-1].startswith("  > ") and all(line.startswith("    ") for line in lines[1:-1])


def test_all_variables_with_the_place_that_wins(project: Path) -> None:
    lines = run("w1").stdout.splitlines()
    assert "size = 5  # inv/host_vars/w1.yml:1:7" in lines
    assert 'url = "{{ proto }}://x"  # inv/hosts:8:1' in lines


def test_as_json(project: Path) -> None:
    found: Any = json.loads(run("w1", "m", "--output", "json").stdout)
    assert found["host"] == "w1" and found["variables"]["m"]["value"] == {"b": 2}
    layers = found["variables"]["m"]["layers"]
    assert [(layer["line"], layer["column"], layer["wins"]) for layer in layers] == [(5, 1, False), (2, 11, True)]


def test_mappings_that_are_merged(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSIBLE_HASH_BEHAVIOUR", "merge")
    assert run("w1", "m").stdout.startswith('m = {"a": 1, "b": 2}  # inv/hosts:2:11')


def test_secrets_are_not_shown(project: Path) -> None:
    (project / "inv" / "host_vars" / "w1.yml").write_bytes(vaultformat.lock(b"size: very-secret\n", b"pw"))
    (project / "pw").write_text("pw\n")
    shown = run("w1", "size", "--trace", "--vault-password-file", "pw").stdout
    assert "********" in shown and "very-secret" not in shown


@pytest.mark.parametrize(
    ("words", "text", "hint"),
    [(("w11",), "there is no host 'w11'", "near: w1"), (("w1", "sise"), "gives the variable 'sise'", "near: size")],
)
def test_names_that_are_not_there(
    project: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], text: str, hint: str
) -> None:
    status = status_of(lambda: main.main(["vars", "-i", "inv", *words], standalone_mode=False), words)
    said = capsys.readouterr().err
    assert status == 2 and text in said and hint in said

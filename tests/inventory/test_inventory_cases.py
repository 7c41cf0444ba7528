"""The cases of tests/cases/inventories.yml: what ``orchestra inventory`` prints, as ansible-inventory does."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from orchestra.cli.main import main


@dataclass(frozen=True)
class Case:
    """Files, the environment, and the text that each command line prints."""

    name: str
    files: Mapping[str, str]
    prints: Mapping[str, str]
    env: Mapping[str, str] = field(default_factory=dict)

    def lay_out(self, folder: Path) -> None:
        for name, text in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            path.chmod(0o700 if text.startswith("#!") else 0o600)

    def run(self, folder: Path, program: list[str], words: str) -> str:
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "ORCHESTRA_"))}
        environ |= {"HOME": str(folder), **self.env}
        done = subprocess.run(
            [*program, *words.split()], cwd=folder, env=environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


FILE = Path(__file__).parents[1] / "cases" / "inventories.yml"
CASES = [Case(**case) for case in yaml.safe_load(FILE.read_text())]
LINES = [pytest.param(case, words, id=f"{case.name}: {words}") for case in CASES for words in case.prints]


@pytest.mark.parametrize(("case", "words"), LINES)
def test_what_is_printed(case: Case, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if "--toml" in words:
        pytest.importorskip("tomli_w")
    case.lay_out(tmp_path)
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("ANSIBLE_", "ORCHESTRA_"))]:
        monkeypatch.delenv(name)
    for name, value in {"HOME": str(tmp_path), **case.env}.items():
        monkeypatch.setenv(name, value)
    done = CliRunner().invoke(main, ["inventory", *words.split()])
    assert done.exception is None, done.output
    assert done.stdout == case.prints[words]


@pytest.mark.compat
@pytest.mark.parametrize(("case", "words"), LINES)
def test_what_ansible_prints(case: Case, words: str, tmp_path: Path) -> None:
    program = shutil.which(os.environ.get("ORCHESTRA_TEST_ANSIBLE", "ansible") + "-inventory")
    if not program:
        pytest.skip("ansible-inventory is not installed")
    case.lay_out(tmp_path)
    assert case.run(tmp_path, [program], words) == case.prints[words]

"""Every play of tests/cases/plays, through ``orchestra play`` and, where it is installed, through ansible-core."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.engine.peerplays import run_peer
from tests.engine.playcases import FOLDER, Case, Record, environment, load, run_ours

FILES = sorted(FOLDER.glob("*.yml"))
CASES = [pytest.param(case, id=f"{path.stem}: {case.name}") for path in FILES for case in load(path)]


def check(case: Case, record: Record) -> None:
    assert (record.exit, record.recap) == (case.exit, dict(case.recap)), record.printed
    assert record.steps == list(case.steps), record.printed
    for task, expected in case.shows.items():
        assert _result(record, task)["msg"] == expected, task
    for task, wanted in case.results.items():
        _check_result(_result(record, task), wanted, task)


def _result(record: Record, task: str) -> Mapping[str, Any]:
    host, slash, name = task.partition("/")
    by_host = record.results.get(name if slash else task, {})
    found: Mapping[str, Any] | None = by_host.get(host if slash else "h1")
    assert found is not None, f"{task} has no result; there are {list(record.results)}"
    return found


def _check_result(result: Mapping[str, Any], wanted: Mapping[str, Any], task: str) -> None:
    for key, value in wanted.items():
        assert result.get(key) == value, f"{key} of {task}: {result}"


@pytest.mark.parametrize("case", CASES)
def test_play(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case.lay_out(tmp_path)
    monkeypatch.chdir(tmp_path)
    for name, value in environment(case).items():
        monkeypatch.setenv(name, value)
    record = run_ours(case)
    check(case, record)
    for text in case.says:
        assert text in record.printed
    for text in case.hides:
        assert text not in record.printed


@pytest.fixture(scope="module")
def ansible() -> str:
    found = shutil.which(os.environ.get("ORCHESTRA_TEST_ANSIBLE", "ansible") + "-playbook")
    if not found:
        pytest.skip("ansible-playbook is not installed")
    return found


@pytest.mark.compat
@pytest.mark.parametrize("case", CASES)
def test_play_beside_ansible(case: Case, tmp_path: Path, ansible: str) -> None:
    if case.differs:
        pytest.xfail(case.differs)
    case.lay_out(tmp_path)
    check(case, run_peer(case, tmp_path, ansible))


def test_names_are_unique() -> None:
    for path in FILES:
        names = [case.name for case in load(path)]
        assert len(names) == len(set(names)), path

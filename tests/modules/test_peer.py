"""The files family does what ansible-core's modules do: results, what changed, what is on the disk."""

import os
import shutil
from pathlib import Path

import pytest

from tests.modules.peer import Scenario, differences, fill, load, run_ours, run_peer, unlike_folders
from tests.modules.webserver import serving

CASES = Path(__file__).parent.parent / "cases" / "compat"
PROGRAM = os.environ.get("ORCHESTRA_PEER") or shutil.which("ansible-playbook")
pytestmark = [pytest.mark.compat, pytest.mark.skipif(not PROGRAM, reason="ansible-playbook is not installed")]


@pytest.mark.parametrize("file", sorted(CASES.glob("*.yml")), ids=lambda path: path.stem)
def test_same_as_the_peer(file: Path, tmp_path: Path) -> None:
    with serving() as server:
        problems = compare(load(file), tmp_path, {"url": server.url})
    assert not problems, "\n".join(problems)


def compare(scenarios: list[Scenario], tmp_path: Path, names: dict[str, str]) -> list[str]:
    peer_root, our_root = tmp_path / "peer", tmp_path / "ours"
    for root in (peer_root, our_root):
        root.mkdir()
    answers = run_peer(str(PROGRAM), scenarios, peer_root, names)
    problems = []
    for scenario, peers in zip(scenarios, answers, strict=True):
        ours = run_ours(scenario, our_root, names)
        folders = str(peer_root / scenario.name), str(our_root / scenario.name)
        for number, (task, peer, our) in enumerate(zip(scenario.tasks, peers, ours, strict=True)):
            where = f"{scenario.name}[{number}] {task.module} {fill(task.args, names)}: "
            problems += [where + text for text in differences(task, peer, our, folders)]
        problems += [f"{scenario.name}: {text}" for text in unlike_folders(scenario, *map(Path, folders))]
    return problems

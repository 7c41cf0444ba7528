"""The same expressions through ansible-core, where one is installed: same values, same types, errors where it has them.

``ORCHESTRA_PEER_PYTHON`` names the Python that has it; else the one that runs the ``ansible`` command.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

TABLE = Path(__file__).parents[1] / "cases" / "templating" / "core.json"
PROGRAM = Path(__file__).with_name("peer_eval.py")


def peer_python() -> str:
    given = os.environ.get("ORCHESTRA_PEER_PYTHON")
    if given:
        return given
    command = shutil.which("ansible")
    first = Path(command).read_text(errors="replace").splitlines()[0] if command else ""
    if not first.startswith("#!"):
        pytest.skip("ansible-core is not installed")
    return first[2:].strip()


@pytest.mark.compat
def test_ansible_core_agrees(tmp_path: Path) -> None:
    table = json.loads(TABLE.read_text())
    done = subprocess.run(
        [peer_python(), str(PROGRAM)],
        input=json.dumps(table),
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "ANSIBLE_HOME": str(tmp_path), "PYTHONPATH": ""},
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(table["cases"])
    differing = [
        (case, answer)
        for case, answer in zip(table["cases"], answers, strict=True)
        if "differs" not in case and not agrees(case, answer)
    ]
    assert differing == []


def agrees(case: dict, answer: dict) -> bool:
    if "error" in case or "error" in answer:
        return "error" in case and "error" in answer
    return case["value"] == answer["value"] and type(case["value"]) is type(answer["value"])

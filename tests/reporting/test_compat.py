"""The same playbooks through ansible-playbook and through us, the same text out of both.

Needs ansible-core beside us: on the PATH, or its ``ansible-playbook`` named by ORCHESTRA_PEER.
"""

from __future__ import annotations

import difflib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.reporting import outputcases

PEER = os.environ.get("ORCHESTRA_PEER") or shutil.which("ansible-playbook")
pytestmark = [
    pytest.mark.compat,
    pytest.mark.skipif(PEER is None, reason="ansible-playbook is not installed and ORCHESTRA_PEER is not set"),
]

#: What differs from run to run, and what each of us says in words of its own.
_VOLATILE = (
    (re.compile(r'"(delta|start|end)": "[^"]*"'), r'"\1": ""'),
    (re.compile(r"^( *(?:delta|start|end): ).*$", re.M), r"\1"),
    (re.compile(r"\bj\d+\.\d+"), "JOB"),
    (re.compile(r'"results_file": "[^"]*"'), '"results_file": ""'),
    (re.compile(r"^ASYNC POLL .*\n", re.M), ""),
    (re.compile(r"^META: .*\n|^Notification for handler .*\n|^\d+ plays in .*\n", re.M), ""),
    (re.compile(r"ssh: connect to host .* port|Connection refused.*"), "refused"),
    # How a template failed is told by each of us in words of its own.
    (re.compile(r"^\[ERROR\]: Task failed: [^\n]* is undefined\n.*?(?=^fatal)", re.M | re.S), ""),
    (re.compile(r"Task failed: [^\n]*(?:\n +Error[^\n]*)?is undefined"), "is undefined"),
    (re.compile(r"^\x1b\[0;34m.*\n", re.M), ""),
)
#: Failures whose sentence is each one's own; only verdict lines and recap are compared.
_OWN_WORDS = frozenset({"unreachable", "warnings", "template_error", "broken_condition"})
#: Where ours differs, and why; each must go on to differ, or it leaves this list.
_DIFFERS = {
    "blocks-vv": "the line about a notified handler stands with the task that notified, not below the next banner",
    "diffs": "a new file's diff names the path on both sides, and one of attributes says so",
}
CASES = [case for case in outputcases.cases() if not case.colour]


def _text(program: list[str], case, environ: dict[str, str]) -> str:
    command = [*program, "-i", "inventory.ini", "-f", "1", case.playbook, *case.flags]
    ran = subprocess.run(
        command,
        cwd=outputcases.PROJECT,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        timeout=120,
    )
    text = ran.stdout[max(ran.stdout.find("\nPLAY"), 0) :]
    for pattern, replacement in _VOLATILE:
        text = pattern.sub(replacement, text)
    return f"{text}exit {ran.returncode}\n"


def _clean(case) -> None:
    """Take away what the playbook leaves in /tmp, so that both find the same."""
    text = (outputcases.PROJECT / case.playbook).read_text()
    for name in set(re.findall(r"/tmp/orchestra-output-case[-\w]*", text)):
        path = Path(name)
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)


def _verdicts(text: str) -> str:
    """Banners, first words of results, and the recap."""
    kept = re.findall(
        r"^(?:PLAY|TASK|RUNNING|ok:|changed:|skipping:|fatal: \[\w+\]: \w+!|\.\.\.|\w+ +: ok=|exit).*", text, re.M
    )
    return "\n".join(re.sub(r"(!) => .*", r"\1", line) for line in kept)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_same_text(case) -> None:
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTHON"))},
        **case.environment,
        "ANSIBLE_NOCOWS": "1",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "LC_ALL": "C.UTF-8",
    }
    assert PEER is not None
    _clean(case)
    theirs = _text([PEER], case, environ)
    _clean(case)
    ours = _text([sys.executable, "-m", "orchestra", "play", "--output", "ansible"], case, environ)
    if case.name.partition("-")[0] in _OWN_WORDS:
        theirs, ours = _verdicts(theirs), _verdicts(ours)
    difference = "\n".join(
        difflib.unified_diff(theirs.splitlines(), ours.splitlines(), "theirs", "ours", n=1, lineterm="")
    )
    if case.name in _DIFFERS:
        assert difference, "no difference any more: take it off the list"
        pytest.xfail(_DIFFERS[case.name])
    assert not difference, difference

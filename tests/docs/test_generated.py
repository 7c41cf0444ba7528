"""The generated parts of the manual are up to date with the declarations that they come from."""

import subprocess
import sys
from pathlib import Path

from orchestra.engine import actions
from orchestra.engine.meta import WORDS

ROOT = Path(__file__).parent.parent.parent


def test_pages_are_what_the_declarations_say() -> None:
    done = subprocess.run([sys.executable, "docs/generate.py", "--check"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, f"run `make docs`; these pages are stale:\n{done.stdout}{done.stderr}"


def test_actions_without_a_module_file_are_described_by_hand() -> None:
    described = (ROOT / "docs/modules/actions.md").read_text(encoding="utf-8")
    missing = [
        name
        for name in actions.names()
        if not (ROOT / f"docs/modules/{name}.md").exists() and f"\n## {name}\n" not in described
    ]
    assert not missing, f"docs/modules/actions.md says nothing of {missing}"
    assert not [word for word in WORDS if f"`{word}`" not in described]

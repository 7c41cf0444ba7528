"""docs/cli.md says what the commands are now; docs/exit-status.md and docs/output.md name every status and form."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from orchestra import errors
from orchestra.reporting.choose import MODES

DOCS = Path(__file__).parents[2] / "docs"


def test_the_manual_of_the_command_line_is_fresh() -> None:
    spec = importlib.util.spec_from_file_location("make_cli", DOCS / "make_cli.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (DOCS / "cli.md").read_text() == module.manual(), "run: python docs/make_cli.py"


def test_every_form_of_output_is_described() -> None:
    text = (DOCS / "output.md").read_text()
    assert [mode for mode in MODES if f"`{mode}`" not in text] == []


def test_every_exit_status_is_described() -> None:
    text = (DOCS / "exit-status.md").read_text()
    own = {kind.exit_code for kind in vars(errors).values() if isinstance(kind, type) and hasattr(kind, "exit_code")}
    assert [status for status in {0, 2, 4, 6, 130} | own if f"| {status} |" not in text] == []

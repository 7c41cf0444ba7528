"""Every case file under tests/cases/modules, run four ways."""

from pathlib import Path

import pytest

from orchestra.library.locate import load_file, packaged_folder
from orchestra.testing.cases import Case, collect, run

CASES = list(collect(Path(__file__).parent.parent / "cases" / "modules"))


@pytest.mark.parametrize("case", CASES, ids=[f"{case.module}-{case.name}" for case in CASES])
def test_case(case: Case, tmp_path: Path) -> None:
    ways = run(case, load_file(str(packaged_folder() / f"{case.module}.py")), tmp_path)
    assert ways == ("refused",) if case.error else ways[-3:] == ("apply", "again", "undo")

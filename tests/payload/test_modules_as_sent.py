"""What a host gets of a module is less than its file: nothing that is left may need what was taken away."""

import ast
from pathlib import Path

import pytest

from orchestra.library.locate import packaged_folder
from orchestra.payload.minify import DOCUMENTATION, minify

FILES = sorted(Path(str(packaged_folder())).glob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_module_reads_its_own_documentation(file: Path) -> None:
    tree = ast.parse(minify(file.read_text(encoding="utf-8")))
    read = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    assert not read & DOCUMENTATION

"""Minified sources do the same, on the same lines, in fewer bytes."""

import ast
from pathlib import Path

import pytest

from orchestra.payload.minify import minify

ROOT = Path(__file__).parent.parent.parent
TARGET_FILES = sorted([*(ROOT / "orchestra/runner").rglob("*.py"), *(ROOT / "modules").glob("*.py")])

CASES = {
    "docstrings and comments": ('def f():\n    """Doc."""\n    return 1  # one\n', "def f():\n\n return 1\n"),
    "only a docstring": ('def f():\n    """Doc."""\n', "def f():\n pass\n"),
    "annotations": (
        'def f(a: "int", *b: "str", c: "int" = 1) -> "int":\n    d: "int" = 2\n    return d\n',
        "def f(a, *b, c = 1) :\n d = 2\n return d\n",
    ),
    "a bare annotation": ("class A:\n    x: int\n", "class A:\n pass\n"),
    "type checking": (
        "if TYPE_CHECKING:\n    from a import b\n    from c import d\nx = 1\n",
        "if TYPE_CHECKING:\n pass\n\nx = 1\n",
    ),
    "documentation": ("NAMES = ('a',)\nEXAMPLES = '''\n- a\n'''\nx = 1\n", "pass\npass\n\n\nx = 1\n"),
    "help": ("a = option(Str, 'A long help.', default='x')\n", "a = option(Str, \"\", default='x')\n"),
    "strings": ("x = '''\n    # in\n    deep\n'''\ny = '# in'\n", "x = '''\n    # in\n    deep\n'''\ny = '# in'\n"),
    "brackets": ("x = f(\n        1,  # one\n        2,\n    )\n", "x = f(\n1,\n2,\n)\n"),
    "not ascii": ("x = 'ä'  # ö\ndef f(ä: 'int') -> 'str':\n    return 'ü'\n", "x = 'ä'\ndef f(ä) :\n return 'ü'\n"),
}


@pytest.mark.parametrize("name", CASES)
def test_what_goes_and_what_stays(name: str) -> None:
    source, wanted = CASES[name]
    assert minify(source) == wanted


@pytest.mark.parametrize("path", TARGET_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_target_file_keeps_its_names_and_lines(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    small = minify(source)
    assert len(small) <= len(source)
    assert places(small) == places(source)


def places(source: str) -> list[tuple[str, int]]:
    """Every function, class and return statement with its line."""
    nodes = [node for node in ast.walk(_without_types(source)) if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Return, ast.Raise))]  # fmt: skip  # noqa: E501
    return sorted((getattr(node, "name", type(node).__name__), node.lineno) for node in nodes)


def _without_types(source: str) -> ast.Module:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            node.body = []
    return tree

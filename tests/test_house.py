"""The house style that a linter does not know: how long things may be, what no file is called, what never stays."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
FUNCTION_LINES, CLASS_LINES, FILE_LINES = 60, 250, 400
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
MARKS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


def sources(*tops: str) -> Iterator[Path]:
    for top in tops or ("orchestra", "modules"):
        yield from sorted((ROOT / top).rglob("*.py"))


def length(node: ast.AST) -> int:
    return int(node.end_lineno - node.lineno + 1)  # type: ignore[attr-defined]


def report(path: Path, line: int, text: str) -> str:
    return f"{path.relative_to(ROOT)}:{line}: {text}"


def test_functions_classes_and_files_stay_small() -> None:
    problems = []
    for path in sources():
        text = path.read_text(encoding="utf-8")
        lines = text.count("\n")
        if lines > FILE_LINES:
            problems.append(report(path, 1, f"the file has {lines} lines, more than {FILE_LINES}"))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and length(node) > FUNCTION_LINES:
                problems.append(report(path, node.lineno, f"{node.name} has {length(node)} lines > {FUNCTION_LINES}"))
            elif isinstance(node, ast.ClassDef) and length(node) > CLASS_LINES:
                problems.append(report(path, node.lineno, f"{node.name} has {length(node)} lines > {CLASS_LINES}"))
    assert not problems, "\n".join(problems)


def test_names_say_what_is_inside() -> None:
    named = [path for path in sources() if {path.stem, path.parent.name} & FORBIDDEN_NAMES]
    assert not named, f"a name that says nothing: {named}"


def test_every_file_says_why_it_exists() -> None:
    silent = [str(path.relative_to(ROOT)) for path in sources() if not ast.get_docstring(ast.parse(path.read_bytes()))]
    assert not silent, f"without a docstring: {silent}"


def test_nothing_is_left_for_later() -> None:
    problems = []
    for path in sources("orchestra", "modules", "tests", "bench"):
        for token in tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline):
            if token.type == tokenize.COMMENT and MARKS.search(token.string):
                problems.append(report(path, token.start[0], token.string))
    for path in sources():
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Raise) and node.exc and "NotImplementedError" in ast.unparse(node.exc):
                problems.append(report(path, node.lineno, ast.unparse(node)))
    assert not problems, "\n".join(problems)


def test_no_error_is_swallowed_whole() -> None:
    problems = []
    for path in sources():
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.ExceptHandler) and _catches_all(node) and _does_nothing(node):
                problems.append(report(path, node.lineno, "catches everything and does nothing"))
    assert not problems, "\n".join(problems)


def _catches_all(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or getattr(handler.type, "id", "") in ("Exception", "BaseException")


def _does_nothing(handler: ast.ExceptHandler) -> bool:
    return all(isinstance(statement, ast.Pass | ast.Continue) for statement in handler.body)

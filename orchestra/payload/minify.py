"""Makes target source small without changing what it does or its line numbers.

Comments, docstrings, annotations, documentation constants and help texts go; indentation becomes one space. Line
numbers stay, so that a traceback from a host names the line that a person can open.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator

DOCUMENTATION = {"NAMES", "EXAMPLES", "RETURNS", "CHECK_MODE", "FREE_FORM", "PARTS", "NEEDS", "__all__"}
Edit = tuple[int, int, bytes]


def minify(source: str) -> str:
    """Smaller text with the same behaviour and the same line numbers. Raises SyntaxError."""
    data = source.encode()
    edits = sorted(_Edits(data).collect())
    return _reindent(_apply(data, edits).decode())


class _Edits:
    """Collects what can go from one source, as byte ranges."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.tree = ast.parse(data)
        self.starts = [0]
        for line in data.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def collect(self) -> Iterator[Edit]:
        """Every range to be replaced."""
        yield from self.comments()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                yield from self.docstring(node)
            if isinstance(node, ast.FunctionDef):
                yield from self.signature(node)
            elif isinstance(node, ast.AnnAssign):
                yield from self.annotated(node)
            elif isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
                yield from self.type_checking(node)
            elif isinstance(node, ast.Call):
                yield from self.help_text(node)
        for statement in self.tree.body:
            if isinstance(statement, ast.Assign) and _names(statement) & DOCUMENTATION:
                yield (*self.span(statement), b"pass")

    def at(self, line: int, column: int) -> int:
        return self.starts[line - 1] + column

    def span(self, node: ast.stmt | ast.expr | ast.arg) -> tuple[int, int]:
        assert node.end_lineno is not None and node.end_col_offset is not None
        return self.at(node.lineno, node.col_offset), self.at(node.end_lineno, node.end_col_offset)

    def comments(self) -> Iterator[Edit]:
        lines = self.data.decode().splitlines(keepends=True)
        for token in tokenize.generate_tokens(io.StringIO(self.data.decode()).readline):
            if token.type == tokenize.COMMENT:
                line, column = token.start
                start = self.at(line, len(lines[line - 1][:column].encode()))
                yield start, start + len(token.string.encode()), b""

    def docstring(self, node: ast.Module | ast.ClassDef | ast.FunctionDef) -> Iterator[Edit]:
        first = node.body[0] if node.body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
            yield (*self.span(first), b"" if len(node.body) > 1 else b"pass")

    def signature(self, node: ast.FunctionDef) -> Iterator[Edit]:
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
        for argument in arguments:
            if argument is not None and argument.annotation is not None:
                start, _ = self.span(argument)
                yield start + len(argument.arg.encode()), self.span(argument.annotation)[1], b""
        if node.returns is not None:
            start, end = self.span(node.returns)
            yield self.data.rindex(b"->", 0, start), end, b""

    def annotated(self, node: ast.AnnAssign) -> Iterator[Edit]:
        if node.value is None:
            yield (*self.span(node), b"pass")
        else:
            yield self.span(node.target)[1], self.span(node.annotation)[1], b""

    def type_checking(self, node: ast.If) -> Iterator[Edit]:
        first = node.body[0]
        line = min([first.lineno, *(one.lineno for one in getattr(first, "decorator_list", ()))])
        yield self.at(line, first.col_offset), self.span(node.body[-1])[1], b"pass"

    def help_text(self, node: ast.Call) -> Iterator[Edit]:
        named = isinstance(node.func, ast.Name) and node.func.id in ("option", "Option")
        if named and len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
            yield (*self.span(node.args[1]), b'""')


def _names(statement: ast.Assign) -> set[str]:
    return {target.id for target in statement.targets if isinstance(target, ast.Name)}


def _apply(data: bytes, edits: list[Edit]) -> bytes:
    """Replace the ranges, the outer one where they lie in each other; newlines inside come behind the replacement."""
    parts, done = [], 0
    for start, end, replacement in edits:
        if start >= done:
            parts += [data[done:start], replacement, b"\n" * data.count(b"\n", start, end)]
            done = end
    return b"".join([*parts, data[done:]])


def _reindent(text: str) -> str:
    """One space for each level; lines that begin inside a string stay as they are."""
    lines = text.splitlines()
    depth = 0
    fixed: set[int] = set()
    indents: dict[int, int] = {}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in (tokenize.INDENT, tokenize.DEDENT):
            depth += 1 if token.type == tokenize.INDENT else -1
            continue
        if token.string.strip():
            indents.setdefault(token.start[0], depth)
        fixed.update(range(token.start[0] + 1, token.end[0] + 1) if token.type != tokenize.NEWLINE else ())
    return "\n".join(_line(line, number, indents, fixed) for number, line in enumerate(lines, 1)).rstrip() + "\n"


def _line(line: str, number: int, indents: dict[int, int], fixed: set[int]) -> str:
    if number in fixed:
        return line
    return " " * indents[number] + line.strip() if number in indents else ""

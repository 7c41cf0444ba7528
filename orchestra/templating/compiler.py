"""How template text becomes Python here, where it differs from Jinja's own way.

Nothing is computed at compile time (``{{ 100 | random }}`` must not be drawn once for a whole run), a lone constant
keeps its type, and quoted texts that hold template marks are handed to the environment, because projects have them
in lookups and conditions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from jinja2 import nodes
from jinja2.compiler import Frame
from jinja2.lexer import TOKEN_STRING, TOKEN_VARIABLE_BEGIN, TOKEN_VARIABLE_END, Lexer
from jinja2.nativetypes import NativeCodeGenerator

MARKS = ("{{", "{%", "{#")
#: Methods that change a list, dict or set in place.
MUTATORS = frozenset(
    (
        *("add", "append", "clear", "discard", "extend", "insert", "pop", "popitem", "remove", "reverse"),
        *("setdefault", "sort", "update", "__setitem__", "__delitem__", "difference_update", "intersection_update"),
    )
)


def holds_marks(text: str) -> bool:
    """Say whether ``text`` looks like a template."""
    return any(mark in text for mark in MARKS)


class CodeGenerator(NativeCodeGenerator):
    """Generates native-typed code for Environment."""

    def _output_child_to_const(self, node: nodes.Expr, frame: Frame, finalize: Any) -> Any:
        if not isinstance(node, nodes.TemplateData):
            raise nodes.Impossible
        return super()._output_child_to_const(node, frame, finalize)

    def _output_const_repr(self, group: Iterable[Any]) -> str:
        return repr("".join(map(str, group)))

    def visit_Const(self, node: nodes.Const, frame: Frame) -> None:  # noqa: N802 - Jinja's visitor protocol
        """Write a constant; one that is itself a template goes through the environment."""
        value = node.as_const(frame.eval_ctx)
        if type(value) is str and holds_marks(value):
            self.environment.quoted.append(value)  # type: ignore[attr-defined]
            self.write(f"environment.embedded({value!r}, context)")
        else:
            self.write(repr(value))

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802
        """``~`` joins text and keeps it secret if a part is."""
        self.write("environment.join_text((")
        for arg in node.nodes:
            self.visit(arg, frame)
            self.write(", ")
        self.write("))")

    def visit_Getitem(self, node: nodes.Getitem, frame: Frame) -> None:  # noqa: N802
        """A slice goes through the environment like any other subscript."""
        if not isinstance(node.arg, nodes.Slice):
            super().visit_Getitem(node, frame)
            return
        self.write("environment.getitem(")
        self.visit(node.node, frame)
        self.write(", slice(")
        for bound in (node.arg.start, node.arg.stop, node.arg.step):
            if bound is None:
                self.write("None")
            else:
                self.visit(bound, frame)
            self.write(", ")
        self.write("))")


_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
#: What Python knows after a backslash; before anything else (``\d`` of a regular expression) it stands for itself.
_ESCAPES = frozenset("\n\\'\"abfnrtvxuUN01234567")


class PythonLexer(Lexer):
    """Reads backslashes in quoted texts as Python does, and those that mean nothing as themselves."""

    def tokeniter(self, *args: Any, **kwargs: Any) -> Iterator[tuple[int, str, str]]:
        """Jinja's tokens, with lone backslashes doubled."""
        for lineno, token, value in super().tokeniter(*args, **kwargs):
            if token == TOKEN_STRING and "\\" in value:
                value = _ESCAPE.sub(lambda found: found[0] if found[1] in _ESCAPES else f"\\{found[0]}", value)
            yield lineno, token, value


class VerbatimLexer(PythonLexer):
    """Takes backslashes in quoted texts of ``{{ }}`` as they are: YAML has already dealt with its own."""

    def tokeniter(self, *args: Any, **kwargs: Any) -> Iterator[tuple[int, str, str]]:
        """Jinja's tokens, with backslashes of strings inside ``{{ }}`` doubled."""
        inside = False
        for lineno, token, value in Lexer.tokeniter(self, *args, **kwargs):
            if token == TOKEN_VARIABLE_BEGIN:
                inside = True
            elif token == TOKEN_VARIABLE_END:
                inside = False
            elif inside and token == TOKEN_STRING:
                value = value.replace("\\", "\\\\")
            yield lineno, token, value


_STATEFUL: Any = (
    *(nodes.Assign, nodes.AssignBlock, nodes.Macro, nodes.Import, nodes.FromImport, nodes.Include),
    *(nodes.Extends, nodes.Block, nodes.CallBlock),
)


_BRINGING: Any = (nodes.Import, nodes.FromImport, nodes.Include, nodes.Extends)


def is_stateful(tree: nodes.Template) -> bool:
    """Say whether rendering ``tree`` leaves traces in its context, so that it can not share one."""
    return tree.find(_STATEFUL) is not None


def is_mutating(tree: nodes.Template) -> bool:
    """Say whether ``tree`` may change a variable's value in place, itself or through what it brings in."""
    if tree.find(_BRINGING) is not None:
        return True
    return any(
        isinstance(call.node, nodes.Getattr) and call.node.attr in MUTATORS for call in tree.find_all(nodes.Call)
    )


def is_single(tree: nodes.Template) -> bool:
    """Say whether ``tree`` is one expression and nothing else."""
    if len(tree.body) != 1 or not isinstance(tree.body[0], nodes.Output):
        return False
    parts = tree.body[0].nodes
    return len(parts) == 1 and not isinstance(parts[0], nodes.TemplateData)


def lone_name(tree: nodes.Template) -> str | None:
    """The variable that ``tree`` consists of, if that is all it is."""
    if not is_single(tree):
        return None
    output = tree.body[0]
    assert isinstance(output, nodes.Output)
    node = output.nodes[0]
    return node.name if isinstance(node, nodes.Name) else None


def plain_parts(tree: nodes.Template) -> list[tuple[str, str | None]] | None:
    """``(text, None)`` and ``("", variable)`` in order, if text and variables are all that ``tree`` consists of."""
    parts: list[tuple[str, str | None]] = []
    for output in tree.body:
        for node in output.nodes if isinstance(output, nodes.Output) else [output]:
            if isinstance(node, nodes.TemplateData):
                parts.append((node.data, None))
            elif isinstance(node, nodes.Name) and node.name != "self":  # which is the template itself
                parts.append(("", node.name))
            else:
                return None
    return parts

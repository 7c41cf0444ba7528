"""The differences a task made, as unified text in pieces with roles. Knows neither events nor screens."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from orchestra.reporting.options import OutputOptions
from orchestra.reporting.screen import Piece
from orchestra.reporting.yamltext import dump_yaml

_NO_NEWLINE = "\n\\ No newline at end of file\n"
_NOTES = (
    ("dst_binary", "diff skipped: destination file appears to be binary\n"),
    ("src_binary", "diff skipped: source file appears to be binary\n"),
    ("dst_larger", "diff skipped: destination file size is greater than {}\n"),
    ("src_larger", "diff skipped: source file size is greater than {}\n"),
)


def diff_pieces(diffs: Iterable[Mapping[str, Any]], options: OutputOptions) -> list[Piece]:
    """All of ``diffs`` one after the other; empty when nothing differs."""
    return [piece for diff in diffs for piece in _pieces(diff, options)]


def _pieces(diff: Mapping[str, Any], options: OutputOptions) -> Iterator[Piece]:
    for key, note in _NOTES:
        if key in diff:
            yield note.format(diff[key]), ""
    if "before" in diff and "after" in diff:
        lines = list(_unified(diff, options))
        yield from lines
        if lines:
            yield "\n", ""
    if "prepared" in diff:
        yield str(diff["prepared"]), ""


def _unified(diff: Mapping[str, Any], options: OutputOptions) -> Iterator[Piece]:
    compared = difflib.unified_diff(
        _lines(diff["before"], options),
        _lines(diff["after"], options),
        fromfile=_title("before", diff),
        tofile=_title("after", diff),
        n=options.diff_context,
    )
    for line in compared:
        yield line, _role(line)


def _title(side: str, diff: Mapping[str, Any]) -> str:
    return f"{side}: {diff[f'{side}_header']}" if f"{side}_header" in diff else side


def _role(line: str) -> str:
    if line.startswith("+"):
        return "diff_add"
    if line.startswith("-"):
        return "diff_remove"
    return "diff_lines" if line.startswith("@@") else ""


def _lines(side: Any, options: OutputOptions) -> list[str]:
    lines = _text(side, options).splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += _NO_NEWLINE
    return lines


def _text(side: Any, options: OutputOptions) -> str:
    if side is None:
        return ""
    if not isinstance(side, Mapping):
        return str(side)
    if options.result_format == "yaml":
        text = dump_yaml(dict(side), indent=4, lossy=options.pretty_results is not False)
        return "".join(f"    {line}" for line in text.splitlines(keepends=True)) + "\n"
    return json.dumps(side, sort_keys=True, indent=4, separators=(",", ": "), default=str) + "\n"

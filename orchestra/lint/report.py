"""Findings as text for people, as JSON, and as SARIF 2.1.0 for code hosts and editors."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Sequence
from typing import Any

from orchestra import __version__
from orchestra.lint.check import ALL
from orchestra.lint.finding import Finding

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_text(findings: Sequence[Finding], mended: int = 0) -> str:
    """A line for each finding, then how many there are of each rule."""
    lines = [f"{_place(one)}: {one.rule}: {one.message}" for one in findings]
    if findings:
        counts = ", ".join(f"{count} {rule}" for rule, count in Counter(one.rule for one in findings).most_common())
        fixable = sum(bool(one.edits) for one in findings)
        lines += ["", f"{len(findings)} finding{'s' * (len(findings) > 1)}: {counts}"]
        lines += [f"{fixable} of them can be mended with --fix"] if fixable else []
    if mended:
        lines.append(f"{mended} mended")
    return "\n".join(lines) or "nothing found"


def _place(finding: Finding) -> str:
    origin = finding.origin
    return f"{origin.file}:{origin.line}:{origin.column}" if origin.line else origin.file


def as_json(findings: Sequence[Finding], mended: int = 0) -> str:
    """A list of objects: rule, message, file, line, column, fixable."""
    return json.dumps([_data(one) for one in findings], indent=2)


def _data(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "message": finding.message,
        "file": finding.origin.file,
        "line": finding.origin.line,
        "column": finding.origin.column,
        "fixable": bool(finding.edits),
    }


def as_sarif(findings: Sequence[Finding], mended: int = 0) -> str:
    """One run of a tool, with its rules."""
    driver = {
        "name": "orchestra lint",
        "version": __version__,
        "rules": [{"id": rule.name, "shortDescription": {"text": rule.why}} for rule in ALL],
    }
    run = {"tool": {"driver": driver}, "results": [_result(one) for one in findings]}
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _result(finding: Finding) -> dict[str, Any]:
    region = {"startLine": max(finding.origin.line, 1), "startColumn": max(finding.origin.column, 1)}
    uri = os.path.relpath(finding.origin.file).replace(os.sep, "/")
    return {
        "ruleId": finding.rule,
        "level": "warning",
        "message": {"text": finding.message},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}],
    }


def list_rules() -> str:
    """All rules with their reasons."""
    width = max(len(rule.name) for rule in ALL)
    marks = {rule.name: [*(["fix"] if rule.fixes else []), *(["optional"] if rule.optional else [])] for rule in ALL}
    return "\n".join(
        f"{rule.name:<{width}}  {rule.why}" + (f" ({', '.join(marks[rule.name])})" if marks[rule.name] else "")
        for rule in ALL
    )


FORMATS = {"text": as_text, "json": as_json, "sarif": as_sarif}

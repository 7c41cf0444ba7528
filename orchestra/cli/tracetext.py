"""Traced variables as text for people and as JSON for programs."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any

from orchestra.inventory.tracing import Definition, Traced
from orchestra.inventory.values import unmarked
from orchestra.model.origin import Origin


def as_text(found: Sequence[Traced], *, trace: bool) -> str:
    """A line for each variable with the place that wins; with ``trace`` a line for each layer below it."""
    lines: list[str] = []
    for one in found:
        winner = one.definitions[-1]
        lines.append(f"{one.name} = {_value(one.value)}" + ("" if trace else f"  # {_where(winner)}"))
        if trace:
            lines += _layers(one.definitions)
    return "\n".join(lines)


def as_json(host: str, found: Sequence[Traced]) -> str:
    """Everything, always with all layers."""
    variables = {
        one.name: {"value": unmarked(one.value), "layers": [_layer(item) for item in one.definitions]} for one in found
    }
    for described in variables.values():
        described["layers"][-1]["wins"] = True
    return json.dumps({"host": host, "variables": variables}, indent=2, ensure_ascii=False)


def _layers(definitions: Sequence[Definition]) -> list[str]:
    width = max(len(_where(one)) for one in definitions)
    marks = [" "] * (len(definitions) - 1) + [">"]
    return [
        f"  {mark} {_where(one):{width}}  {_value(one.value)}  ({one.layer})"
        for mark, one in zip(marks, definitions, strict=True)
    ]


def _layer(one: Definition) -> dict[str, Any]:
    origin = one.origin or Origin("")
    return {
        "layer": one.layer,
        "file": origin.file or None,
        "line": origin.line or None,
        "column": origin.column or None,
        "value": unmarked(one.value),
        "wins": False,
    }


def _where(one: Definition) -> str:
    if one.origin is None:
        return one.layer
    short = os.path.relpath(one.origin.file) if os.path.isabs(one.origin.file) else one.origin.file
    file = one.origin.file if short.startswith("..") else short
    return str(Origin(file, one.origin.line, one.origin.column))


def _value(value: Any) -> str:
    return json.dumps(unmarked(value), ensure_ascii=False)

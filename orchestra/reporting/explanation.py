"""An explanation as text for people and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from orchestra.model.explanation import PlaybookExplained, PlayExplained, Reason, StepExplained
from orchestra.model.origin import Origin
from orchestra.reporting.failures import place
from orchestra.reporting.fold import fold

_FOLD = 12


def as_text(playbooks: Sequence[PlaybookExplained], base: str) -> str:
    """Plays with their hosts, tasks with who runs them, who does not and why."""
    return "\n".join(line for playbook in playbooks for play in playbook.plays for line in _play(play, base))


def _play(play: PlayExplained, base: str) -> Iterator[str]:
    hosts = fold(play.hosts, _FOLD) or "no host"
    yield f"{place(play.origin, base)}  play: {play.name}"
    yield f"  hosts: {play.pattern} -> {hosts}"
    for reason in play.left_out:
        yield f"  not {fold(reason.hosts, _FOLD)}: {reason.text}"
    for step in play.steps:
        yield from _step(step, play, base)
    yield ""


def _step(step: StepExplained, play: PlayExplained, base: str) -> Iterator[str]:
    kind = "handler" if step.handler else "task"
    yield f"  {place(step.origin, base)}  {kind}: {step.name}"
    everybody = step.runs == play.hosts
    if step.runs:
        verb = "may run" if any(note.startswith("only where") for note in step.notes) else "runs"
        yield f"      {verb} on {'all of them' if everybody and len(play.hosts) > 1 else fold(step.runs, _FOLD)}"
    for word, everybody_is, reasons in (("not on", "any", step.never), ("undecided on", "all", step.open)):
        for reason in reasons:
            who = everybody_is if reason.hosts == play.hosts else fold(reason.hosts, _FOLD)
            yield f"      {word} {who}: {reason.text}{_where(reason, step, base)}"
    for note in step.notes:
        yield f"      {note}"


def _where(reason: Reason, step: StepExplained, base: str) -> str:
    if reason.origin is None or place(reason.origin) == place(step.origin):
        return ""
    return f" ({place(reason.origin, base)})"


def as_json(playbooks: Sequence[PlaybookExplained]) -> str:
    """The same as data; places as file, line and column."""
    return json.dumps([_playbook(one) for one in playbooks], indent=2)


def _playbook(playbook: PlaybookExplained) -> dict[str, Any]:
    return {"playbook": playbook.path, "plays": [_play_data(play) for play in playbook.plays]}


def _play_data(play: PlayExplained) -> dict[str, Any]:
    return {
        "play": play.name, **_place(play.origin), "pattern": play.pattern, "hosts": list(play.hosts),
        "left_out": [_reason(one) for one in play.left_out], "steps": [_step_data(step) for step in play.steps],
    }  # fmt: skip


def _step_data(step: StepExplained) -> dict[str, Any]:
    return {
        "name": step.name, "action": step.action, "handler": step.handler, **_place(step.origin),
        "tags": list(step.tags), "runs": list(step.runs), "never": [_reason(one) for one in step.never],
        "open": [_reason(one) for one in step.open], "notes": list(step.notes),
    }  # fmt: skip


def _reason(reason: Reason) -> dict[str, Any]:
    return {"hosts": list(reason.hosts), "reason": reason.text, **_place(reason.origin)}


def _place(origin: Origin | None) -> dict[str, Any]:
    return {"file": origin.file, "line": origin.line, "column": origin.column} if origin is not None else {}

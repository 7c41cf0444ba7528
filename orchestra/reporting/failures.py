"""Failures as people need them: grouped, with the place, the cause, the source line and the command to try again."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from orchestra.errors import excerpt
from orchestra.model.event import RunFailed
from orchestra.model.origin import Origin
from orchestra.model.outcome import Outcome, Status
from orchestra.model.record import record
from orchestra.reporting.explain import causes_of
from orchestra.reporting.fold import fold
from orchestra.reporting.results import is_censored
from orchestra.reporting.screen import Piece

WORDS: Mapping[Status, str] = {
    Status.FAILED: "FAILED",
    Status.UNREACHABLE: "UNREACHABLE",
    Status.LOST: "LOST",
}
_ROLES: Mapping[Status, str] = {Status.UNREACHABLE: "unreachable", Status.LOST: "unreachable"}
_LEADS = ("Task failed: ", "Module failed: ", "Action failed: ")
#: Lines of a program's error output that a report repeats.
_OUTPUT_LINES = 8
#: Hosts that still make a readable command line.
_MAX_LIMIT = 40


def cause(outcome: Outcome) -> str:
    """One sentence (or few lines) about why ``outcome`` is not good; programs' last words included."""
    if is_censored(outcome):
        return "hidden by no_log"
    if outcome.looped and not outcome.causes:
        failed = [item for item in outcome.result.get("results") or () if isinstance(item, Mapping)]
        words = [_sentence(item) for item in failed if item.get("failed") or item.get("unreachable")]
        return "; ".join(dict.fromkeys(words)) or str(outcome.result.get("msg", ""))
    causes = causes_of(outcome)
    return _said(causes[-1].message if causes else "", outcome.result)


def _sentence(result: Mapping[str, Any]) -> str:
    text = _said(str(result.get("msg") or ""), result)
    return f"item {result['item']}: {text}" if "item" in result else text


def _said(text: str, result: Mapping[str, Any]) -> str:
    for lead in _LEADS:
        text = text.removeprefix(lead)
    if result.get("rc") in (None, 0):
        return text
    words = str(result.get("stderr") or result.get("stdout") or result.get("module_stderr") or "").strip()
    tail = "\n".join(words.splitlines()[-_OUTPUT_LINES:])
    return f"{text} (exit {result['rc']})" + (f": {tail}" if tail else "")


def place(origin: Origin | None, base: str = "") -> str:
    """``file:line`` as short as it can be from the folder ``base``."""
    if origin is None or not origin.file:
        return ""
    path = origin.file
    if base and os.path.isabs(path):
        relative = os.path.relpath(path, base)
        path = path if relative.startswith("..") else relative
    return f"{path}:{origin.line}" if origin.line else path


@record
class FailureGroup:
    """Hosts that failed at the same task for the same reason; ``first`` stands for all."""

    first: Outcome
    cause: str
    hosts: tuple[str, ...]


def group(outcomes: Iterable[Outcome]) -> list[FailureGroup]:
    """Group equal failures, in the order of their first appearance."""
    found: dict[tuple[int, Status, str], list[Outcome]] = {}
    for outcome in outcomes:
        found.setdefault((outcome.task.id, outcome.status, cause(outcome)), []).append(outcome)
    return [
        FailureGroup(members[0], key[2], tuple(member.host for member in members)) for key, members in found.items()
    ]


def report(outcomes: Sequence[Outcome], base: str = "") -> Iterator[list[Piece]]:
    """The lines of the report, failures first, then hosts that could not be reached or were lost."""
    order = list(WORDS)
    for found in sorted(group(outcomes), key=lambda one: (order.index(one.first.status), one.first.task.id)):
        yield from _group_lines(found, base)


def _group_lines(found: FailureGroup, base: str) -> Iterator[list[Piece]]:
    outcome = found.first
    role = _ROLES.get(outcome.status, "error")
    head = f"{WORDS[outcome.status]} {len(found.hosts)}"
    where = place(outcome.task.origin, base)
    yield [(head, role), (f"  {where}  {outcome.task.name}   {fold(found.hosts, 12)}", "")]
    for line in found.cause.splitlines() or [""]:
        yield [(f"  {line}", role)]
    origin = deepest_origin(outcome)
    if origin is not None:
        if place(origin) != place(outcome.task.origin):
            yield [(f"  at {place(origin, base)}", "")]
        yield from ([(f"  {line}", "")] for line in _source(outcome, origin))
    for hint in hints_of(outcome):
        yield [(f"  hint: {hint}", "")]


def _source(outcome: Outcome, origin: Origin) -> list[str]:
    return [] if is_censored(outcome) else excerpt(origin).splitlines()


def deepest_origin(outcome: Outcome) -> Origin | None:
    """Where the fault itself stands; the task when nothing more is known."""
    places = [one.origin for one in outcome.causes if one.origin is not None]
    return outcome.origin or (places[-1] if places else outcome.task.origin)


def hints_of(outcome: Outcome) -> list[str]:
    """What to do about a failure, each advice once; nothing where ``no_log`` hides the cause."""
    if is_censored(outcome):
        return []
    hints = [outcome.hint, *(one.hint for one in outcome.causes)]
    return list(dict.fromkeys(hint for hint in hints if hint))


def fault_lines(fault: RunFailed, base: str = "") -> list[str]:
    """What ended a run as a whole: the sentence, its place with the source line, the advice."""
    where = [f"  at {place(fault.origin, base)}"] if fault.origin is not None else []
    source = [f"  {line}" for line in excerpt(fault.origin).splitlines()]
    advice = [f"  hint: {fault.hint}"] if fault.hint else []
    return [*f"error: {fault.message}".splitlines(), *where, *source, *advice]


def retry_command(command: Sequence[str], hosts: Iterable[str]) -> str:
    """``command`` (program and arguments) with its limit replaced by ``hosts``; "" when that would be unreadable."""
    names = sorted(set(hosts))
    if not command or not names or len(names) > _MAX_LIMIT:
        return ""
    return shlex.join([*_without_limit(command), "--limit", ",".join(names)])


def _without_limit(command: Sequence[str]) -> Iterator[str]:
    skip = False
    for word in command:
        if skip:
            skip = False
        elif word in ("-l", "--limit"):
            skip = True
        elif not word.startswith(("--limit=", "-l")):
            yield word

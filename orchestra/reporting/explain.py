"""Why something failed, in the block form of Ansible 2.19: sentences, places, source lines, causes below causes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from orchestra.model.origin import Origin
from orchestra.model.outcome import Cause, Outcome, Status

_LINES_BEFORE = 2
_MAX_WIDTH = 120
_CUT = "..."
_CAUSED_BY = "\n<<< caused by >>>\n\n"
#: Actions that fail on the controller rather than in a module.
_CONTROLLER_ACTIONS = frozenset(
    {"fail", "assert", "debug", "set_fact", "set_stats", "include_vars", "add_host", "group_by", "pause"}
    | {"validate_argument_spec", "wait_for_connection"}
)


def causes_of(outcome: Outcome) -> tuple[Cause, ...]:
    """The causes of a failure; made from the result's ``msg`` when the engine named none."""
    if outcome.causes:
        head = (
            () if outcome.causes[0].message.startswith("Task failed") else (Cause("Task failed.", outcome.task.origin),)
        )
        return (*head, *outcome.causes)
    if outcome.looped or outcome.status not in (Status.FAILED, Status.UNREACHABLE, Status.LOST):
        return ()
    return tuple(_derived(outcome, str(outcome.result.get("msg") or "")))


def _derived(outcome: Outcome, message: str) -> Iterator[Cause]:
    yield Cause("Task failed.", outcome.task.origin)
    if message.startswith("Task failed: "):
        yield Cause(message.removeprefix("Task failed: "), outcome.origin, outcome.hint)
    elif outcome.status is not Status.FAILED:
        yield Cause(message, None, outcome.hint)
    else:
        judged = "failed_when_result" in outcome.result or outcome.task.action.rpartition(".")[2] in _CONTROLLER_ACTIONS
        kind = "Action" if judged else "Module"
        yield Cause(f"{kind} failed: {message}" if message else f"{kind} failed.", outcome.origin, outcome.hint)


def brief(causes: Sequence[Cause]) -> str:
    """One sentence from all causes: ``Task failed: Module failed: non-zero return code``."""
    return _joined([cause.message for cause in causes])


def block(causes: Sequence[Cause]) -> str:
    """The whole explanation. A text of many lines ends with an empty line."""
    segments = list(_segments(causes))
    if len(segments) > 1:
        segments = [f"{brief(causes)}\n\n{segments[0]}", *segments[1:]]
    text = _CAUSED_BY.join(segments).strip()
    return f"{text}\n\n" if "\n" in text else text


def _segments(causes: Sequence[Cause]) -> Iterator[str]:
    """Causes that add no place or advice of their own join the one above them."""
    start = 0
    while start < len(causes):
        end = start + 1
        while end < len(causes) and _adds_nothing(causes[end], causes[start]):
            end += 1
        message = _joined([cause.message for cause in causes[start:end]])
        yield "\n".join(_lines(message, causes[start])) + "\n"
        start = end


def _adds_nothing(inner: Cause, outer: Cause) -> bool:
    if inner.origin is None and not inner.hint:
        return True
    return inner.origin == outer.origin and inner.hint == outer.hint


def _lines(message: str, cause: Cause) -> list[str]:
    if cause.hint and cause.origin is None and "\n" not in message + cause.hint:
        return [f"{message} {cause.hint}"]
    lines = [message]
    if cause.origin is not None:
        lines.append(context(cause.origin))
    if cause.hint:
        lines += ["", cause.hint]
    return lines


def _joined(messages: Sequence[str]) -> str:
    """``a: b: c``; a message that already ends with the next one swallows it."""
    text = messages[-1]
    for message in reversed(messages[:-1]):
        text = message if message.endswith(text) else f"{message.rstrip('. ')}: {text}"
    return text


def context(origin: Origin) -> str:
    """``Origin: file:line:column`` and the source lines down to it, the place marked."""
    head = f"Origin: {origin}"
    lines = _annotated(origin) if origin.line else []
    return "\n".join([head, "", *lines] if lines else [head])


def _annotated(origin: Origin) -> list[str]:
    first = max(0, origin.line - 1 - _LINES_BEFORE)
    try:
        with open(origin.file, encoding="utf-8") as source:
            if source.readline().startswith("$ANSIBLE_VAULT"):
                return ["(source not shown: content encrypted)"]
            source.seek(0)
            lines = [line.rstrip("\n").replace("\t", " ") for line in islice(source, first, origin.line)]
    except (OSError, UnicodeDecodeError) as problem:
        return [f"(source not shown: {type(problem).__name__})"]
    if len(lines) != origin.line - first:
        return ["(source not shown: file truncated)"]
    return _marked(lines, first + 1, origin)


def _marked(lines: list[str], first: int, origin: Origin) -> list[str]:
    gutter = len(str(origin.line))
    room = _MAX_WIDTH - gutter - 1
    shown = [line if len(line) <= room else line[: room - len(_CUT)] + _CUT for line in lines]
    usable = room - len(_CUT) if any(len(line) > room for line in lines) else room
    text = [f"{number:>{gutter}}{' ' if line else ''}{line}" for number, line in enumerate(shown, first)]
    if not origin.column:
        return [*text, f"{' ' * gutter} {'^' * len(shown[-1])}"]
    if origin.column > usable:
        return text
    return [*text, f"{' ' * gutter} {_pointer(origin.column, room)}"]


def _pointer(column: int, room: int) -> str:
    label = f"column {column}"
    before = column - 1
    if before + 2 + len(label) > room:
        return f"{' ' * (before - len(label) - 1)}{label} ^"
    return f"{' ' * before}^ {label}"

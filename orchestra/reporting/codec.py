"""Events to JSON-like data and back: what ``--output json`` prints, what a store keeps, what can be shown again.

docs/output.md describes the form. Fields that have their usual value are left out; places are ``file:line:column``.
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from orchestra.model import event as events
from orchestra.model.event import Event, ItemFinished, RunFinished, TaskFinished
from orchestra.model.origin import Origin
from orchestra.model.outcome import HostTotals, Outcome
from orchestra.reporting.dispatch import event_name
from orchestra.reporting.results import CENSORED_ITEM, is_censored, shown_result, without_internal_keys

#: Field names that read better in data than in code.
_NAMES = {"origin": "path", "label": "item", "exit_code": "exit", "totals": "hosts"}
#: Always there, so that readers need no defaults.
_ALWAYS = frozenset({"exit", "hosts", "status", "result", *(field.name for field in fields(HostTotals))})
_KINDS: Mapping[str, type] = {event_name(kind): kind for kind in get_args(events.Event)}
_SUMMARY = "run_summary"


def encode(event: Event) -> Iterator[dict[str, Any]]:
    """The data of one event; the end of a run is two: its summary, then exit status and hosts alone."""
    name = event_name(type(event))
    if isinstance(event, (TaskFinished, ItemFinished)):
        yield {"event": name, **_plain(_shown(event.outcome))}
    elif isinstance(event, RunFinished):
        data = _plain(event)
        last = {key: data.pop(key) for key in ("exit", "hosts")}
        yield {"event": _SUMMARY, **data, "failures": [_plain(_shown(outcome)) for outcome in event.failures]}
        yield {"event": name, **last}
    else:
        yield {"event": name, **_plain(event)}


def decode(lines: Iterable[Mapping[str, Any]]) -> Iterator[Event]:
    """The events that ``encode`` made ``lines`` of. Raises KeyError for an event that is not known."""
    summary: Mapping[str, Any] = {}
    for line in lines:
        data = {key: value for key, value in line.items() if key not in ("event", "time") or key in _own_names(line)}
        if line["event"] == _SUMMARY:
            summary = data
            continue
        kind = _KINDS[line["event"]]
        if kind in (TaskFinished, ItemFinished):
            yield kind(_object(Outcome, data))
        else:
            yield _object(kind, {**summary, **data} if kind is RunFinished else data)


def _own_names(line: Mapping[str, Any]) -> tuple[str, ...]:
    """``time`` is a stamp that the writer adds, but a run's start has one of its own."""
    return ("time",) if line["event"] == "run_started" else ()


def _shown(outcome: Outcome) -> Outcome:
    """The outcome without what ``no_log`` hides and without internal keys."""
    from dataclasses import replace

    if is_censored(outcome):
        label = CENSORED_ITEM if outcome.label is not None else None
        return replace(outcome, result=shown_result(outcome), diff=(), label=label, causes=(), hint="", extra={})
    return replace(outcome, result=without_internal_keys(outcome.result), extra={})


def _plain(value: Any) -> Any:
    if isinstance(value, Origin):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value):
        return _record(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _record(value: Any) -> dict[str, Any]:
    record = {}
    for field in fields(value):
        content, name = getattr(value, field.name), _NAMES.get(field.name, field.name)
        default = field.default_factory() if field.default_factory is not MISSING else field.default
        if name in _ALWAYS or content != default:
            record[name] = _plain(content)
    return record


@cache
def _shape(kind: type) -> dict[str, tuple[str, Any]]:
    """Name in data -> name and type of the field."""
    hints = get_type_hints(kind)
    return {_NAMES.get(field.name, field.name): (field.name, hints[field.name]) for field in fields(kind)}


def _object(kind: type, data: Mapping[str, Any]) -> Any:
    shape = _shape(kind)
    return kind(**{shape[name][0]: _typed(shape[name][1], value) for name, value in data.items() if name in shape})


def _typed(kind: Any, value: Any) -> Any:
    outer, inner = get_origin(kind), get_args(kind)
    if outer in (Union, types.UnionType):
        return None if value is None else _typed(inner[0], value)
    if outer is tuple:
        each = [inner[0]] * len(value) if inner[-1] is Ellipsis else inner
        return tuple(_typed(one, item) for one, item in zip(each, value, strict=True))
    if outer is not None and issubclass(outer, Mapping):
        return {key: _typed(inner[1], item) for key, item in value.items()}
    if kind is Origin:
        return _place(value)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    return _object(kind, value) if is_dataclass(kind) and isinstance(kind, type) else value


def _place(text: str) -> Origin:
    match = re.fullmatch(r"(.*?)(?::(\d+))?(?::(\d+))?", text)
    assert match is not None
    return Origin(match[1], int(match[2] or 0), int(match[3] or 0))

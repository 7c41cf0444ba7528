"""How an effect's undo travels: records that name an effect and its arguments, and the plan that replays them.

A record is {"effect": "module:Class", "args": {...}}; one task's undo is a list of {"undo": [records], "guard": ...} in
the order in which the task did things. The guard says what the task left; where that has changed since, undo refuses.
This file has the shape of a module (Options, plan), so a replay is a request like any other.
"""

import sys

from orchestra.runner import wire
from orchestra.runner.effects import Effect
from orchestra.runner.options import List, option
from orchestra.runner.system import Failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import Any

    from orchestra.runner.system import System


class Options:
    """What the replay takes."""

    steps = option(List, "The recorded steps of one task, oldest first.", required=True)


def pack(effect: "Effect", undo: "list[Effect]", system: "System") -> "dict[str, Any]":
    """One step for JSON: what takes `effect` back, and what it will have left."""
    leaves = getattr(effect, "leaves", None)
    guard = leaves(system) if leaves is not None else None
    return {"undo": [_record(one) for one in undo], "guard": guard}


def recorder(outlet: "int", number: "int", system: "System") -> "Callable[[Effect, list[Effect]], None]":
    """Sends what undo needs before the effect is applied, so that a crash does not lose it."""
    return lambda effect, undo: wire.send(outlet, wire.UNDO, number, pack(effect, undo, system))


def _record(effect: "Effect") -> "dict[str, Any]":
    cls = type(effect)
    args = {name: _pack_value(value) for name, value in effect.record().items()}
    return {"effect": "{}:{}".format(cls.__module__, cls.__name__), "args": args}


def _pack_value(value: "Any") -> "Any":
    return {"bytes": value.decode("latin-1")} if isinstance(value, bytes) else value


def _unpack_value(value: "Any") -> "Any":
    if isinstance(value, dict) and set(value) == {"bytes"}:
        return value["bytes"].encode("latin-1")
    return value


def unpack(record: "dict[str, Any]") -> "Effect":
    """The effect that a record names; only from our own runner rooms."""
    where, _, name = record["effect"].partition(":")
    if not where.startswith("orchestra.runner."):
        raise Failed("an undo record names the effect {!r}, which is not ours".format(record["effect"]))
    __import__(where)
    cls = getattr(sys.modules[where], name)
    if not (isinstance(cls, type) and issubclass(cls, Effect)):
        raise Failed("an undo record names {!r}, which is not an effect".format(record["effect"]))
    return cls(**{key: _unpack_value(value) for key, value in record["args"].items()})


def plan(options: "Any", system: "System") -> "Generator[Effect, Any, dict[str, Any]]":
    """Take the steps back, latest first; refuse before anything is touched where something has changed since."""
    newest = {}  # type: dict[str, Any]
    for step in options.steps:
        if step.get("guard"):
            newest[step["guard"]["path"]] = step["guard"]["sha1"]
    for path, digest in newest.items():
        _verify(system, path, digest)
    count = 0
    for step in reversed(options.steps):
        for record in step["undo"]:
            count += 1
            yield unpack(record)
    return {"undone": count}


def _verify(system: "System", path: "str", digest: "str | None") -> "None":
    found = system.stat(path)
    if digest is None:
        if found is not None:
            raise Failed("{} exists again; undo would overwrite it".format(path), path=path)
    elif found is None or found.kind != "file" or system.digest(path) != digest:
        raise Failed("{} has changed since; undo would lose that change".format(path), path=path)

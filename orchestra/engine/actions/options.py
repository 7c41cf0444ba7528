"""Checks the options of a controller-side action: unknown names, missing ones, with the nearest that exist."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from orchestra.engine.context import TaskContext
from orchestra.errors import OptionError, nearest


def checked(context: TaskContext, known: Mapping[str, Any], required: Iterable[str] = ()) -> dict[str, Any]:
    """The action's options with their defaults.

    Raises:
        OptionError: one is unknown, or one is missing; located.
    """
    values = dict(known)
    for name, value in context.args.items():
        if name not in known:
            close = nearest(str(name), known)
            raise OptionError(
                f"Unsupported parameters for ({context.task.action}) module: {name}.",
                origin=option_origin(context, name),
                hint=f"did you mean {close[0]}?" if close else f"it takes {', '.join(sorted(known))}",
            )
        values[name] = value
    missing = [name for name in required if values[name] is None]
    if missing:
        raise OptionError(f"{context.task.action} needs {', '.join(missing)}", origin=context.task.origin)
    return values


def option_origin(context: TaskContext, name: object) -> Any:
    """Where an option stands in the user's file, else where the task does."""
    places = getattr(context.task.args, "key_origins", {})
    return places.get(name) or context.task.origin

"""The items of `loop:` and `with_*`, the variables that each of them brings, its label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from orchestra.engine.words import holds, number_of, value_of
from orchestra.errors import LanguageError, OrchestraError
from orchestra.language.reserved import is_variable_name, name_fault
from orchestra.model.play import Task
from orchestra.model.record import record

if TYPE_CHECKING:
    from orchestra.templating.scope import Scope


@record
class LoopItems:
    """The items of one loop on one host, and the names they go by."""

    values: Sequence[Any]
    name: str
    index_name: str = ""
    #: Seconds between two items.
    pause: float = 0
    extended: bool = False
    with_all_items: bool = True


def loop_items(task: Task, scope: Scope) -> LoopItems:
    """Render a task's loop.

    Raises:
        TemplateError: something in it is undefined.
        LanguageError: it is not a list.
    """
    assert task.loop is not None
    control = task.loop_control
    values = _values(task, scope)
    name = str(value_of(scope, control.loop_var) or "item")
    if not is_variable_name(name):
        raise LanguageError(name_fault(name), origin=task.key_origins.get("loop_control", task.origin))
    return LoopItems(
        values,
        name,
        str(value_of(scope, control.index_var) or ""),
        number_of(scope, control.pause, 0, "loop_control", task),
        holds(scope, control.extended),
        holds(scope, control.extended_allitems),
    )


def _values(task: Task, scope: Scope) -> Sequence[Any]:
    loop = task.loop
    assert loop is not None
    if loop.lookup is not None:
        return list(scope.run_lookup(loop.lookup, loop.value, **_lookup_options(loop.lookup, task.action)))
    values = scope.render(loop.value)
    if isinstance(values, (list, tuple)):
        return values
    raise LanguageError(
        f"the loop's value must be a list, this is {_kind(values)}: {str(values)[:60]!r}",
        origin=loop.origin or task.origin,
        hint="turn a mapping into a list with '| dict2items', or wrap a single value in [ ]",
    )


def _lookup_options(lookup: str, action: str) -> dict[str, Any]:
    """``with_first_found`` looks where the task's own files are: templates, variables or files."""
    if lookup.rpartition(".")[2] != "first_found":
        return {}
    return {"kind": "templates" if "template" in action else "vars" if "var" in action else "files"}


def _kind(value: Any) -> str:
    if isinstance(value, Mapping):
        return "a mapping"
    return "a text" if isinstance(value, str) else f"{type(value).__name__}"


def item_variables(items: LoopItems, index: int, value: Any) -> dict[str, Any]:
    """What an item's turn adds to the variables."""
    variables: dict[str, Any] = {items.name: value, "ansible_loop_var": items.name}
    if items.index_name:
        variables[items.index_name] = index
        variables["ansible_index_var"] = items.index_name
    if items.extended:
        variables["ansible_loop"] = _extended(items, index)
    return variables


def _extended(items: LoopItems, index: int) -> dict[str, Any]:
    count = len(items.values)
    loop: dict[str, Any] = {
        "index": index + 1,
        "index0": index,
        "first": index == 0,
        "last": index + 1 == count,
        "length": count,
        "revindex": count - index,
        "revindex0": count - index - 1,
    }
    if items.with_all_items:
        loop["allitems"] = list(items.values)
    if index + 1 < count:
        loop["nextitem"] = items.values[index + 1]
    if index:
        loop["previtem"] = items.values[index - 1]
    return loop


def label_of(task: Task, scope: Scope, value: Any) -> str:
    """How an item is shown. Raises TemplateError."""
    label = task.loop_control.label
    shown = value if label is None else scope.render(label)
    return shown if isinstance(shown, str) else str(shown)


def early_label_of(task: Task, scope: Scope, value: Any) -> str:
    """How an item is shown while it is under way: its label may need what only its result will tell."""
    try:
        return label_of(task, scope, value)
    except OrchestraError:
        return str(value)

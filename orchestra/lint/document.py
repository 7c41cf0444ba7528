"""One YAML file as text and nodes, and the tasks in it. Knows where everything stands, and no rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from orchestra.language.keywords import KEYWORDS
from orchestra.language.tasks import short_name
from orchestra.lint.finding import Edit, Finding
from orchestra.model.origin import Origin

_SECTIONS = ("pre_tasks", "tasks", "post_tasks", "handlers")
_BLOCKS = ("block", "rescue", "always")


@dataclass(frozen=True, slots=True)
class TaskNode:
    """A task or handler: its mapping, the key that names its module (None for a block), what its module gets."""

    node: MappingNode
    handler: bool
    key: ScalarNode | None = None
    value: Node | None = None

    @property
    def action(self) -> str:
        """The module's short name, empty for a block."""
        return short_name(str(self.key.value)) if self.key is not None else ""

    def get(self, name: str) -> Node | None:
        """The value of a keyword."""
        return get(self.node, name)

    def options(self) -> dict[str, Node]:
        """The module's options where they are a mapping; those of ``args`` too."""
        found = mapping(self.value)
        return {**mapping(self.get("args")), **found}

    def free_form(self) -> str:
        """The module's text, where it is one."""
        return str(self.value.value) if isinstance(self.value, ScalarNode) else ""

    def option_text(self, name: str) -> str | None:
        """A plain option's text, from a mapping or from ``k=v`` words."""
        node = self.options().get(name)
        if isinstance(node, ScalarNode):
            return str(node.value)
        for word in self.free_form().split():
            key, equals, value = word.partition("=")
            if equals and key == name:
                return value.strip("'\"")
        return None


def get(node: Node | None, name: str) -> Node | None:
    """The value of a key of a mapping node."""
    return mapping(node).get(name)


def mapping(node: Node | None) -> dict[str, Node]:
    """A mapping node's values by the text of their keys."""
    if not isinstance(node, MappingNode):
        return {}
    return {str(key.value): value for key, value in node.value if isinstance(key, ScalarNode)}


def items(node: Node | None) -> list[Any]:
    """The members of a sequence node."""
    return list(node.value) if isinstance(node, SequenceNode) else []


def texts(node: Node | None) -> list[ScalarNode]:
    """A scalar, or the scalars of a list."""
    if isinstance(node, ScalarNode):
        return [node]
    return [one for one in items(node) if isinstance(one, ScalarNode)]


def scalars(node: Node | None) -> Iterator[ScalarNode]:
    """Every scalar below a node that is no key, in order; anchors that are used again once."""
    seen: set[int] = set()

    def below(one: Node | None) -> Iterator[ScalarNode]:
        if one is None or id(one) in seen:
            return
        seen.add(id(one))
        if isinstance(one, ScalarNode):
            yield one
        elif isinstance(one, SequenceNode):
            for member in one.value:
                yield from below(member)
        elif isinstance(one, MappingNode):
            for _, value in one.value:
                yield from below(value)

    return below(node)


def is_template(node: Node | None) -> bool:
    """Whether a scalar holds a template."""
    return isinstance(node, ScalarNode) and ("{{" in node.value or "{%" in node.value)


@dataclass(frozen=True)
class Document:
    """A file: its kind is ``playbook``, ``tasks``, ``handlers``, ``vars`` or ``other``."""

    path: str
    kind: str
    text: str
    root: Node | None
    #: The folder of the role that it belongs to; empty for none.
    role: str = ""

    @cached_property
    def lines(self) -> list[str]:
        """The file's lines without their ends."""
        return self.text.splitlines()

    @cached_property
    def tasks(self) -> list[TaskNode]:
        """All tasks, handlers and blocks, in order."""
        if self.kind == "playbook":
            return [task for play in self.plays for name in _SECTIONS for task in _tasks(get(play, name), name)]
        return list(_tasks(self.root, self.kind)) if self.kind in ("tasks", "handlers") else []

    @cached_property
    def plays(self) -> list[MappingNode]:
        """The plays of a playbook."""
        return [one for one in items(self.root) if isinstance(one, MappingNode)] if self.kind == "playbook" else []

    def origin(self, node: Node) -> Origin:
        """Where a node starts."""
        return Origin(self.path, node.start_mark.line + 1, node.start_mark.column + 1)

    def source(self, node: Node) -> str:
        """A node as it is written. Of a plain or quoted scalar exactly; of others with what follows up to the next."""
        return self.text[node.start_mark.index : node.end_mark.index]

    def finding(self, rule: str, node: Node, message: str, *edits: Edit, task: TaskNode | None = None) -> Finding:
        """A finding at a node; a ``# noqa`` on its line or on the first of its task silences it."""
        lines = [node.start_mark.line + 1]
        if task is not None:
            lines.append(task.node.start_mark.line + 1)
            if task.key is not None:
                lines.append(task.key.start_mark.line + 1)
        return Finding(rule, message, self.origin(node), edits, tuple(lines))


def replace(node: Node, text: str) -> Edit:
    """The edit that writes a plain or quoted scalar anew."""
    return Edit(node.start_mark.index, node.end_mark.index, text)


def _tasks(node: Node | None, section: str) -> Iterator[TaskNode]:
    handler = section == "handlers"
    for one in items(node):
        if not isinstance(one, MappingNode):
            continue
        parts = [get(one, part) for part in _BLOCKS]
        if parts[0] is not None:
            yield TaskNode(one, handler)
            for part in parts:
                yield from _tasks(part, section)
        else:
            yield _task(one, handler)


def _task(node: MappingNode, handler: bool) -> TaskNode:
    for key, value in node.value:
        if isinstance(key, ScalarNode) and _is_module(str(key.value)):
            return TaskNode(node, handler, key, value)
    return TaskNode(node, handler)


def _is_module(name: str) -> bool:
    return (
        name not in KEYWORDS
        and not name.startswith("with_")
        and name not in ("action", "local_action", "args", "block")
    )

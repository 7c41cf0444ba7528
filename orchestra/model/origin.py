"""Where a value stands in the user's files, and the containers that remember it.

Every loader returns these types, so that any error can point at the line. They know nothing of YAML.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from orchestra.model.record import record
from orchestra.model.secret import Sealed


@record
class Origin:
    """A place in a file: 1-based line and column; 0 means unknown."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if not self.line:
            return self.file
        return f"{self.file}:{self.line}:{self.column}" if self.column else f"{self.file}:{self.line}"


class TemplateText(str):
    """Project text that holds template marks; the only type that is ever rendered.

    Loaders make it, and nothing else does: text that came from a host stays ``str`` for ever.
    """

    __slots__ = ("origin",)
    origin: Origin | None

    def __new__(cls, text: str, origin: Origin | None = None) -> TemplateText:
        """Mark ``text``, read at ``origin``, as a template of the project's own."""
        self = super().__new__(cls, text)
        self.origin = origin
        return self

    def __reduce__(self) -> tuple[type[TemplateText], tuple[str, Origin | None]]:
        return TemplateText, (str(self), self.origin)


class ProjectText(str):
    """Project text without template marks. It is data; but where a name stands for an expression
    (``when: "{{ ready }}"``) only such text is ever evaluated.

    The same loaders make it as make ``TemplateText``. It keeps its type as long as it is handed on whole: by set_fact,
    loops, results, includes. What is computed from it is plain ``str``.
    """

    __slots__ = ()


ProjectText.__name__ = "str"  # what people know it as: errors about options name the type of what was given


class UnsafeText(str):
    """Project text that says of itself that it is data (``!unsafe``): never a template, never a condition."""

    __slots__ = ()


class LocatedDict(dict[Any, Any]):
    """A mapping read from a file: where it starts, where each key and each value stands.

    ``templated`` is true when a template is somewhere inside, so that plain data costs nothing to render.
    """

    __slots__ = ("key_origins", "origin", "templated", "value_origins")

    def __init__(
        self,
        items: Mapping[Any, Any] | Iterable[tuple[Any, Any]] = (),
        *,
        origin: Origin | None = None,
        key_origins: Mapping[Any, Origin] | None = None,
        value_origins: Mapping[Any, Origin] | None = None,
        templated: bool | None = None,
    ) -> None:
        super().__init__(items)
        self.origin = origin
        self.key_origins: Mapping[Any, Origin] = {} if key_origins is None else key_origins
        self.value_origins: Mapping[Any, Origin] = {} if value_origins is None else value_origins
        self.templated = (
            any(is_templated(key) or is_templated(value) for key, value in self.items())
            if templated is None
            else templated
        )


class LocatedList(list[Any]):
    """A sequence read from a file; ``item_origins`` runs beside the items."""

    __slots__ = ("item_origins", "origin", "templated")

    def __init__(
        self,
        items: Iterable[Any] = (),
        *,
        origin: Origin | None = None,
        item_origins: tuple[Origin, ...] = (),
        templated: bool | None = None,
    ) -> None:
        super().__init__(items)
        self.origin = origin
        self.item_origins = item_origins
        self.templated = any(map(is_templated, self)) if templated is None else templated


def is_templated(value: object) -> bool:
    """Say whether rendering could change ``value``: a template, or a sealed value to open, is somewhere inside."""
    kind = type(value)
    if kind is str or kind is ProjectText or kind is int or kind is bool or value is None:
        return False
    if kind is TemplateText:
        return True
    if isinstance(value, (LocatedDict, LocatedList)):
        return value.templated
    if isinstance(value, dict):
        return any(is_templated(item) for pair in value.items() for item in pair)
    if isinstance(value, (list, tuple)):
        return any(map(is_templated, value))
    return isinstance(value, (TemplateText, Sealed))


def origin_of(value: object) -> Origin | None:
    """The origin that ``value`` itself carries, if any."""
    origin = getattr(value, "origin", None)
    return origin if isinstance(origin, Origin) else None

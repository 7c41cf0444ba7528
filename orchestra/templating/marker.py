"""Values that stand for "there is none": an undefined variable, or one whose own template failed.

A marker travels through a template until something uses it; only then it is an error, so that ``default`` and
``is defined`` can deal with it first. It remembers where it was born. It knows nothing of scopes or files.
"""

from __future__ import annotations

import sys
from typing import Any, NoReturn

from jinja2 import StrictUndefined, UndefinedError
from jinja2.utils import missing

from orchestra.errors import OrchestraError
from orchestra.model.origin import Origin
from orchestra.model.secret import Sealed

#: How many frames are looked at for the template that made a marker; it is one of the nearest.
_FRAMES = 10


class Tripped(UndefinedError):
    """A marker was used as a value. Never leaves this package."""

    def __init__(self, marker: Marker) -> None:
        super().__init__(marker._undefined_message)
        self.marker = marker


class Marker(StrictUndefined):
    """An undefined variable, attribute or item. Attributes of it are it again; any other use raises Tripped."""

    __slots__ = ("_marker_born", "_marker_place", "_marker_through")

    _marker_born: tuple[Any, int] | None
    _marker_place: tuple[str, Origin | None] | None
    _marker_through: tuple[tuple[str, Origin | None], ...]

    def __init__(self, hint: str | None = None, obj: Any = missing, name: Any = None, exc: object = None) -> None:
        self._undefined_hint = hint
        self._undefined_obj = obj
        self._undefined_name = name
        self._marker_born = _birthplace()
        self._marker_place = None
        self._marker_through = ()

    def _undefined_exception(self, message: str) -> Exception:  # type: ignore[override]
        return Tripped(self)

    def __getattr__(self, name: str) -> Any:
        if name[:2] == "__" and name[-2:] == "__":
            raise AttributeError(name)
        return self

    def __getitem__(self, key: Any) -> Any:
        return self

    def __repr__(self) -> str:
        return self._marker_trip()

    def __iter__(self) -> NoReturn:
        self._marker_trip()

    def __format__(self, spec: str) -> str:
        return self._marker_trip()

    def _marker_trip(self) -> NoReturn:
        """Raise what using this value means."""
        raise self._undefined_exception("")


class Fault(Marker):
    """A variable whose template failed; using it raises the failure, whatever else it meets."""

    __slots__ = ("_marker_error", "_marker_sealed")

    def __init__(self, error: OrchestraError, sealed: Sealed | None = None) -> None:
        """``sealed``: the encrypted value that no password of the run opens."""
        super().__init__(hint=error.message)
        self._marker_error = error
        self._marker_sealed = sealed

    def _undefined_exception(self, message: str) -> Exception:  # type: ignore[override]
        return self._marker_error


MARKERS = frozenset((Marker, Fault))


def _birthplace() -> tuple[Any, int] | None:
    """The compiled template among the callers, and the line of its Python code; cheap, resolved only for an error."""
    frame = sys._getframe(2)
    for _ in range(_FRAMES):
        template = frame.f_globals.get("__jinja_template__")
        if template is not None:
            return template, frame.f_lineno
        if frame.f_back is None:
            break
        frame = frame.f_back
    return None


def place(marker: Marker, text: str, origin: Origin | None) -> Marker:
    """Say in which text a marker came to be, unless it is known; the innermost text says it first."""
    if marker._marker_place is None:
        marker._marker_place = (text, origin)
    return marker


def passed_through(marker: Marker, name: str, origin: Origin | None) -> Marker:
    """Note that a marker became the value of the variable ``name``."""
    if type(marker) is Marker:
        marker._marker_through = ((name, origin), *marker._marker_through)
    return marker

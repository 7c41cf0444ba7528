"""What stands between a template and each filter, test or function that it calls.

Undefined arguments pass through (so that ``default`` may come later), iterators become lists, what is derived from a
secret stays one, a failure names the plugin. Plugins of a project get copies: they cannot change anybody's variables.
"""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterator, KeysView, ValuesView
from typing import Any

from orchestra.errors import OrchestraError, TemplateError
from orchestra.model.origin import ProjectText
from orchestra.model.secret import Redactor
from orchestra.templating.faults import say
from orchestra.templating.finish import finish
from orchestra.templating.marker import MARKERS, Fault, Marker, Tripped
from orchestra.templating.secrets import ENCODERS, arguments, keep_secret

#: Filters and tests that deal with undefined values themselves.
TAKES_MARKERS = frozenset(
    (
        *("d", "default", "mandatory", "ternary", "type_debug", "defined", "undefined", "unvault", "vault_encrypted"),
        *("dump_object", "true_type"),
    )
)
_ITERATORS = (Iterator, ItemsView, KeysView, ValuesView, range)
_SETTLED = frozenset((str, ProjectText, int, float, bool, list, dict, type(None)))


def guard(func: Callable[..., Any], name: str, kind: str, redactor: Redactor, *, foreign: bool) -> Callable[..., Any]:
    """Wrap ``func``, known to templates as the ``kind`` (filter, test) ``name``.

    Raises (the returned callable): TemplateError.
    """
    title = name if foreign or "." in name else f"ansible.builtin.{name}"
    takes_markers = _accepts_markers(func, kind, name) if foreign else name.rpartition(".")[2] in TAKES_MARKERS
    encoder = name.rpartition(".")[2] in ENCODERS

    def guarded(*args: Any, **kwargs: Any) -> Any:
        if not takes_markers and not _MARKERS_APART(map(type, args)):
            return first_marker(args)
        if kwargs and not takes_markers and not _MARKERS_APART(map(type, kwargs.values())):
            return first_marker(tuple(kwargs.values()))
        try:
            if foreign:
                args, kwargs = tuple(map(_own, args)), {key: _own(value) for key, value in kwargs.items()}
            result = settled(func(*args, **kwargs))
        except Tripped as trip:
            return trip.marker
        except OrchestraError as error:
            raise named(error, kind, title) from error.__cause__
        except Exception as error:
            raise named(TemplateError(say(error)), kind, title) from error
        return keep_secret(result, arguments(args, kwargs), redactor, encoder) if redactor.seen else result

    pass_arg = getattr(func, "jinja_pass_arg", None)
    if pass_arg is not None:
        guarded.jinja_pass_arg = pass_arg  # type: ignore[attr-defined]
    return guarded


def _accepts_markers(func: Callable[..., Any], kind: str, name: str) -> bool:
    """What a project's plugin says of itself: that it deals with undefined values."""
    try:
        return bool(getattr(func, "accept_args_markers", False))
    except Exception as error:
        raise TemplateError(f"The {kind} plugin '{name}' failed to load: {say(error)}") from error


#: How an error begins that says already which plugin failed: ``map`` only passes on what its filter raised.
_NAMED = ("The filter plugin '", "The test plugin '", "The lookup plugin '")


def named(error: OrchestraError, kind: str, name: str) -> OrchestraError:
    """Say in an error of a plugin which one it was, in ansible-core's words; what has a place already says enough."""
    if type(error) is TemplateError and error.origin is None and not error.message.startswith(_NAMED):
        error.message = f"The {kind} plugin '{name}' failed: {error.message}"
    return error


_MARKERS_APART = MARKERS.isdisjoint


def first_marker(args: tuple[Any, ...]) -> Marker:
    """The first marker among the arguments; a Fault is raised."""
    for arg in args:
        if type(arg) is Fault:
            raise arg._marker_error
        if isinstance(arg, Marker):
            return arg
    raise AssertionError("called without a marker")


def settled(result: Any) -> Any:
    """A list for whatever can be walked through only once, or is a view."""
    if type(result) in _SETTLED:
        return result
    return list(result) if isinstance(result, _ITERATORS) else result


def _own(value: Any) -> Any:
    return finish(value) if isinstance(value, (dict, list, tuple)) else value

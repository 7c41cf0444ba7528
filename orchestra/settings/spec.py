"""How one setting is declared: a dataclass field that also says where its value may come from and what it is for.

From these declarations come reading, checking, the listing and the manual's page. Knows no particular setting.
"""

from __future__ import annotations

from dataclasses import MISSING, Field, field, fields
from typing import Any, TypeVar

from orchestra.model.record import record

T = TypeVar("T")
_SPEC = "spec"

#: How a text becomes a value: see ``values.convert``.
KINDS = ("bool", "int", "float", "str", "list", "path", "pathspec", "pathlist", "choice")


@record
class Spec:
    """One setting: Ansible's name for it, where it stands in a file, which environment variables give it."""

    name: str
    kind: str
    doc: str
    #: ``section.key`` places; when several are given the last one counts.
    places: tuple[str, ...] = ()
    #: Variables without their ORCHESTRA_/ANSIBLE_ prefix; those with a leading ``=`` have none.
    env: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    default: Any = None
    field: str = ""


def setting(
    name: str, kind: str, default: T, places: str, doc: str, *, env: str | None = None, choices: tuple[str, ...] = ()
) -> T:
    """Declare a field of Settings.

    ``places`` and ``env`` are words in one text. Without ``env`` the variable is the last place's key in capitals.
    """
    words = tuple(places.split())
    variables = tuple(env.split()) if env is not None else (words[-1].rpartition(".")[2].upper(),)
    spec = Spec(name, kind, doc, words, variables, choices, default)
    made: T = field(default=default, metadata={_SPEC: spec})
    return made


def specs_of(settings_type: type[Any]) -> dict[str, Spec]:
    """The declarations of a Settings class, by field name."""
    return {item.name: _named(item) for item in fields(settings_type) if _SPEC in item.metadata}


def _named(item: Field[Any]) -> Spec:
    spec: Spec = item.metadata[_SPEC]
    assert item.default is not MISSING
    return Spec(spec.name, spec.kind, spec.doc, spec.places, spec.env, spec.choices, spec.default, item.name)

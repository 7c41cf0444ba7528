"""A run's templar, and scopes over variables that are written down as in YAML."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from orchestra.model.origin import LocatedDict, LocatedList, Origin, ProjectText, TemplateText
from orchestra.model.secret import Redactor
from orchestra.templating.scope import Scope
from orchestra.templating.templar import Templar
from orchestra.testing.lookups import FolderLookups

HERE = Origin("here.yml", 1, 1)


def project(value: Any, origin: Origin = HERE) -> Any:
    """``value`` as the loaders would have made it from a file of the project."""
    if isinstance(value, str):
        marked = any(mark in value for mark in ("{{", "{%", "{#"))
        return TemplateText(value, origin) if marked else ProjectText(value)
    if isinstance(value, dict):
        return LocatedDict({key: project(item, origin) for key, item in value.items()}, origin=origin)
    if isinstance(value, list):
        return LocatedList([project(item, origin) for item in value], origin=origin)
    return value


@pytest.fixture
def redactor() -> Redactor:
    return Redactor()


@pytest.fixture
def templar(redactor: Redactor) -> Templar:
    return Templar(object(), redactor)


@pytest.fixture
def lookups(tmp_path: Path) -> FolderLookups:
    return FolderLookups(tmp_path)


MakeScope = Callable[..., Scope]


@pytest.fixture
def scope(templar: Templar, lookups: FolderLookups) -> MakeScope:
    """``scope({...})``: variables of the project; keyword arguments are host data, taken as they are."""

    def make(variables: Mapping[str, Any] | None = None, **host_data: Any) -> Scope:
        return templar.scope({**project(dict(variables or {})), **host_data}, lookups)

    return make


@pytest.fixture
def render(scope: MakeScope) -> Callable[..., Any]:
    """``render(text, {...})``: the value of one template."""

    def run(text: Any, variables: Mapping[str, Any] | None = None, **host_data: Any) -> Any:
        return scope(variables, **host_data).render(project(text))

    return run

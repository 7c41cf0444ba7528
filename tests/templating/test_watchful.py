"""Texts that a module calls deprecated are told of where they are used, and nowhere else."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from orchestra.model.deprecated import DeprecatedText
from orchestra.model.origin import Origin, TemplateText
from orchestra.model.secret import Redactor
from orchestra.templating.scope import Scope
from orchestra.templating.templar import Templar
from orchestra.testing.lookups import FolderLookups

HERE = Origin("play.yml", 3, 7)
THERE = Origin("hosts", 5, 1)
OLD = DeprecatedText("an old thing", {"msg": "old is old", "version": "9"})


@pytest.fixture
def watched(redactor: Redactor, lookups: FolderLookups) -> Scope:
    templar = Templar(SimpleNamespace(), redactor)
    templar.watch()
    result = {"old": OLD, "new": "x", "list": [{"old": OLD}, "y"]}
    return templar.scope({"result": result, "by": TemplateText("{{ result.old }}", THERE)}, lookups)


@pytest.mark.parametrize(
    ("text", "value", "told"),
    [
        ("{{ result.new }}", "x", None),
        ("{{ result.old }}", "an old thing", HERE),
        ("so {{ result['old'] }}", "so an old thing", HERE),
        ("{{ result.list[1] }}", "y", None),
        ("{{ result.list[0].old }}", "an old thing", HERE),
        ("{{ result.list }}", [{"old": "an old thing"}, "y"], HERE),
        ("{{ by }}", "an old thing", THERE),
        ("{{ result.old | upper }}", "AN OLD THING", HERE),
    ],
)
def test_where_it_is_used(
    watched: Scope, lookups: FolderLookups, text: str, value: object, told: Origin | None
) -> None:
    assert watched.render(TemplateText(text, HERE)) == value
    assert lookups.places == ({} if told is None else {"old is old": told})


def test_a_condition_uses_it_too(watched: Scope, lookups: FolderLookups) -> None:
    assert watched.condition(TemplateText("result.old == 'an old thing'", HERE)) is True
    assert lookups.warnings == ["old is old"]


def test_what_is_used_is_plain(watched: Scope) -> None:
    assert type(watched.render(TemplateText("{{ result.old }}", HERE))) is str

"""Conditions: expressions of the project, judged strictly."""

from typing import Any

import pytest

from orchestra.errors import TemplateError
from orchestra.model.secret import Secret
from orchestra.templating.templar import Templar
from orchestra.testing.lookups import FolderLookups

from .conftest import MakeScope, project


def test_booleans_need_no_evaluation(scope: MakeScope) -> None:
    assert scope().condition(True) is True
    assert scope().condition(False) is False


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("a == 1", True),
        ("  a == 1  ", True),
        ("a == 1\n", True),
        ("a == 2 or\n  b is defined", False),
        ("items | length == 2", True),
        ("'b\\\\.c' == 'b' ~ '\\\\' ~ '.c'", True),
        ("text is match('b\\.c')", True),
        ("item.x", True),
    ],
)
def test_expressions(scope: MakeScope, condition: str, expected: bool) -> None:
    host = scope({"a": 1, "items": ["{{ a }}", 2], "text": "b.c", "item": {"x": "{{ a == 1 }}"}})
    assert host.condition(condition) is expected


def test_delimiters_are_allowed_around_all_with_a_warning(scope: MakeScope, lookups: FolderLookups) -> None:
    assert scope({"a": 1}).condition(project("{{ a == 1 }}")) is True
    assert "delimiters" in lookups.warnings[0]


@pytest.mark.parametrize("value", ["text", "", 1, 0, [1], [], {"a": 1}, None])
def test_a_result_has_to_be_boolean(scope: MakeScope, value: Any) -> None:
    with pytest.raises(TemplateError, match="must have a boolean result") as caught:
        scope(None, value=value).condition("value")
    assert "value" in caught.value.hint


def test_unless_the_settings_allow_more(redactor: Any, lookups: FolderLookups) -> None:
    class Settings:
        allow_broken_conditionals = True

    host = Templar(Settings(), redactor).scope({"text": "x", "zero": 0, "list": []}, lookups)
    assert host.condition("text") is True
    assert host.condition("zero") is False
    assert host.condition("list") is False
    assert host.condition("") is True
    assert host.condition(None) is True
    assert host.condition(5) is True
    assert lookups.warnings


def test_numbers_and_nothing_are_no_conditions(scope: MakeScope) -> None:
    for condition in (None, 5, ["a"]):
        with pytest.raises(TemplateError):
            scope().condition(condition)


def test_the_same_words_are_compiled_once(scope: MakeScope, templar: Templar) -> None:
    host = scope({"a": 1})
    host.condition("a == 1")
    compiled = templar.core._judged["a == 1"]
    scope({"a": 1}).condition("a == 1")
    assert templar.core._judged["a == 1"] is compiled


def test_what_the_project_wrote_is_followed_and_nothing_else(scope: MakeScope) -> None:
    own = {"up": True, "cond": "up and up", "way": "{{ cond }}", "d": {"l": ["not up"]}}
    host = scope(own, given="up", secret=Secret("up"))
    assert host.condition(project("{{ way }}")) is True
    assert host.condition(project("{{- d.l.0 -}}")) is False
    assert host.condition(project("{{ nope | default(d['l'] | first) }}")) is False
    for text in (
        "{{ given }}",
        "{{ secret }}",
        "{{ cond | trim }}",
        "{{ cond ~ '' }}",
        "{{ 'up' }}",
        "{{ [given] | first }}",
    ):
        with pytest.raises(TemplateError, match="untrusted template or expression"):
            host.condition(project(text))


def test_a_variable_on_top_hides_what_the_project_wrote_below(scope: MakeScope) -> None:
    host = scope({"up": True, "item": "up"})
    with pytest.raises(TemplateError, match="untrusted template or expression"):
        host.child({"item": "up"}).condition(project("{{ item }}"))
    assert host.child({"item": project("up")}).condition(project("{{ item }}")) is True

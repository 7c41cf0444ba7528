"""What a project brings comes first, gets copies, and can not break taint or types."""

import json
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Undefined

from orchestra.errors import TemplateError
from orchestra.model.secret import Redactor, Secret
from orchestra.templating.guard import guard
from orchestra.templating.lookups.call import LookupCall
from orchestra.templating.marker import Marker
from orchestra.templating.registry import our_filters, our_tests, rare_filters
from orchestra.templating.templar import PluginTables, Templar
from orchestra.testing.lookups import FolderLookups

from .conftest import project

#: Every filter, test and lookup of ansible.builtin, and those of collections that two and more projects use.
NAMES = json.loads((Path(__file__).parents[1] / "cases" / "templating" / "names.json").read_text())


def test_nothing_is_missing() -> None:
    assert sorted(set(NAMES["filters"]) - {*our_filters(), *rare_filters()}) == []
    assert sorted(set(NAMES["tests"]) - {*our_tests()}) == []


def test_no_lookup_is_missing(templar: Templar) -> None:
    assert sorted(set(NAMES["lookups"]) - {*templar.core.lookups.names()}) == []


def make(redactor: Redactor, **tables: Any) -> Any:
    return Templar(object(), redactor, PluginTables(**tables)).scope


def test_names_with_a_collection(redactor: Redactor, lookups: FolderLookups) -> None:
    host = make(redactor, filters={"acme.tools.twice": lambda value: value * 2})({}, lookups)
    assert host.render(project("{{ [1] | ansible.builtin.first }}{{ 'a' | ansible.builtin.upper }}")) == "1A"
    assert host.render(project("{{ 'a' | acme.tools.twice }}")) == "aa"
    assert host.render(project("{{ 'a' is ansible.builtin.match('a') }}")) is True
    assert host.render(project("{{ lookup('ansible.builtin.items', [1]) }}")) == 1


def test_the_projects_own_win(redactor: Redactor, lookups: FolderLookups) -> None:
    host = make(
        redactor,
        filters={"upper": lambda value: f"<{value}>"},
        tests={"even": lambda value: True},
        lookups={"env": lambda call: [f"mine {term}" for term in call.terms]},
    )({}, lookups)
    assert host.render(project("{{ 'a' | upper }}")) == "<a>"
    assert host.render(project("{{ 1 is even }}")) is True
    assert host.render(project("{{ lookup('env', 'X') }}")) == "mine X"
    assert host.render(project("{{ 'a' | ansible.builtin.upper }}")) == "A"


def test_they_get_copies_and_plain_types(redactor: Redactor, lookups: FolderLookups) -> None:
    seen: list[Any] = []

    def spoil(value: Any) -> Any:
        seen.append(value)
        value["k"].append("spoilt")
        return value

    facts = {"k": [1]}
    variables = {"facts": facts, "own": project({"k": ["{{ 1 + 1 }}"]})}
    host = make(redactor, filters={"spoil": spoil})(variables, lookups)
    assert host.render(project("{{ facts | spoil }}")) == {"k": [1, "spoilt"]}
    assert host.render(project("{{ own | spoil }}")) == {"k": [2, "spoilt"]}
    assert facts == {"k": [1]}
    assert host.render(project("{{ own }}")) == {"k": [2]}
    assert [type(value) for value in seen] == [dict, dict]
    assert type(seen[1]["k"]) is list


def test_undefined_things_inside_what_they_are_given(redactor: Redactor, lookups: FolderLookups) -> None:
    host = make(redactor, filters={"count_it": len})({"l": project(["{{ nope }}"])}, lookups)
    with pytest.raises(TemplateError, match="'nope' is undefined"):
        host.render(project("{{ l | count_it }}"))
    assert host.render(project("{{ l | count_it | default('none') }}")) == "none"


def test_a_failing_one_is_named(redactor: Redactor, lookups: FolderLookups) -> None:
    def broken(value: Any) -> Any:
        return {}["gone"]

    host = make(redactor, filters={"broken": broken}, tests={"odd_one": broken}, lookups={"lost": broken})({}, lookups)
    with pytest.raises(TemplateError, match="The filter plugin 'broken' failed: KeyError 'gone'"):
        host.render(project("{{ 1 | broken }}"))
    with pytest.raises(TemplateError, match="The test plugin 'odd_one' failed: KeyError 'gone'"):
        host.render(project("{{ 1 is odd_one }}"))
    with pytest.raises(TemplateError, match="The lookup plugin 'lost' failed: KeyError 'gone'"):
        host.render(project("{{ lookup('lost') }}"))


def test_their_results_are_plain_data_and_keep_secrets(redactor: Redactor, lookups: FolderLookups) -> None:
    filters = {"wrap": lambda value: f"{{{{ {value} }}}}", "gen": lambda value: (item for item in value)}
    host = make(redactor, filters=filters)({"pw": redactor.add("hunter2222")}, lookups)
    assert host.render(project("{{ 'x' | wrap }}")) == "{{ x }}"
    assert type(host.render(project("{{ pw | wrap }}"))) is Secret
    assert host.render(project("{{ [1, 2] | gen }}")) == [1, 2]


def test_a_lookup_of_the_project_sees_options_and_scope(redactor: Redactor, lookups: FolderLookups) -> None:
    def role_var(call: LookupCall) -> list[Any]:
        return [call.scope.get(f"{call.text('role')}_{term}", call.option("default")) for term in call.terms]

    host = make(redactor, lookups={"role_var": role_var})({"web_port": project("{{ 80 }}")}, lookups)
    assert host.render(project("{{ lookup('role_var', 'port', role='web') }}")) == 80
    assert host.render(project("{{ lookup('role_var', 'nope', role='web', default='d') }}")) == "d"
    with pytest.raises(TemplateError, match="returned a str instead of a list"):
        make(redactor, lookups={"text": lambda call: "x"})({}, lookups).render(project("{{ lookup('text') }}"))


def test_a_plugin_may_say_that_it_deals_with_what_is_undefined(redactor: Redactor) -> None:
    def missing(value: object) -> bool:
        return isinstance(value, Undefined)

    missing.accept_args_markers = True  # type: ignore[attr-defined]
    assert guard(missing, "missing", "filter", redactor, foreign=True)(Marker(name="x")) is True
    assert isinstance(guard(str, "str", "filter", redactor, foreign=True)(Marker(name="x")), Marker)


def test_combine_says_which_keywords_it_has() -> None:
    with pytest.raises(TemplateError, match="'recursive' and 'list_merge' are the only valid keyword arguments"):
        our_filters()["combine"]({}, {}, deep=True)


def test_one_that_cannot_say_so_is_not_loaded(redactor: Redactor) -> None:
    class Broken:
        @property
        def accept_args_markers(self) -> bool:
            raise ValueError("boom")

    with pytest.raises(TemplateError, match="The test plugin 'broken' failed to load: boom"):
        guard(Broken(), "broken", "test", redactor, foreign=True)  # type: ignore[arg-type]


@pytest.mark.parametrize("written", ["gone", "'{{ gone }}'"])
def test_a_lookup_may_say_that_it_deals_with_what_is_undefined(
    redactor: Redactor, lookups: FolderLookups, written: str
) -> None:
    def missing(call: LookupCall) -> list[bool]:
        return [isinstance(value, Undefined) for value in (*call.terms, *call.options.values())]

    def never(call: LookupCall) -> list[str]:
        raise AssertionError("called with an undefined value")

    missing.accept_args_markers = True  # type: ignore[attr-defined]
    host = make(redactor, lookups={"missing": missing, "never": never})({}, lookups)
    assert host.render(project(f"{{{{ lookup('missing', {written}, 1, other=gone) }}}}")) == [True, False, True]
    assert host.render(project(f"{{{{ lookup('never', {written}) is undefined }}}}")) is True


def test_a_lookup_gets_the_list_of_a_quoted_template_in_which_something_is_undefined(
    redactor: Redactor, lookups: FolderLookups
) -> None:
    host = make(redactor, lookups={"second": lambda call: [call.terms[0][1]]})({"a": project("{{ gone }}")}, lookups)
    assert host.render(project("{{ lookup('second', '{{ [a, 42] }}') }}")) == 42

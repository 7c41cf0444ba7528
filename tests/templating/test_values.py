"""What rendering gives back: types, identity, laziness, layers."""

from typing import Any

import pytest

from orchestra.errors import TemplateError, UndefinedVariable
from orchestra.model.origin import LocatedDict, TemplateText
from orchestra.templating.omit import OMIT

from .conftest import MakeScope, project


@pytest.mark.parametrize("value", ["text", 5, None, True, ["a", {"b": 1}], {"k": [1, 2]}])
def test_what_holds_no_template_comes_back_as_the_same_object(scope: MakeScope, value: Any) -> None:
    assert scope().render(value) is value


def test_containers_become_plain_data_with_keys_rendered(scope: MakeScope) -> None:
    raw = project({"list": ["{{ a }}", 2], "deep": {"x": "{{ a + 1 }}"}})
    raw[TemplateText("key_{{ a }}")] = 1
    raw.templated = True
    rendered = scope({"a": 1}).render(raw)
    assert rendered == {"list": [1, 2], "deep": {"x": 2}, "key_1": 1}
    assert type(rendered) is dict
    assert type(rendered["deep"]) is dict
    assert type(rendered["list"]) is list


def test_a_variable_that_is_not_asked_for_may_be_broken(render: Any) -> None:
    variables = {"cfg": {"good": 1, "undefined": "{{ nope }}", "broken": "{{ 1 / 0 }}"}, "other": "{{ 1 / 0 }}"}
    assert render("{{ cfg.good }}", variables) == 1
    assert render("{{ cfg.good if true else other }}", variables) == 1
    assert render("{{ cfg.undefined | default('d') }}", variables) == "d"
    with pytest.raises(TemplateError, match="division by zero"):
        render("{{ cfg.broken | default('d') }}", variables)


def test_lazy_containers_are_real_ones_for_everything_that_reads_them(render: Any) -> None:
    variables = {"d": {"a": "{{ 1 }}", "b": ["{{ 2 }}"]}, "l": ["{{ 'x' }}", "y"]}
    assert render("{{ d | to_json }}", variables) == '{"a": 1, "b": [2]}'
    assert render("{{ d == {'a': 1, 'b': [2]} }}", variables) is True
    assert render("{{ {'z': 0} | combine(d) }}", variables) == {"z": 0, "a": 1, "b": [2]}
    assert render("{{ l + ['z'] }}", variables) == ["x", "y", "z"]
    assert render("{{ ['z'] + l }}", variables) == ["z", "x", "y"]
    assert render("{{ ','.join(l) }}", variables) == "x,y"
    assert render("{{ 'x' in l }}", variables) is True
    assert render("{{ dict(d) }}", variables) == {"a": 1, "b": [2]}
    assert render("{% set n = {} %}{% set _ = n.update(d) %}{{ n }}", variables) == {"a": 1, "b": [2]}
    assert render("{{ l | sort(reverse=true) }}", variables) == ["y", "x"]
    assert render("{{ '%s' % d }}", variables) == "{'a': 1, 'b': [2]}"
    assert render("{{ l[:1] }}{{ l[-1] }}", variables) == "['x']y"


def test_a_template_cannot_change_a_variable_for_others(scope: MakeScope) -> None:
    facts = {"l": [1], "d": {"k": [1]}}
    host = scope({"own": ["{{ 1 }}"], "plain": [1]}, facts=facts)
    assert host.render(project("{% set _ = facts.l.append(2) %}{{ facts.l }}")) == [1, 2]
    assert host.render(project("{% set _ = facts.d.k.append(2) %}{{ facts.d.k }}")) == [1, 2]
    assert host.render(project("{% set _ = own.append(2) %}{{ own }}")) == [1, 2]
    assert host.render(project("{% set _ = plain.append(2) %}{{ plain }}")) == [1, 2]
    assert facts == {"l": [1], "d": {"k": [1]}}
    assert host.render(project("{{ own }}{{ plain }}")) == "[1][1]"


def test_variables_that_need_themselves_are_told_with_the_way(render: Any) -> None:
    with pytest.raises(TemplateError, match="refers to itself: a -> b -> a"):
        render("{{ a }}", {"a": "{{ b }}", "b": "x{{ a }}"})
    with pytest.raises(TemplateError, match="refers to itself"):
        render("{{ d.x }}", {"d": {"x": "{{ d.x }}"}})
    assert render("{{ d.x }}", {"d": {"x": "{{ d.y }}", "y": 1}}) == 1


def test_a_loop_that_is_not_taken_does_no_harm_later(scope: MakeScope) -> None:
    host = scope({"a": "{{ 'x' if true else b }}", "b": "{{ a }}"})
    assert host.render(project("{{ a }}")) == "x"
    assert host.render(project("{{ b }}")) == "x"


def test_values_are_rendered_once_in_a_scope(scope: MakeScope) -> None:
    host = scope({"drawn": "{{ 1000000000 | random }}"})
    assert host.render(project("{{ drawn }}")) == host.render(project("{{ drawn }}"))


def test_nothing_is_computed_when_a_template_is_compiled(scope: MakeScope) -> None:
    text = project("{{ 1000000000 | random }}")
    assert len({scope().render(text) for _ in range(5)}) > 1


def test_omit_drops_out_of_containers(scope: MakeScope) -> None:
    host = scope({"maybe": "{{ omit }}"})
    args = project({"a": "{{ nope | default(omit) }}", "b": {"c": "{{ maybe }}", "d": 1}, "l": ["{{ omit }}", 2]})
    assert host.render_args(args) == {"b": {"d": 1}, "l": [2]}
    assert host.render(project("{{ nope | default(omit) }}")) is OMIT
    assert host.render(project("{{ {'x': omit, 'y': [omit]} }}")) == {"y": []}


def test_children_see_their_own_variables_and_the_parents(scope: MakeScope) -> None:
    parent = scope({"uses_item": "{{ item }}!", "a": 1})
    assert parent.render(project("{{ uses_item | default('none') }}")) == "none"
    children = [parent.child({"item": item}) for item in ("x", "y")]
    assert [child.render(project("{{ uses_item }}{{ a }}")) for child in children] == ["x!1", "y!1"]
    assert set(children[0].names()) == {"item", "uses_item", "a"}
    assert parent.render(project("{{ uses_item | default('none') }}")) == "none"


def test_single_variables(scope: MakeScope) -> None:
    host = scope({"a": "{{ 1 + 1 }}", "d": {"x": "{{ a }}"}, "p": 5})
    assert host.get("a") == 2
    assert host.get("d") == {"x": 2}
    assert type(host.get("d")) is dict
    assert host.get("p") == 5
    assert host.get("nope", "default") == "default"
    assert type(host.raw("a")) is TemplateText
    with pytest.raises(UndefinedVariable):
        scope({"b": "{{ nope }}"}).get("b")


def test_text_of_values(scope: MakeScope) -> None:
    host = scope({"l": [1, "x"]})
    assert host.render_str(project("{{ l }}")) == "[1, 'x']"
    assert host.render_str(project("{{ none }}")) == ""
    assert host.render_str(True) == "True"


def test_trailing_newlines_stay(render: Any) -> None:
    assert render("{{ 'a' }}\n\n") == "a\n\n"
    assert render("{% if true %}\na\n{% endif %}\n") == "a\n"
    assert render("{{ [1] }}\n") == [1]


def test_all_variables_as_a_mapping(render: Any) -> None:
    variables = {"a": "{{ 1 + 1 }}", "b": "{{ nope }}", "name": "a"}
    assert render("{{ vars.a }}{{ vars['a'] }}{{ vars[name] }}", variables) == "222"
    assert render("{{ vars.nope is defined }}", variables) is False
    assert render("{{ 'b' in vars }}", variables) is True


def test_other_hosts_are_rendered_with_their_own_variables(render: Any) -> None:
    hosts = {
        "web": project({"me": "web", "url": "http://{{ me }}:{{ port | default(80) }}"}),
        "db": project({"me": "db", "port": 5432, "url": "pg://{{ me }}:{{ port }}"}),
    }
    found = render(
        "{{ ['web', 'db'] | map('extract', hostvars, 'url') | join(' ') }} {{ hostvars.web.url }}",
        {"me": "here", "port": 1},
        hostvars=hosts,
    )
    assert found == "http://web:80 pg://db:5432 http://web:80"
    assert render("{{ hostvars['nope'] is defined }}", hostvars=hosts) is False
    assert render("{{ hostvars.keys() | list }}", hostvars=hosts) == ["web", "db"]


def test_only_hosts_that_are_named_are_made(render: Any) -> None:
    class Hosts(dict[str, Any]):
        def __getitem__(self, name: str) -> Any:
            made.append(name)
            return super().__getitem__(name)

    made: list[str] = []
    hosts = Hosts({f"h{number}": {"x": number} for number in range(50)})
    assert render("{{ hostvars.h7.x + hostvars['h7'].x }}", hostvars=hosts) == 14
    assert made == ["h7"]


def test_a_plain_container_inside_a_located_one_is_host_data(render: Any) -> None:
    mixed = LocatedDict({"facts": {"text": "{{ 1 }}"}, "own": TemplateText("{{ 2 }}")})
    assert render("{{ mixed }}", mixed=mixed) == {"facts": {"text": "{{ 1 }}"}, "own": 2}


def test_bit_operations_stay_allowed_and_private_attributes_do_not(render: Any) -> None:
    assert render("{{ (6).__and__(3) }}") == 2
    for attack in ("''.__class__", "[].__class__.__mro__", "lookup.__globals__", "''.format.__self__.__class__"):
        with pytest.raises(TemplateError):
            render("{{ " + attack + " }}")
    with pytest.raises(TemplateError):
        render("{{ '{0.__class__.__mro__}'.format('') }}")


def test_extensions_come_from_the_settings(redactor: Any, lookups: Any) -> None:
    from orchestra.templating.templar import Templar

    class Settings:
        jinja2_extensions = ("jinja2.ext.do", "jinja2.ext.loopcontrols")

    host = Templar(Settings(), redactor).scope({}, lookups)
    text = project(
        "{% set l = [] %}{% for i in [1, 2, 3] %}{% if i == 3 %}{% break %}{% endif %}{% do l.append(i) %}{% endfor %}"
        "{{ l }}"
    )
    assert host.render(text) == [1, 2]


@pytest.mark.parametrize(
    "text",
    [
        "a {{ x }}",
        "{{ x }}{{ y }}",
        "{{ x }}\n{{ y }} z\n",
        "a{{ omit }}b",
        "{{ none }}{{ y }}",
        "{# x #}",
        "{{ f }}-{{ x }}",
    ],
)
def test_text_with_variables_is_what_code_for_it_would_make(render: Any, text: str) -> None:
    """Such templates take a shorter way; what adds nothing (an empty ``if``) sends them on the long one."""
    variables = {"x": 1, "y": [1, "a"], "none": None, "f": "{{ x + 1 }}"}
    assert render(text, variables) == render("{% if false %}{% endif %}" + text, variables)


def test_an_unknown_variable_in_a_text_is_named(render: Any) -> None:
    with pytest.raises(UndefinedVariable, match="'no' is undefined"):
        render("a {{ x }} {{ no }}", {"x": 1})


@pytest.mark.parametrize("hosts", [3, 30])
def test_a_template_over_all_hosts_makes_each_hosts_variables_once(render: Any, hosts: int) -> None:
    made: list[str] = []

    class Counted(dict[str, Any]):
        def __getitem__(self, name: str) -> Any:
            made.append(name)
            return {"x": 1, "y": 2}

    names = [f"h{number}" for number in range(hosts)]
    text = "{% for name in names %}{{ hostvars[name].x }}{{ hostvars[name].y }},{% endfor %}"
    assert render(text, {"names": names}, hostvars=Counted(dict.fromkeys(names))) == "12," * hosts
    assert sorted(made) == sorted(names)

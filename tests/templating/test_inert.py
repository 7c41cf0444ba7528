"""Text from a host stays text, whatever it holds and whatever it passes through."""

from types import SimpleNamespace
from typing import Any

import pytest

from orchestra.errors import TemplateError
from orchestra.model.origin import LocatedDict, UnsafeText
from orchestra.model.secret import Redactor
from orchestra.templating.templar import Templar
from orchestra.testing.lookups import FolderLookups

from .conftest import HERE, MakeScope, project

EVIL = "{{ lookup('pipe', 'echo owned') }}"
BLOCK = "{% set x = 1 %}{{ 7 * 7 }}{# c #}"
DATA = {"stdout": EVIL, "lines": [EVIL, BLOCK], "deep": {EVIL: {"x": BLOCK}}}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("{{ result.stdout }}", EVIL),
        ("{{ result.stdout }} and more", f"{EVIL} and more"),
        ("{{ result.stdout ~ result.lines[1] }}", EVIL + BLOCK),
        ("{{ result.stdout + 'x' }}", EVIL + "x"),
        ("{{ '%s' % result.stdout }}", EVIL),
        ("{{ '{}'.format(result.stdout) }}", EVIL),
        ("{{ [result.stdout] }}", [EVIL]),
        ("{{ {'k': result.stdout} }}", {"k": EVIL}),
        ("{{ result.lines | map('upper') | map('lower') | list }}", [EVIL, BLOCK]),
        ("{{ result.lines | map('regex_replace', '^', '') | list }}", [EVIL, BLOCK]),
        ("{{ [result] | map(attribute='stdout') | first }}", EVIL),
        ("{{ result.lines | join('|') }}", f"{EVIL}|{BLOCK}"),
        ("{{ result.stdout | default('x') }}", EVIL),
        ("{{ nope | default(result.stdout) }}", EVIL),
        ("{{ result.stdout | from_yaml if false else result.stdout }}", EVIL),
        ("{{ (result | to_json | from_json).stdout }}", EVIL),
        ("{{ (result | to_yaml | from_yaml).stdout }}", EVIL),
        ("{{ result.stdout | b64encode | b64decode }}", EVIL),
        ("{{ {} | combine(result) }}", DATA),
        ("{{ result.deep | dict2items }}", [{"key": EVIL, "value": {"x": BLOCK}}]),
        ("{{ lookup('vars', 'result').stdout }}", EVIL),
        ("{{ lookup('items', [result.stdout]) }}", EVIL),
        ("{{ query('dict', result.deep) }}", [{"key": EVIL, "value": {"x": BLOCK}}]),
        ("{{ lookup('env', 'EVIL_TEXT') }}", EVIL),
        ("{{ lookup('pipe', 'printf %s \"$EVIL_TEXT\"') }}", EVIL),
        ("{{ lookup('file', 'evil.txt') }}", EVIL),
        ("{{ hostvars.other.fact }}", EVIL),
        ("{{ vars['result']['stdout'] }}", EVIL),
        ("{{ through }}", EVIL),
        ("{{ through }}!", f"{EVIL}!"),
        ("{{ holder.inner }}", EVIL),
        ("{{ holder }}", {"inner": EVIL, "list": [BLOCK]}),
        ("{% for line in result.lines %}{{ line }}{% endfor %}", EVIL + BLOCK),
        ("{% set copy = result.stdout %}{{ copy }}", EVIL),
        ("{% macro m(x) %}<{{ x }}>{% endmacro %}{{ m(result.stdout) }}", f"<{EVIL}>"),
        ("{{ result.stdout | regex_replace('owned', 'tamed') | length > 0 }}", True),
        ("{{ result.stdout == through }}", True),
    ],
)
def test_host_text_is_never_rendered(
    scope: MakeScope, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, expression: str, expected: Any
) -> None:
    monkeypatch.setenv("EVIL_TEXT", EVIL)
    (tmp_path / "evil.txt").write_text(EVIL)
    variables = {
        "through": "{{ result.stdout }}",
        "holder": {"inner": "{{ through }}", "list": ["{{ result.lines[1] }}"]},
    }
    host = scope(variables, result=DATA, hostvars={"other": {"fact": EVIL}})
    assert host.render(project(expression)) == expected


def test_what_came_out_of_rendering_is_plain_data_for_the_next_time(scope: MakeScope) -> None:
    host = scope(result=DATA)
    rendered = host.render(project({"a": "{{ result.stdout }}", "b": "{{ result }}"}))
    assert type(rendered["a"]) is str
    assert scope(a=rendered).render(rendered) is rendered
    assert scope(a=rendered).render(project("{{ a.b.stdout }}")) == EVIL


def test_loop_items_and_results_of_loops_stay_text(scope: MakeScope) -> None:
    host = scope({"items": "{{ result.lines }}"}, result=DATA)
    for lookup in ("items", "list", "flattened", "indexed_items"):
        found = host.run_lookup(lookup, project("{{ items }}"))
        assert EVIL in str(found)
    child = host.child({"item": EVIL})
    assert child.render(project("{{ item }}")) == EVIL


def test_conditions_do_not_read_their_results_again(scope: MakeScope) -> None:
    host = scope(result=DATA, text="1 == 1")
    assert host.condition("result.stdout == through is defined or true") is True
    assert host.condition("'owned' in result.stdout") is True
    with pytest.raises(Exception, match="boolean"):
        host.condition("text")
    with pytest.raises(Exception, match="untrusted"):
        host.condition(project("{{ text }}"))


def test_a_quoted_template_sees_host_text_as_text(scope: MakeScope) -> None:
    host = scope(name=EVIL)
    assert host.condition("'{{ name }}' == name") is True
    assert host.render(project("{{ lookup('items', '{{ name }}') }}")) == EVIL


@pytest.mark.parametrize(("behaviour", "told"), [("ignore", 0), ("warning", 1)])
def test_who_asks_is_told_of_host_text_that_looks_like_a_template(
    redactor: Redactor, lookups: FolderLookups, behaviour: str, told: int
) -> None:
    watching = Templar(SimpleNamespace(untrusted_templates=behaviour), redactor)
    mixed = LocatedDict({"mine": project("{{ 1 + 1 }}"), "theirs": UnsafeText(EVIL)}, origin=HERE)
    host = watching.scope({"mixed": mixed}, lookups)
    assert host.render(project("{{ mixed }}")) == {"mine": 2, "theirs": EVIL}
    assert len([text for text in lookups.warnings if "Encountered untrusted template" in text]) == told


def test_it_may_fail_there(redactor: Redactor, lookups: FolderLookups) -> None:
    watching = Templar(SimpleNamespace(untrusted_templates="fail"), redactor)
    host = watching.scope({"theirs": [EVIL], "plain": "x"}, lookups)
    assert host.render(project("{{ plain }}")) == "x"
    with pytest.raises(TemplateError, match="untrusted"):
        host.render(project("{{ theirs }}"))

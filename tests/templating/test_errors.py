"""Errors say where, what, and what to do."""

from pathlib import Path
from typing import Any

import pytest

from orchestra.errors import OrchestraError, TemplateError, UndefinedVariable
from orchestra.model.origin import LocatedDict, Origin, TemplateText
from orchestra.templating.templar import Templar
from orchestra.testing.lookups import FolderLookups

from .conftest import MakeScope, project

TASKS = """\
- name: one
  debug:
    msg: "port {{ prot }}"
- name: two
  copy:
    content: |
      # head
      {% for u in users %}
      {{ u.name }} {{ u.shel }}
      {% endfor %}
      {{ tail }}
"""


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    path = tmp_path / "tasks.yml"
    path.write_text(TASKS)
    return path


def fails(scope: Any, value: Any) -> OrchestraError:
    with pytest.raises(OrchestraError) as caught:
        scope.render(value)
    return caught.value


def test_an_undefined_variable_is_pointed_at_with_the_nearest_names(scope: MakeScope, tasks: Path) -> None:
    text = TemplateText("port {{ prot }}", Origin(str(tasks), 3, 10))
    error = fails(scope({"port": 1, "host": 2}), text)
    assert isinstance(error, UndefinedVariable)
    assert error.message == "'prot' is undefined"
    assert error.origin == Origin(str(tasks), 3, 19)
    assert "'port'" in error.hint
    shown = error.render().splitlines()
    assert shown[1].index("prot") == shown[2].index("^")


def test_a_fault_inside_a_long_text_is_found_on_its_line(scope: MakeScope, tasks: Path) -> None:
    content = "# head\n{% for u in users %}\n{{ u.name }} {{ u.shel }}\n{% endfor %}\n{{ tail }}\n"
    text = TemplateText(content, Origin(str(tasks), 6, 14))
    error = fails(scope({"users": [{"name": "a", "shell": "/bin/sh"}], "tail": 1}), text)
    assert error.message == "'u.shel' is undefined: object of type 'dict' has no attribute 'shel'"
    assert error.origin == Origin(str(tasks), 9, 25)
    assert "'shell'" in error.hint
    error = fails(scope({"users": []}), text)
    assert error.message == "'tail' is undefined"
    assert error.origin == Origin(str(tasks), 11, 10)


def test_what_the_value_has_instead(scope: MakeScope) -> None:
    host = scope({"d": {"alpha": 1, "beta": 2}, "l": [1, 2], "e": {}, "n": 5})
    assert fails(host, project("{{ d.zzz }}")).hint == "it has alpha, beta"
    assert fails(host, project("{{ l[7] }}")).hint == "it is a list of 2 items"
    assert fails(host, project("{{ e.x }}")).hint == "it is empty"
    assert fails(host, project("{{ n.x }}")).hint == "it is a int"


def test_the_way_through_other_variables(scope: MakeScope) -> None:
    inner = Origin("group_vars/all.yml", 4, 6)
    variables = {
        "url": TemplateText("http://{{ hots }}/", inner),
        "link": TemplateText("{{ url }}x", Origin("v.yml", 2, 2)),
    }
    error = fails(scope(None, host="h", **variables), project("see {{ link }}"))
    assert error.message == "'hots' is undefined ('url' uses it: link -> url -> hots, set at v.yml:2:2)"
    assert error.origin == inner
    assert "'host'" in error.hint


def test_a_failing_filter_is_named_and_placed(scope: MakeScope) -> None:
    error = fails(scope({"t": "{"}), project("{{ t | from_json }}"))
    assert error.message.startswith("The filter plugin 'ansible.builtin.from_json' failed:")
    assert error.origin == Origin("here.yml", 1, 1)
    error = fails(scope(), project("{{ 5 | wordcount(1, 2) }}"))
    assert error.message.startswith("The filter plugin 'ansible.builtin.wordcount' failed:")


def test_unknown_names_bring_the_nearest(scope: MakeScope) -> None:
    assert "'to_nice_json'" in fails(scope(), project("{{ 1 | to_nice_jsn }}")).hint
    assert "'defined'" in fails(scope(), project("{{ 1 is defind }}")).hint
    assert "'template'" in fails(scope(), project("{{ lookup('templte') }}")).hint
    assert fails(scope(), project("{{ 1 | changed }}")).hint == "'changed' is a test: write x is changed"
    assert fails(scope(), project("{{ 1 is upper_case_it }}")).origin is not None
    assert fails(scope(), project("{{ 1 is combine }}")).hint == "'combine' is a filter: write x | combine"


def test_broken_syntax_is_placed_on_its_line(scope: MakeScope, tmp_path: Path) -> None:
    path = tmp_path / "x.yml"
    path.write_text("a: |\n  one\n  {% if %}\n  {% endif %}\n")
    error = fails(scope(), TemplateText("one\n{% if %}\n{% endif %}\n", Origin(str(path), 1, 4)))
    assert isinstance(error, TemplateError)
    assert error.origin == Origin(str(path), 3, 3)


def test_conditions_know_their_place(scope: MakeScope) -> None:
    place = Origin("tasks.yml", 9, 7)
    for condition in ("nope == 1", "1 +", "", "'text'", "1 | nofilter"):
        with pytest.raises(TemplateError) as caught:
            scope().condition(condition, place)
        assert caught.value.origin == place, condition


def test_an_inline_if_without_else(scope: MakeScope) -> None:
    error = fails(scope(), project("{{ 'x' if false }}"))
    assert "inline 'if' without 'else'" in error.message


def test_a_function_is_no_value(scope: MakeScope) -> None:
    error = fails(scope({"name": "x"}), project("{{ name.upper }}"))
    assert error.hint == "call it: upper()"


def test_a_fault_in_an_included_file_names_that_file(tmp_path: Path, templar: Templar) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "main.j2").write_text("top\n{% include 'part.j2' %}\n")
    (folder / "part.j2").write_text("fine\n\n{{ nope }}\n")
    host = templar.scope(LocatedDict(), FolderLookups(tmp_path))
    main = folder / "main.j2"
    with pytest.raises(UndefinedVariable) as caught:
        host.render_file(main.read_text(), str(main))
    assert caught.value.origin is not None
    assert (caught.value.origin.file, caught.value.origin.line) == (str(folder / "part.j2"), 3)


def test_a_missing_include_is_named(tmp_path: Path, templar: Templar) -> None:
    path = tmp_path / "main.j2"
    path.write_text("a\n{% include 'nowhere.j2' %}\n")
    with pytest.raises(TemplateError, match=r"there is no template file 'nowhere\.j2'") as caught:
        templar.scope({}, FolderLookups(tmp_path)).render_file(path.read_text(), str(path))
    assert caught.value.origin == Origin(str(path), 2, 0)


def test_a_hint_is_told_without_a_name_that_it_has_not(scope: MakeScope) -> None:
    error = fails(scope({"v": "{{ undef('set me') }}"}), project("{{ v }}"))
    assert error.message.startswith("set me ('v' uses it: v")
    assert "a value" not in error.message

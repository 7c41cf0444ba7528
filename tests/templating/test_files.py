"""Template files: options, headers, what they bring in, where it is found."""

import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from orchestra.errors import TemplateError
from orchestra.model.origin import Origin
from orchestra.model.secret import Redactor, Secret
from orchestra.templating.templar import Templar
from orchestra.testing.lookups import FolderLookups

from .conftest import project


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    folder = tmp_path / "templates"
    folder.mkdir()
    return folder


def render(templar: Templar, path: Path, text: str, variables: dict[str, Any] | None = None, **options: Any) -> str:
    path.write_text(text)
    host = templar.scope(project(variables or {}), FolderLookups(path.parent.parent))
    return host.render_file(text, str(path), options=options or None)


def test_the_end_of_the_file_is_kept_as_it_is(templar: Templar, templates: Path) -> None:
    path = templates / "a.j2"
    assert render(templar, path, "x={{ a }}\n", {"a": 1}) == "x=1\n"
    assert render(templar, path, "x={{ a }}", {"a": 1}) == "x=1"
    assert render(templar, path, "{% if a %}\nx\n{% endif %}\n\n", {"a": 1}) == "x\n\n"
    assert render(templar, path, "") == ""
    assert render(templar, path, "no template\n\n", newline_sequence="\r\n") == "no template\n\n"
    assert render(templar, path, "{% if false %}x{% endif %}") == ""


def test_backslashes_are_read_as_python_reads_them(templar: Templar, templates: Path) -> None:
    assert (
        render(templar, templates / "a.j2", r"{{ 'a\nb' }}|{{ 'xay' | regex_replace('(a)', '<\\1>') }}") == "a\nb|x<a>y"
    )


def test_a_lone_value_becomes_text(templar: Templar, templates: Path) -> None:
    assert render(templar, templates / "a.j2", "{{ l }}", {"l": [1, "x"]}) == "[1, 'x']"
    assert render(templar, templates / "a.j2", "{{ none }}") == ""


def test_options(templar: Templar, templates: Path) -> None:
    path = templates / "a.j2"
    block = "a\n  {% if true %}\nb\n  {% endif %}\nc\n"
    assert render(templar, path, block) == "a\n  b\n  c\n"
    assert render(templar, path, block, lstrip_blocks=True) == "a\nb\nc\n"
    assert render(templar, path, block, trim_blocks=False, lstrip_blocks=True) == "a\n\nb\n\nc\n"
    assert render(templar, path, "a\nb{{ 1 }}\n", newline_sequence="\r\n") == "a\r\nb1\r\n"
    assert render(templar, path, "<< 1 >>{{ x }}", variable_start_string="<<", variable_end_string=">>") == "1{{ x }}"
    own = {"block_start_string": "[%", "block_end_string": "%]"}
    assert render(templar, path, "[% if true %]y[% endif %]{% no %}", None, **own) == "y{% no %}"


def test_unknown_and_contradictory_options(templar: Templar, templates: Path) -> None:
    with pytest.raises(TemplateError, match="no option 'trim_block'") as caught:
        render(templar, templates / "a.j2", "x", trim_block=True)
    assert "trim_blocks" in caught.value.hint
    with pytest.raises(TemplateError, match="have to differ"):
        render(templar, templates / "a.j2", "x", variable_start_string="{%")
    with pytest.raises(TemplateError, match="newline_sequence"):
        render(templar, templates / "a.j2", "x", newline_sequence="x")


def test_a_header_says_options_and_is_not_printed(templar: Templar, templates: Path) -> None:
    text = "#jinja2: lstrip_blocks: True, trim_blocks: False\n  {% if true %}x{% endif %}\n"
    assert render(templar, templates / "a.j2", text) == "x\n"
    text = "#jinja2:variable_start_string:'[%', variable_end_string:'%]'\n[% 1 %]{{ x }}\n"
    assert render(templar, templates / "a.j2", text) == "1{{ x }}\n"


@pytest.mark.parametrize("header", ["#jinja2: nope: True\n", "#jinja2: trim_blocks\n", "#jinja2: x: {\n", "#jinja2: a"])
def test_a_broken_header_is_an_error_at_its_line(templar: Templar, templates: Path, header: str) -> None:
    with pytest.raises(TemplateError) as caught:
        render(templar, templates / "a.j2", header + "x")
    assert caught.value.origin == Origin(str(templates / "a.j2"), 1, 1)


def test_faults_below_a_header_are_counted_from_the_top(templar: Templar, templates: Path) -> None:
    with pytest.raises(TemplateError) as caught:
        render(templar, templates / "a.j2", "#jinja2: lstrip_blocks: True\nx\n{% if %}\n{% endif %}\n")
    assert caught.value.origin is not None
    assert caught.value.origin.line == 3


def test_macros_includes_and_inheritance(templar: Templar, templates: Path) -> None:
    sub = templates / "sub"
    sub.mkdir()
    (templates / "macros.j2").write_text("{% macro item(n) %}<{{ n }}{{ suffix | default('!') }}>{% endmacro %}")
    (templates / "base.j2").write_text("top\n{% block body %}none{% endblock %}\nend {{ a }}\n")
    (sub / "part.j2").write_text("part {{ a }} {% include 'near.j2' %}")
    (sub / "near.j2").write_text("near {{ x | default('-') }}")
    variables = {"a": "A", "suffix": "?"}
    path = templates / "main.j2"
    assert render(templar, path, "{% import 'macros.j2' as m %}{{ m.item(1) }}", variables) == "<1!>"
    assert render(templar, path, "{% import 'macros.j2' as m with context %}{{ m.item(1) }}", variables) == "<1?>"
    assert render(templar, path, "{% from 'macros.j2' import item %}{{ item(2) }}", variables) == "<2!>"
    assert render(templar, path, "{% set x = 5 %}{% include 'sub/part.j2' %}", variables) == "part A near 5"
    assert render(templar, path, "{% for x in [1, 2] %}{% include 'sub/near.j2' %};{% endfor %}") == "near 1;near 2;"
    child = "{% extends 'base.j2' %}{% block body %}mine {{ a }} {{ super() }}{% endblock %}"
    assert render(templar, path, child, variables) == "top\nmine A noneend A"
    assert render(templar, path, "{% include 'nope.j2' ignore missing %}x") == "x"
    assert render(templar, path, "{% include ['nope.j2', 'sub/near.j2'] %}") == "near -"


def test_imported_macros_may_look_things_up(templar: Templar, templates: Path) -> None:
    (templates / "m.j2").write_text("{% macro env(n) %}{{ lookup('env', n) | default('none', true) }}{% endmacro %}")
    assert render(templar, templates / "main.j2", "{% import 'm.j2' as m %}{{ m.env('ORCHESTRA_UNSET') }}") == "none"


def test_search_paths_come_after_the_files_own_folder(templar: Templar, tmp_path: Path) -> None:
    role, play = tmp_path / "role" / "templates", tmp_path / "play" / "templates"
    for folder, word in ((role, "role"), (play, "play")):
        folder.mkdir(parents=True)
        (folder / "x.j2").write_text(word)
    (play / "only.j2").write_text("only in play")
    host = templar.scope({}, FolderLookups(tmp_path / "role", tmp_path / "play"))
    main = role / "main.j2"
    text = "{% include 'x.j2' %} {% include 'only.j2' %}"
    assert host.render_file(text, str(main)) == "role only in play"


def test_a_changed_include_is_read_again(templar: Templar, templates: Path) -> None:
    part = templates / "part.j2"
    part.write_text("one")
    path = templates / "main.j2"
    assert render(templar, path, "{% include 'part.j2' %}") == "one"
    part.write_text("two")
    os.utime(part, (1, 1))
    assert render(templar, path, "{% include 'part.j2' %}") == "two"


def test_variables_about_the_template(templar: Templar, templates: Path) -> None:
    path = templates / "a.j2"
    text = (
        "{{ template_path | basename }} {{ template_mtime.year }} {{ template_run_date.year }} {{ template_fullpath }}"
    )
    year = datetime.now().year
    assert render(templar, path, text) == f"a.j2 {year} {year} {path}"
    assert render(templar, path, "# {{ ansible_managed }}\n") == "# Ansible managed\n"
    assert render(templar, path, "# {{ ansible_managed }}\n", {"ansible_managed": "by us"}) == "# by us\n"


def test_the_managed_text_comes_from_the_settings(redactor: Redactor, templates: Path) -> None:
    class Settings:
        ansible_managed = "{file} on {host} %Y"

    path = templates / "a.j2"
    found = render(Templar(Settings(), redactor), path, "{{ ansible_managed }}")
    assert found == f"{path} on {os.uname().nodename} {datetime.now().year}"


@pytest.mark.parametrize(
    ("setting", "text"),
    [
        ("{{{{ 6 * 7 }}}} {{x}} %%", "42 {x} %"),
        ("{file}", "{name}"),
        ("{{{{ template_path | basename }}}}", "%Y {{{{ 1 % 0 }}}}.j2"),
    ],
)
def test_the_managed_text_is_a_template_and_a_files_name_is_none(
    redactor: Redactor, templates: Path, setting: str, text: str
) -> None:
    class Settings:
        ansible_managed = setting

    path = templates / "%Y {{ 1 % 0 }}.j2"
    found = render(Templar(Settings(), redactor), path, "{{ ansible_managed }}")
    assert found == text.replace("{name}", str(path)).replace("{{{{", "{{").replace("}}}}", "}}")


@pytest.mark.parametrize(
    ("setting", "problem"), [("{foo}", "names {foo}"), ("a {", "not understood"), ("{}", "names {}")]
)
def test_what_the_managed_text_names_wrongly(redactor: Redactor, templates: Path, setting: str, problem: str) -> None:
    class Settings:
        ansible_managed = setting

    with pytest.raises(TemplateError, match=problem):
        render(Templar(Settings(), redactor), templates / "a.j2", "{{ ansible_managed }}")


def test_given_variables_win(templar: Templar, templates: Path) -> None:
    path = templates / "a.j2"
    path.write_text("")
    host = templar.scope({"a": 1}, FolderLookups(templates.parent))
    assert (
        host.render_file("{{ a }} {{ template_destpath }}", str(path), extra_vars={"a": 2, "template_destpath": "/x"})
        == "2 /x"
    )


def test_a_file_with_a_secret_is_secret(templar: Templar, redactor: Redactor, templates: Path) -> None:
    path = templates / "a.j2"
    path.write_text("")
    host = templar.scope({"pw": redactor.add("hunter2222")}, FolderLookups(templates.parent))
    assert type(host.render_file("password={{ pw }}\n", str(path))) is Secret


def test_a_value_in_yaml_may_have_a_header_too(templar: Templar, lookups: FolderLookups) -> None:
    host = templar.scope({}, lookups)
    assert host.render(project("#jinja2: trim_blocks: False\n{% if true %}\nx\n{% endif %}\n")) == "\nx\n"

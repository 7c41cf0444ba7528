"""How keywords go down, how actions and their words are read, where files are found: without any host."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from orchestra.engine.modulenames import KnownModules
from orchestra.errors import LanguageError
from orchestra.language.arguments import cut_action, normalise, parse_text, split_words
from orchestra.language.plays import read_playbook
from orchestra.language.project import Project
from orchestra.language.reserved import is_variable_name, name_fault, taken
from orchestra.language.scope import Scope
from orchestra.language.yamltext import load_file
from orchestra.library.catalogue import Library
from orchestra.model.origin import Origin, TemplateText
from orchestra.model.play import Block, Play, Task

HERE = Origin("play.yml", 1, 1)


def plain(value: Any, variables: Mapping[str, Any]) -> Any:
    """Names of imports in these tests are no templates, or name one variable."""
    return variables[value.strip("{} ")] if isinstance(value, TemplateText) else value


def read(folder: Path, text: str, **files: str) -> tuple[Project, tuple[Play, ...]]:
    (folder / "play.yml").write_text(text)
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_yml", ".yml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    project = Project(read_yaml=load_file, modules=KnownModules(Library()), render=plain)
    plays = read_playbook(project, str(folder / "play.yml"), {})
    return project, plays


def tasks_of(steps: tuple[Task | Block, ...]) -> list[Task]:
    found: list[Task] = []
    for step in steps:
        inner = (*step.body, *step.rescue, *step.always) if isinstance(step, Block) else ()
        found += [step] if isinstance(step, Task) else tasks_of(inner)
    return found


NESTED = """\
- hosts: all
  become: true
  tags: [p]
  environment: {A: play}
  tasks:
    - become: false
      tags: b
      when: one
      vars: {x: 1}
      block:
        - {name: inner, ping: , tags: [t, u], when: [two, three], vars: {y: 2}, environment: {B: task}}
      rescue:
        - {name: saved, ping: , become: true}
    - {name: bare, ping: }
"""


def test_keywords_go_down_each_in_its_way(tmp_path: Path) -> None:
    _, (play,) = read(tmp_path, NESTED)
    inner, saved, bare = tasks_of(play.sections[1])
    assert (inner.become, saved.become, bare.become) == (False, True, True)  # the nearest wins
    assert inner.tags == ("p", "b", "t", "u")  # added up, outermost first
    assert [str(condition) for condition in inner.when] == ["one", "two", "three"]
    assert [dict(layer) for layer in inner.environment] == [{"A": "play"}, {"B": "task"}]
    assert [dict(layer) for layer in inner.var_layers] == [{"x": 1}, {"y": 2}]
    assert (bare.tags, bare.when, bare.var_layers) == (("p",), (), ())


def test_a_scope_is_never_changed() -> None:
    outer = Scope().enter({"tags": "a", "become": True})
    outer.enter({"tags": "b", "become": False, "vars": {"x": 1}})
    assert (outer.lists["tags"], outer.single["become"], outer.var_layers) == (("a",), True, ())


def test_every_task_knows_where_it_stands(tmp_path: Path) -> None:
    _, (play,) = read(tmp_path, NESTED)
    inner, saved, bare = tasks_of(play.sections[1])
    assert [task.origin.line for task in (inner, saved, bare)] == [11, 13, 14]
    assert inner.key_origins["when"].column == 47


def test_imports_are_read_where_they_stand(tmp_path: Path) -> None:
    text = '- hosts: all\n  vars: {which: sub}\n  tasks:\n    - {import_tasks: "{{ which }}", when: outer}\n'
    _, (play,) = read(tmp_path, text, sub="- {name: a, ping: , when: inner}\n- import_tasks: deep/b.yml\n",
                      deep__b_yml="- {name: b, ping: }\n")  # fmt: skip
    first, second = tasks_of(play.sections[1])
    assert [str(condition) for condition in first.when] == ["outer", "inner"]
    assert [str(condition) for condition in second.when] == ["outer"]
    assert Path(second.origin.file).name == "b.yml"


def test_a_roles_file_may_be_a_link_to_another_roles(tmp_path: Path) -> None:
    link = tmp_path / "roles/undo/handlers/main.yml"
    link.parent.mkdir(parents=True)
    link.symlink_to("../../apply/handlers/main.yml")
    handlers = "- {name: again, listen: changed, debug: }\n"
    text = "- hosts: all\n  roles: [undo]\n"
    project, plays = read(tmp_path, text, roles__apply__handlers__main_yml=handlers)
    project.problems.check()
    assert [task.name for task in tasks_of(plays[0].handlers)] == ["again"]


def test_the_name_of_an_imported_role_may_come_from_the_roles_defaults(tmp_path: Path) -> None:
    text = "- hosts: all\n  vars: {engine: none}\n  roles: [one]\n"
    files = {
        "roles__one__defaults__main_yml": "engine: two\nkind: two\n",
        "roles__one__tasks__main_yml": '- import_role: {name: "{{ kind }}"}\n',
        "roles__two__tasks__main_yml": "- {name: there, debug: }\n",
    }
    project, plays = read(tmp_path, text, **files)
    project.problems.check()
    assert [task.name for task in tasks_of(plays[0].sections[1])] == ["there"]


def test_a_role_does_not_start_outside_of_its_tasks(tmp_path: Path) -> None:
    steps = "- import_role: {name: one, tasks_from: ../handlers/main}\n"
    files = {"roles__one__handlers__main_yml": "- {name: again, debug: }\n", "steps_yml": steps}
    (tmp_path / "roles/one/tasks").mkdir(parents=True)
    project, _ = read(tmp_path, "- hosts: all\n  tasks: [{import_tasks: steps.yml}]\n", **files)
    with pytest.raises(LanguageError, match="not inside the expected role path"):
        project.problems.check()


def test_files_that_import_each_other_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LanguageError, match=r"in a circle: .*a.yml -> b.yml -> a.yml"):
        read(tmp_path, "- hosts: all\n  tasks: [{import_tasks: a.yml}]\n", a_yml="- import_tasks: b.yml\n",
             b_yml="- import_tasks: a.yml\n")  # fmt: skip


def test_all_problems_of_a_playbook_are_told_at_once(tmp_path: Path) -> None:
    project, _ = read(tmp_path, "- hosts: all\n  gather_fact: no\n  tasks:\n    - {pnig: }\n    - {ping: , becom: 1}\n")
    assert [problem.message for problem in project.problems.found] == [
        "'gather_fact' is not a valid attribute for a Play",
        "module 'pnig' is not known",
        "'becom' is not a valid attribute for a Task",
    ]
    assert all(problem.origin is not None and problem.hint for problem in project.problems.found)


@pytest.mark.parametrize(
    ("text", "options", "free"),
    [
        ("a=1 b='two words' c=\"x=y\"", {"a": "1", "b": "two words", "c": "x=y"}, None),
        ("msg={{ a b }} x=1", {"msg": "{{ a b }}", "x": "1"}, None),
        ("file.yml", {}, "file.yml"),
        ("a=  b=", {"a": "", "b": ""}, None),
        ("path=C:\\\\temp", {"path": "C:\\temp"}, None),
        ("{{ name }}=1", {"{{ name }}": "1"}, None),
        ("{{ a == b }}", {}, "{{ a == b }}"),
    ],
)
def test_words_of_an_action(text: str, options: dict[str, str], free: str | None) -> None:
    found = parse_text(TemplateText(text, HERE), HERE)
    assert (dict(found.options), found.free_form) == (options, free)


@pytest.mark.parametrize(
    ("text", "options", "free"),
    [
        ("echo a=b   'c  d'", {}, "echo a=b   'c  d'"),
        ("chdir=/tmp echo 'a b' x=1", {"chdir": "/tmp"}, "echo 'a b' x=1"),
        ("creates={{ f }} touch {{ f }}", {"creates": "{{ f }}"}, "touch {{ f }}"),
        ("{{ cmd }}=x run", {}, "{{ cmd }}=x run"),
        ("  echo a\n  echo b \n", {}, "  echo a\n  echo b \n"),
        ("echo 'a\n b' chdir=/\n", {"chdir": "/"}, "echo 'a\n b'"),
        ("echo 'a\n b'  c chdir=/\n  d\n", {"chdir": "/"}, "echo 'a\n b'  c d\n"),
        ("echo a\n  b creates=/x \\\n  c", {"creates": "/x"}, "echo a\n  b c"),
    ],
)
def test_of_a_command_only_its_own_options_are_taken(text: str, options: dict[str, str], free: str) -> None:
    found = normalise("shell", TemplateText(text, HERE), HERE)
    assert (dict(found.options), found.free_form) == (options, free)


@pytest.mark.parametrize("text", ["msg='open", 'msg="a', "msg={{ a"])
def test_quotes_that_do_not_close(text: str) -> None:
    with pytest.raises(LanguageError, match="failed at splitting arguments"):
        parse_text(text, HERE)


def test_words_are_split_outside_quotes_and_marks() -> None:
    assert split_words("a 'b c' {{ d e }}f {% if x %}y{% endif %} \"g\" ") == [
        "a", "'b c'", "{{ d e }}f", "{% if x %}y{% endif %}", '"g"',
    ]  # fmt: skip


@pytest.mark.parametrize("blank", ["", " ", "\n  "])
def test_blanks_are_no_words(blank: str) -> None:
    assert split_words(blank) == []
    found = parse_text(blank, HERE)
    assert (found.options, found.free_form) == ({}, None)
    assert parse_text(blank, HERE, command=True).free_form == blank


def test_only_project_text_stays_a_template() -> None:
    (value,) = parse_text(TemplateText("a={{ b }}", HERE), HERE).options.values()
    (data,) = parse_text("a={{ b }}", HERE).options.values()
    assert (type(value), type(data)) == (TemplateText, str)


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ("ping", "ping", ""),
        ("shell echo  x", "shell", "echo  x"),
        ("{{ m }} a=1", "{{ m }}", "a=1"),
        ("{{ m }}copy src=a", "{{ m }}copy", "src=a"),
        ("{{ a }}{{ b }}", "{{ a }}{{ b }}", ""),
    ],
)
def test_the_module_in_front_of_an_action(text: str, name: str, words: str) -> None:
    assert cut_action(TemplateText(text, HERE), HERE) == (name, words)


@pytest.mark.parametrize("name", ["", "1a", "a-b", "a.b", "class", "true", "ä", 5, None, "a b"])
def test_names_that_no_variable_has(name: object) -> None:
    assert not is_variable_name(name)
    assert "Invalid variable name" in name_fault(name)


def test_names_that_are_taken() -> None:
    assert taken(["port", "my_port", "lookup", "name", "listen"]) == ["port", "lookup", "name"]
    assert is_variable_name("port")  # a warning, not an error


def test_a_backslash_joins_a_commands_lines_outside_of_quotes() -> None:
    text = "echo  this \\\n  'is \\\n one' a\\\\\\\nb \\\n| cat\nsecond\n"
    assert parse_text(text, None, command=True).free_form == "echo  this   'is \\\n one' a\\\\\\\nb | cat\nsecond\n"


def test_words_know_no_octal_escapes() -> None:
    options = parse_text(r"""regexp='\\b(.+)\\b' replace='"\1"' tab='\t'""", None).options
    assert options == {"regexp": r"\b(.+)\b", "replace": r'"\1"', "tab": "\t"}


@pytest.mark.parametrize(
    ("text", "options", "free"),
    [
        ("user_{{ n }}={{ v }}", {"user_{{ n }}": "{{ v }}"}, None),
        ("{{ a }}_{{ b }}=1 is_{{ n == 'x' }}=2", {"{{ a }}_{{ b }}": "1", "is_{{ n == 'x' }}": "2"}, None),
        ("a{{ n == 1 }}", {}, "a{{ n == 1 }}"),
        ("{{ [{'a': {}}, 'b=c'] }}", {}, "{{ [{'a': {}}, 'b=c'] }}"),
    ],
)
def test_templates_may_be_anywhere_in_the_name_of_an_option(text: str, options: dict[str, str], free: str) -> None:
    found = parse_text(TemplateText(text, HERE), HERE)
    assert (dict(found.options), found.free_form) == (options, free)

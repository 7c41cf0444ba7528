"""``orchestra doc -t``: pages of plugins, roles and keywords; the project's, collections' and those built in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestra.cli.ourmanuals import ours
from orchestra.engine.playrun import STRATEGIES
from orchestra.plugins.caches import OURS as CACHES
from orchestra.plugins.callbacks import _OURS as CALLBACKS
from orchestra.plugins.manual import KINDS
from orchestra.templating.registry import rare_filters, rare_tests
from orchestra.transport.become import _LINES as BECOME

LOOKUP = '''
raise RuntimeError("documentation is read, not run")
DOCUMENTATION = """
name: mine
short_description: What is mine
options:
  depth: {description: How deep., type: int, default: 2, env: [{name: MINE_DEPTH}], ini: [{section: mine, key: depth}]}
  way: {description: [By which way.], choices: [up, down], required: true}
"""
EXAMPLES = """
- debug: msg="{{ lookup('mine', 'x') }}"
"""
RETURN = """
_raw: {description: What was found., type: list}
"""
'''
SIDECAR = "DOCUMENTATION: {name: quiet, description: [Says nothing.]}\nEXAMPLES: \"{{ 'x' | quiet }}\"\n"
SPECS = """
argument_specs:
  main: {short_description: Make a web server, options: {port: {type: int, description: Where it listens.}}}
  other: {short_description: Take it away}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    collection = "collections/ansible_collections/my/own"
    files = {
        "lookup_plugins/mine.py": LOOKUP,
        "filter_plugins/several.py": "class FilterModule: pass\n",
        "filter_plugins/quiet.yml": SIDECAR,
        "roles/web/meta/argument_specs.yml": SPECS,
        f"{collection}/plugins/lookup/theirs.py": LOOKUP.replace("What is mine", "What is theirs"),
        f"{collection}/plugins/filter/deep/loud.yaml": SIDECAR,
        f"{collection}/roles/db/meta/main.yml": SPECS,
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_plugin_of_the_project(run, folder: Path) -> None:
    said = run("doc", "-t", "lookup", "mine").output
    for text in ("LOOKUP mine", "- depth", "How deep.", "env: MINE_DEPTH", "ini: [mine] depth", "= way", "up, down"):
        assert text in said
    assert "lookup('mine', 'x')" in said and "What was found." in said


def test_its_data_have_ansible_docs_shape(run, folder: Path) -> None:
    page = json.loads(run("doc", "-t", "lookup", "-j", "mine").output)["mine"]
    assert page["doc"]["short_description"] == "What is mine"
    assert page["doc"]["options"]["way"]["choices"] == ["up", "down"]
    assert page["return"]["_raw"]["type"] == "list"
    assert page["doc"]["filename"] == str(folder / "lookup_plugins/mine.py")


def test_documentation_beside_a_plugin_and_in_a_collection(run, folder: Path) -> None:
    assert "Says nothing." in run("doc", "-t", "filter", "quiet").output
    assert "Says nothing." in run("doc", "-t", "filter", "my.own.deep.loud").output
    assert "What is theirs" in run("doc", "-t", "lookup", "my.own.theirs").output


def test_lists(run, folder: Path) -> None:
    def names(*words: str) -> set[str]:
        return {line.split()[0] for line in run("doc", *words).output.splitlines()}

    everything = names("-t", "filter", "-l")
    assert {"quiet", "my.own.deep.loud", "combine", "map"} <= everything and "several" not in everything
    assert names("-t", "lookup", "-l", "my.own") == {"my.own.theirs"}
    assert names("-t", "lookup", "-l", "ansible.legacy") == {"mine"}
    assert str(folder / "lookup_plugins/mine.py") in run("doc", "-t", "lookup", "-F", "ansible.legacy").output


def test_what_is_built_in_says_what_it_is_for(run, folder: Path) -> None:
    rare = {*rare_filters(), *rare_tests()}  # some of a collection's are one function with many names
    silent = [(kind, name) for kind in KINDS for name, page in ours(kind).items() if not page.doc and name not in rare]
    assert silent == []
    told = [page.summary for kind in KINDS for page in ours(kind).values()]
    assert not [text for text in told if text.startswith("partial(")]
    assert "(Jinja2)" in run("doc", "-t", "filter", "map").output
    assert set(STRATEGIES) == set(ours("strategy"))
    assert set(CACHES) == set(ours("cache"))
    assert set(CALLBACKS) == set(ours("callback"))
    assert set(BECOME) == set(ours("become"))


def test_roles(run, folder: Path) -> None:
    assert "my.own.db: other" in run("doc", "-t", "role", "-l").output
    said = run("doc", "-t", "role", "web").output
    assert "ENTRY POINT: main - Make a web server" in said and "Where it listens." in said
    only = run("doc", "-t", "role", "my.own.db", "-e", "other").output
    assert "Take it away" in only and "Where it listens." not in only
    assert json.loads(run("doc", "-t", "role", "-j", "web").output)["web"]["entry_points"]["main"]["options"]["port"]


@pytest.mark.parametrize("content", [b"x = '\xe9'\n", b"x = 1\0", b"def"])
def test_a_file_that_is_no_python_is_told(run, folder: Path, content: bytes) -> None:
    (folder / "lookup_plugins/mine.py").write_bytes(content)
    wrong = run("doc", "-t", "lookup", "mine")
    assert wrong.exit_code == 4 and "mine.py:1: this is no Python" in wrong.output


def test_a_role_whose_specification_is_odd(run, folder: Path) -> None:
    path = folder / "roles/web/meta/argument_specs.yml"
    path.write_text("argument_specs: {main: {options: {on: {type: str, env: 5}, name: {type: str}}}}")
    assert "- True" in run("doc", "-t", "role", "web").output
    options = json.loads(run("doc", "-t", "role", "-j", "web").output)["web"]["entry_points"]["main"]["options"]
    assert set(options) == {"True", "name"}
    path.write_text("argument_specs: {main: {options: [a, b]}}")
    wrong = run("doc", "-t", "role", "web")
    assert wrong.exit_code == 4 and "must be a mapping" in wrong.output and "argument_specs.yml:1" in wrong.output


def test_keywords(run, folder: Path) -> None:
    assert "applies_to:\n  - task\n  - handler" in run("doc", "-t", "keyword", "until").output
    assert "become_user: Which user" in run("doc", "-t", "keyword", "-l").output
    wrong = run("doc", "-t", "keyword", "regster")
    assert wrong.exit_code == 2 and "Skipping invalid keyword 'regster'" in wrong.output and "register" in wrong.output


def test_names_that_are_none(run, folder: Path) -> None:
    wrong = run("doc", "-t", "filter", "combin")
    assert wrong.exit_code == 2 and "was not found" in wrong.output and "combine" in wrong.output
    assert "unable to locate collection no.where" in run("doc", "-t", "filter", "-l", "no.where").output
    assert "Invalid collection name" in run("doc", "-t", "filter", "-l", "a.b.c").output
    assert "meta/argument_specs.yml" in run("doc", "-t", "role", "zzz").output


def test_everything_at_once_passes_over_faults_only_where_it_may(run, folder: Path) -> None:
    found = json.loads(run("doc", "--metadata-dump").stdout)["all"]
    assert found["lookup"]["my.own.theirs"]["doc"]["short_description"] == "What is theirs"
    assert {"copy", "debug"} <= set(found["module"]) and "web" in found["role"]
    (folder / "lookup_plugins/broken.py").write_text("def (")
    assert run("doc", "--metadata-dump").exit_code == 4
    lenient = run("doc", "--metadata-dump", "--no-fail-on-errors")
    assert lenient.exit_code == 0 and "this is no Python" in lenient.stderr


def test_snippets(run, folder: Path) -> None:
    assert "lookup('mine', 'TERM', depth=2, way=None)" in run("doc", "-t", "lookup", "-s", "mine").output
    assert run("doc", "-t", "filter", "-s", "combine").exit_code == 2

"""Wrong options are found before anything runs, and nothing is said of what only a host decides."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from orchestra.engine.modulenames import KnownModules
from orchestra.engine.run import Playbook
from orchestra.engine.staticcheck import option_problems
from orchestra.language.plays import read_playbook
from orchestra.language.project import Project
from orchestra.language.yamltext import load_file
from orchestra.library.catalogue import Library

LIBRARY = Library()


def as_it_is(value: Any, variables: Mapping[str, Any]) -> Any:
    return value


def found(folder: Path, tasks: str, head: str = "") -> list[str]:
    """What is wrong with a play of these tasks, as ``line: message``."""
    path = folder / "play.yml"
    path.write_text(f"- hosts: all\n{head}  tasks:\n" + "".join(f"    {line}\n" for line in tasks.splitlines()))
    project = Project(read_yaml=load_file, modules=KnownModules(LIBRARY), render=as_it_is)
    playbook = Playbook(str(path), tuple(read_playbook(project, str(path), {})))
    problems = option_problems([playbook], project.imports, LIBRARY)
    return [f"{problem.origin.line if problem.origin else 0}: {problem.message}" for problem in problems]


@pytest.mark.parametrize(
    "task",
    [
        '- file: {path: /x, state: "{{ state }}", mode: "{{ mode }}"}',
        '- lineinfile: {path: /x, line: a, regexp: a, search_string: "{{ s | default(omit) }}"}',
        '- copy: {dest: /x, content: "{{ c | default(omit) }}", src: "{{ s | default(omit) }}"}',
        '- user: "{{ account }}"',
        '- user: {shell: /bin/sh}\n  args: "{{ account }}"',
        '- file: {"{{ name }}": /x}',
        '- "command": "ls {{ x }}"\n  args: {chdir: /}',
        "- command: {_raw_params: ls}",
        "- shell: ls creates=/x",
        '- action: "{{ module }} nonsense=1"',
        '- include_tasks: "{{ os }}.yml"',
        "- set_fact: {anything: 1, cacheable: true}",
        "- add_host: {hostname: x, group: a, http_port: 80}",
        "- gather_facts: {gather_subset: all}",
        "- meta: noop",
        "- x.y.nobody_has_it: {what: ever}",
    ],
)
def test_nothing_is_said_that_a_run_might_not_say(tmp_path: Path, task: str) -> None:
    assert found(tmp_path, task) == []


def test_names_are_wrong_whatever_their_values(tmp_path: Path) -> None:
    assert found(tmp_path, '- file: {pth: "{{ x }}", path: /x}') == ["3: file: 'pth' is not an option of this module"]


def test_defaults_in_force_may_bring_what_is_missing(tmp_path: Path) -> None:
    tasks = "- user: {shell: /bin/sh}\n- user: {shel: /bin/sh}"
    head = "  module_defaults: {user: {name: me}}\n"
    assert found(tmp_path, tasks, head) == ["5: user: 'shel' is not an option of this module"]
    assert found(tmp_path, tasks, "  module_defaults: {}\n")[0] == "4: user: 'name' is required"


def test_imports_are_looked_at_too_and_what_they_bring_in(tmp_path: Path) -> None:
    (tmp_path / "more.yml").write_text("- ping: {dta: x}\n")
    tasks = "- import_tasks: {file: more.yml}\n- import_role: {name: r, public: perhaps}\n- import_tasks: more.yml"
    assert found(tmp_path, tasks) == [
        "1: ping: 'dta' is not an option of this module",
        "4: import_role: 'public' expected a yes or a no, not 'perhaps'",
    ]


def test_only_modules_that_are_named_are_loaded(tmp_path: Path) -> None:
    (tmp_path / "site.yml").write_text("- hosts: all\n  tasks: [{stat: {path: /}}, {stat: {path: /x}}, {fail: }]\n")
    code = (
        "import sys\nfrom orchestra.cli.main import main\n"
        "main(['play', '-i', 'h,', 'site.yml', '--syntax-check'], standalone_mode=False)\n"
        "print(sorted(n.split('.')[1].rpartition('_')[0] for n in sys.modules if n.startswith('orchestra_modules.')))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "['fail', 'stat']"


def orchestra(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "orchestra", "play", "-i", "h1,h2,", "-c", "local", "site.yml", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


PLAYBOOK = """\
- hosts: all
  gather_facts: false
  tasks:
    - debug: {msg: first}
    - debug: {mgs: second}
"""


def test_a_syntax_check_refuses_them(tmp_path: Path) -> None:
    (tmp_path / "site.yml").write_text(PLAYBOOK + "    - ping: {dta: x}\n")
    done = orchestra(tmp_path, "--syntax-check")
    assert (done.returncode, done.stdout) == (4, "")
    assert "site.yml:5:15: debug: 'mgs'" in done.stderr and "site.yml:6:14: ping: 'dta'" in done.stderr


def test_a_run_warns_once_and_fails_where_it_comes_to_it(tmp_path: Path) -> None:
    (tmp_path / "site.yml").write_text(PLAYBOOK)
    done = orchestra(tmp_path, "--output", "json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    (warning,) = [event for event in events if event["event"] == "warned"]
    assert warning["message"] == "debug: 'mgs' is not an option of this module; did you mean msg?"
    assert warning["path"].endswith("site.yml:5:15")
    assert done.returncode == 2
    assert {name: (host["ok"], host["failed"]) for name, host in events[-1]["hosts"].items()} == {
        "h1": (1, 1),
        "h2": (1, 1),
    }

"""--list-tasks and --syntax-check in Ansible's form and in ours; Ansible's were written down from ansible-playbook."""

from pathlib import Path

import pytest

PLAYBOOK = """\
- hosts: "{{ members | default(omit) }}"
  tasks:
    - block:
        - {name: in body, debug: {msg: x}, tags: [t1]}
      rescue: [{name: in rescue, debug: {msg: x}, tags: t2}]
      always: [{name: in always, debug: {msg: x}, tags: t3}]
    - include_role: {name: a/b}
- hosts: "{{ members }}"
  roles: [./roles/a/b]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    role = tmp_path / "roles/a/b"
    for name, text in {
        "tasks": "- {name: hello, debug: {msg: x}}\n- {name: other, include_role: {name: a/c}}\n",
        "defaults": "members: localhost\n",
    }.items():
        (role / name).mkdir(parents=True)
        (role / name / "main.yml").write_text(text)
    (tmp_path / "play.yml").write_text(PLAYBOOK)
    return tmp_path / "play.yml"


def test_as_ansible_lists(run, project: Path) -> None:
    listed = run("play", str(project), "--list-tasks", "--list-tags", "--output", "ansible").stdout
    assert listed == (
        f"\nplaybook: {project}\n\n"
        "  play #1 (): \tTAGS: []\n    tasks:\n      in body\tTAGS: [t1]\n      include_role\tTAGS: []\n"
        "      TASK TAGS: [t1]\n\n"
        "  play #2 (localhost): localhost\tTAGS: []\n    tasks:\n"
        "      ./roles/a/b : hello\tTAGS: []\n      other\tTAGS: []\n      TASK TAGS: []\n"
    )


def test_ours_lists_all_parts_of_blocks(run, project: Path) -> None:
    listed = run("play", str(project), "--list-tasks").stdout
    assert [line.split("\t")[0].strip() for line in listed.splitlines() if "in " in line] == [
        "in body", "in rescue", "in always",
    ]  # fmt: skip


def test_what_only_a_run_refuses_is_told_in_ansibles_form(run, project: Path) -> None:
    project.write_text("- hosts: localhost\n  tasks:\n    - copy: {dest: /tmp/x, content: x, flat: true}\n")
    told = run("play", str(project), "--syntax-check", "--output", "ansible")
    assert told.exit_code == 0
    assert "[WARNING]" in told.stderr and "'flat' is not an option" in told.stderr
    refused = run("play", str(project), "--syntax-check")
    assert refused.exit_code == 4
    assert "'flat' is not an option" in refused.stderr

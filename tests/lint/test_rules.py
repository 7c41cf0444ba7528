"""Each rule on a text that it dislikes and, beside it, on one that it leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestra.library.catalogue import Library
from orchestra.lint.check import ALL, Choice, check

LIBRARY = Library()
EVERYTHING = Choice(more=tuple(rule.name for rule in ALL))


def rules_of(folder: Path, text: str, name: str = "tasks/main.yml") -> list[str]:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return [one.rule for one in check([str(folder)], LIBRARY, EVERYTHING)]


def task(text: str) -> str:
    return "- name: It\n" + "".join(f"  {line}\n" for line in text.splitlines())


BAD = [
    ("command-instead-of-module", "ansible.builtin.command: systemctl restart x\nchanged_when: true"),
    ("command-instead-of-module", "ansible.builtin.command:\n  argv: [git, clone, u, /d]\n  creates: /d"),
    ("command-instead-of-shell", "ansible.builtin.shell: whoami\nchanged_when: false"),
    ("no-changed-when", "ansible.builtin.command: whoami"),
    ("risky-file-permissions", "ansible.builtin.copy: {src: a, dest: /b}"),
    ("risky-file-permissions", "ansible.builtin.file: {path: /b, state: directory}"),
    ("risky-octal", "ansible.builtin.copy: {src: a, dest: /b, mode: 0644}"),
    ("risky-octal", "ansible.builtin.copy: {src: a, dest: /b, mode: 644}"),
    ("world-writable", "ansible.builtin.copy: {src: a, dest: /b, mode: '0666'}"),
    ("world-writable", "ansible.builtin.copy: {src: a, dest: /b, mode: 'u=rw,o+w'}"),
    ("no-jinja-when", "ansible.builtin.ping:\nwhen: '{{ a }}'"),
    ("literal-compare", "ansible.builtin.ping:\nwhen: a == true"),
    ("deprecated-bare-vars", "ansible.builtin.ping:\nwith_items: things"),
    ("deprecated", "local_action: ansible.builtin.ping"),
    ("deprecated", "ansible.builtin.ping:\nsudo: true"),
    ("ignore-errors", "ansible.builtin.ping:\nignore_errors: true"),
    ("package-latest", "ansible.builtin.apt: {name: a, state: latest}"),
    ("no-handler", "ansible.builtin.ping:\nwhen: a is changed"),
    ("no-free-form", "ansible.builtin.apt: name=a state=present"),
    ("yaml[truthy]", "ansible.builtin.apt: {name: a, update_cache: yes}"),
    ("yaml[key-duplicates]", "ansible.builtin.ping:\nwhen: a\nwhen: b"),
    ("yaml[trailing-spaces]", "ansible.builtin.ping: \nwhen: a"),
    ("jinja[spacing]", "ansible.builtin.debug:\n  msg: '{{a}}'"),
    ("no-log-password", "ansible.builtin.uri: {url: u, body: '{{ b }}', auth_token: '{{ c }}'}"),
    ("fqcn", "ping:"),
    ("unused-register", "ansible.builtin.ping:\nregister: answer"),
    ("no-tabs", "ansible.builtin.ping:\nwhen:\ta"),
]

GOOD = [
    "ansible.builtin.command: systemctl is-active x\nchanged_when: false",
    "ansible.builtin.command: make install\nargs: {creates: /x}",
    "ansible.builtin.command: make install creates=/x",
    "ansible.builtin.shell: curl x | sh\nchanged_when: true",
    "ansible.builtin.shell: echo $HOME\nchanged_when: false",
    "ansible.builtin.file: {path: /b, state: absent}",
    "ansible.builtin.copy: {src: a, dest: /b, mode: '0644'}",
    "ansible.builtin.file: {path: /tmp/b, state: directory, mode: '1777'}",
    "ansible.builtin.copy: '{{ options }}'",
    "ansible.builtin.ping:\nwhen: a and b",
    "ansible.builtin.ping:\nloop: '{{ things }}'",
    "ansible.builtin.ping:\nwith_fileglob: things",
    "ansible.builtin.command: echo a=b c\nchanged_when: false",
    "ansible.builtin.user: {name: a, password: '{{ b }}'}",
    "ansible.builtin.uri: {url: u, auth_token: '{{ c }}'}\nno_log: true",
    "ansible.builtin.debug:\n  msg: |\n    text \n    {{ a }}\ttab",
    "ansible.builtin.debug: {msg: '{{ {\"a\": {}} }}'}",
    "ansible.builtin.shell: |\n  set -e\n  make\nchanged_when: true  # noqa",
]


@pytest.mark.parametrize(("rule", "text"), BAD)
def test_what_is_found(tmp_path: Path, rule: str, text: str) -> None:
    assert rule in rules_of(tmp_path, task(text))


@pytest.mark.parametrize("text", GOOD)
def test_what_is_left_alone(tmp_path: Path, text: str) -> None:
    assert rules_of(tmp_path, task(text)) == []


def test_names_are_missed_from_tasks_and_plays(tmp_path: Path) -> None:
    text = "- hosts: all\n  tasks:\n    - ansible.builtin.ping:\n    - ansible.builtin.meta: noop\n"
    assert rules_of(tmp_path, text, "site.yml") == ["name", "name"]


def test_becoming_somebody_needs_become(tmp_path: Path) -> None:
    text = "- name: Play\n  hosts: all\n  become_user: bob\n  tasks: []\n"
    assert rules_of(tmp_path, text, "site.yml") == ["partial-become"]


PLAY = """- name: Play
  hosts: all
  tasks:
    - name: Change
      ansible.builtin.ping:
      notify: {notified}
  handlers:
    - name: restart it
      ansible.builtin.ping:
      listen: [topic]
"""


@pytest.mark.parametrize(
    ("notified", "rules"),
    [
        ("restart it", []),
        ("topic", []),
        ("'role : restart it'", []),
        ("restart that", ["unknown-handler", "unused-handler"]),
        ("'{{ name }}'", []),
    ],
)
def test_handlers_and_notifications_meet(tmp_path: Path, notified: str, rules: list[str]) -> None:
    assert rules_of(tmp_path, PLAY.format(notified=notified), "site.yml") == rules


def test_files_that_cannot_be_read_are_findings(tmp_path: Path) -> None:
    assert rules_of(tmp_path, "- name: 'x\n", "site.yml") == ["load-failure"]


def test_vaults_and_data_are_passed_over(tmp_path: Path) -> None:
    assert rules_of(tmp_path, "$ANSIBLE_VAULT;1.1;AES256\n00\n", "group_vars/all/vault.yml") == []
    assert rules_of(tmp_path, "a: yes\n---\nb: 1\n", "files/x.yml") == []


def test_silenced_on_the_line_and_for_the_task(tmp_path: Path) -> None:
    assert rules_of(tmp_path, task("ping:  # noqa: fqcn")) == []
    assert rules_of(tmp_path, "- name: It  # noqa fqcn no-jinja-when\n  ping:\n  when: '{{ a }}'\n") == []
    assert rules_of(tmp_path, task("ping:  # noqa: yaml")) == ["fqcn"]
    assert rules_of(tmp_path / "other", "a: yes  # noqa: yaml\n", "vars/main.yml") == []


def test_a_playbook_is_looked_at_with_what_it_uses(tmp_path: Path) -> None:
    for name, text in {
        "site.yml": "- name: P\n  hosts: all\n  roles: [web]\n  tasks:\n    - import_tasks: more.yml\n",
        "more.yml": task("ping:"),
        "roles/web/tasks/main.yml": task("ping:"),
        "other.yml": "a: yes\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    found = check([str(tmp_path / "site.yml")], LIBRARY, Choice(only=("fqcn",)))
    assert sorted({Path(one.origin.file).name for one in found}) == ["main.yml", "more.yml", "site.yml"]


def test_the_manual_has_every_rule() -> None:
    page = (Path(__file__).parents[2] / "docs/lint.md").read_text(encoding="utf-8")
    for rule in ALL:
        row = (
            f"| `{rule.name}` | {rule.why} | {'yes' if rule.fixes else ''} | {'--enable' if rule.optional else 'on'} |"
        )
        assert row in page, row

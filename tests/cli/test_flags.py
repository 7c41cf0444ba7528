"""Flags to settings and wishes; passwords and variables."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from orchestra.cli.extravars import read_extra_vars
from orchestra.errors import LanguageError, UsageError
from orchestra.language.vault import VaultKey, VaultOpener
from orchestra.language.vaultfiles import encrypt_bytes
from orchestra.model.origin import TemplateText
from orchestra.model.secret import Secret


@pytest.mark.parametrize(
    ("words", "field", "value"),
    [
        ([], "limit", ""),
        (["-l", "web"], "limit", "web"),
        (["--limit", "web", "-l", "!web3"], "limit", "web:!web3"),
        ([], "tags", ("all",)),
        (["-t", "a,b", "--tags", "c"], "tags", ("a", "b", "c")),
        (["--skip-tags", "x, y"], "skip_tags", ("x", "y")),
        (["-C"], "check", True),
        (["-C"], "foresight", True),
        (["-C", "--output", "ansible"], "foresight", False),
        (["--diff"], "diff", True),
        (["-b"], "become", True),
        (["--become-user", "app"], "become_user", "app"),
        (["--become-method", "doas"], "become_method", "doas"),
        (["-u", "root"], "remote_user", "root"),
        (["-c", "local"], "connection", "local"),
        (["-T", "7"], "timeout", 7),
        (["--private-key", "/k"], "private_key", "/k"),
        (["--key-file", "~/k"], "private_key", "{home}/k"),
        (["--ssh-common-args", "-J hop"], "ssh_common_args", "-J hop"),
        (["--ssh-extra-args", "-A"], "ssh_extra_args", "-A"),
        (["--start-at-task", "x y"], "start_at_task", "x y"),
        (["--step"], "step", True),
        (["--force-handlers"], "force_handlers", True),
        (["--flush-cache"], "flush_cache", True),
        (["-vvv"], "verbosity", 3),
        (["-v", "-v"], "verbosity", 2),
        (["--lim", "web"], "limit", "web"),
        (["--lim=web=1"], "limit", "web=1"),
        (["--skip", "--lim"], "skip_tags", ("--lim",)),
        (["-Ct", "--lim"], "tags", ("--lim",)),
        (["-tC", "--forc"], "force_handlers", True),
    ],
)
def test_wishes(run, engine, site: str, tmp_path: Path, words: list[str], field: str, value: object) -> None:
    assert run("play", site, "--output", "json", *words).exit_code == 0
    expected = value.format(home=tmp_path) if isinstance(value, str) else value
    assert getattr(engine.options, field) == expected


@pytest.mark.parametrize(
    ("words", "field", "value"),
    [
        ([], "forks", 50),
        (["-f", "3"], "forks", 3),
        (["-i", "a,b,"], "inventory", ("a,b,",)),
        (["-i", "hosts", "--inventory", "x/y"], "inventory", ("{cwd}/hosts", "{cwd}/x/y")),
        (["-J"], "ask_vault_pass", True),
    ],
)
def test_settings(run, engine, site: str, tmp_path: Path, words: list[str], field: str, value: object) -> None:
    assert run("play", site, "--output", "json", *words, stdin="pw\n").exit_code == 0
    if isinstance(value, tuple):
        value = tuple(one.format(cwd=tmp_path) for one in value)
    assert getattr(engine.settings, field) == value


def test_module_folders_come_first(run, engine, site: str, tmp_path: Path) -> None:
    run("play", site, "-M", f"mine{os.pathsep}/theirs", "-M", "more")
    assert engine.settings.library[:3] == (str(tmp_path / "mine"), "/theirs", str(tmp_path / "more"))
    assert len(engine.settings.library) > 3


def test_settings_of_a_file_stand_in_for_flags(run, engine, site: str, tmp_path: Path) -> None:
    (tmp_path / "ansible.cfg").write_text(
        "[defaults]\nforks = 9\nforce_handlers = yes\n[diff]\nalways = yes\n[tags]\nrun = a,b\n"
    )
    run("play", site)
    assert engine.settings.forks == 9
    assert engine.options.force_handlers
    assert engine.options.diff
    assert engine.options.tags == ("a", "b")


@pytest.mark.parametrize(("word", "foresight"), [("yes", True), ("true", True), ("no", False), ("auto", False)])
def test_foresight_may_be_asked_for_under_any_output(
    run, engine, site: str, monkeypatch, word: str, foresight: bool
) -> None:
    monkeypatch.setenv("ORCHESTRA_CHECK_FORESIGHT", word)
    run("play", site, "-C", "--output", "ansible")
    assert engine.options.foresight is foresight


def test_passwords_from_files_and_programs(run, engine, site: str, tmp_path: Path) -> None:
    (tmp_path / "login").write_text("login-pw\n")
    program = tmp_path / "become"
    program.write_text("#!/bin/sh\necho become-pw\n")
    program.chmod(0o700)
    run("play", site, "--connection-password-file", "login", "--become-password-file", "become")
    assert engine.options.connection_password == "login-pw"
    assert engine.options.become_password == "become-pw"
    assert isinstance(engine.options.become_password, Secret)
    assert engine.calls[-1][2]["redactor"].mask("the login-pw") == "the ********"


def test_passwords_that_are_asked_for(run, engine, site: str) -> None:
    assert run("play", site, "-k", "-K", stdin="first\n\n").exit_code == 0
    assert engine.options.connection_password == "first"
    assert engine.options.become_password == "first"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-k", "--connection-password-file", "x"], "-k and --connection-password-file exclude each other"),
        (["-K", "--become-pass-file", "x"], "-K and --become-password-file exclude each other"),
        (["-K"], "nobody answered 'BECOME password:'"),
        (["--become-password-file", "nowhere"], "cannot read the password file nowhere: No such file"),
    ],
)
def test_password_errors(run, engine, site: str, words: list[str], said: str) -> None:
    result = run("play", site, *words, stdin="")
    assert result.exit_code in (1, 2)
    assert said in result.output
    assert engine.calls == []


def test_a_failing_password_program(run, engine, site: str, tmp_path: Path) -> None:
    program = tmp_path / "pw"
    program.write_text("#!/bin/sh\necho locked >&2\nexit 3\n")
    program.chmod(0o700)
    result = run("play", site, "--become-password-file", "pw")
    assert result.exit_code == 1
    assert "failed (exit 3): locked" in result.output


KEY = VaultKey("default", b"vault-password")


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        ([], {}),
        (["a=1 b='two words'"], {"a": "1", "b": "two words"}),
        (['{"a": 1, "b": [true]}'], {"a": 1, "b": [True]}),
        (["{a: 1}"], {"a": 1}),
        (["a: 1"], {"a": 1}),
        (["a=1", "a=2"], {"a": "2"}),
        (["@vars.yml"], {"file": 1}),
        (["@sealed.yml"], {"sealed": 1}),
        (["@empty.yml"], {}),
    ],
)
def test_extra_vars(tmp_path: Path, monkeypatch, texts: list[str], found: dict) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "vars.yml").write_text("file: 1\n")
    (tmp_path / "empty.yml").write_text("")
    (tmp_path / "sealed.yml").write_bytes(encrypt_bytes(b"sealed: 1\n", KEY))
    assert read_extra_vars(texts, VaultOpener([KEY])) == found


def test_extra_vars_are_the_user_s_own_templates() -> None:
    found = read_extra_vars(["a={{b}}", '{"c": "{{ d }}"}'], VaultOpener())
    assert isinstance(found["a"], TemplateText)
    assert isinstance(found["c"], TemplateText)


def test_extra_vars_can_be_merged() -> None:
    texts = ['{"a": {"x": 1, "y": {"p": 1}}}', '{"a": {"y": {"q": 2}}}']
    assert read_extra_vars(texts, VaultOpener(), merge=True) == {"a": {"x": 1, "y": {"p": 1, "q": 2}}}
    assert read_extra_vars(texts, VaultOpener()) == {"a": {"y": {"q": 2}}}


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("nonsense", UsageError, "is not understood near 'nonsense'"),
        ("[1, 2]", LanguageError, "must hold a mapping"),
        ("@nowhere.yml", LanguageError, "cannot read the file"),
        ("{a: ", LanguageError, "not closed"),
    ],
)
def test_extra_vars_errors(text: str, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        read_extra_vars([text], VaultOpener())


def test_text_that_is_marked_unsafe_is_data(run, tmp_path: Path) -> None:
    (tmp_path / "p.yml").write_text(
        '- hosts: localhost\n  gather_facts: false\n  tasks:\n    - assert: {that: ["a.b == text", "a.c == 2"]}\n'
        "      vars: {text: !unsafe '{{ 1 + 1 }}'}\n"
    )
    extra = '{"a": {"b": {"__ansible_unsafe": "{{ 1 + 1 }}"}, "c": "{{ 1 + 1 }}"}}'
    assert run("play", "p.yml", "-e", extra).exit_code == 0

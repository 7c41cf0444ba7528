"""The vault commands, with ansible-vault's flags; the formats have tests of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml


@pytest.fixture
def folder(tmp_path: Path, run) -> Path:
    """A folder with two passwords and a clear file."""
    (tmp_path / "pw").write_text("first password\n")
    (tmp_path / "pw2").write_text("second password\n")
    (tmp_path / "clear.yml").write_text("secret: 1\n")
    return tmp_path


PW = ("--vault-password-file", "pw")
PW2 = ("--vault-password-file", "pw2")


def test_there_and_back(run, folder: Path) -> None:
    assert run("vault", "encrypt", "clear.yml", *PW).exit_code == 0
    assert (folder / "clear.yml").read_text().startswith("$ANSIBLE_VAULT;1.1;AES256\n")
    assert run("vault", "view", "clear.yml", *PW).output == "secret: 1\n"
    assert run("vault", "decrypt", "clear.yml", *PW).exit_code == 0
    assert (folder / "clear.yml").read_text() == "secret: 1\n"


def test_standard_input_and_output(run, folder: Path) -> None:
    sealed = run("vault", "encrypt", *PW, stdin="hello").output
    assert sealed.startswith("$ANSIBLE_VAULT")
    assert run("vault", "decrypt", *PW, stdin=sealed).output == "hello"
    assert run("vault", "encrypt", "clear.yml", "--output", "-", *PW).output.startswith("$ANSIBLE_VAULT")
    assert (folder / "clear.yml").read_text() == "secret: 1\n"


def test_output_into_a_file_that_only_the_owner_reads(run, folder: Path) -> None:
    run("vault", "encrypt", "--output", "sealed", *PW, stdin="hello")
    assert (folder / "sealed").stat().st_mode & 0o777 == 0o600
    run("vault", "decrypt", "sealed", "--output", "open", *PW)
    assert (folder / "open").read_text() == "hello"


def test_labels(run, folder: Path) -> None:
    ids = ("--vault-id", "a@pw", "--vault-id", "b@pw2")
    result = run("vault", "encrypt", "clear.yml", *ids)
    assert result.exit_code == 5
    assert "choose one with --encrypt-vault-id" in result.output
    assert run("vault", "encrypt", "clear.yml", *ids, "--encrypt-vault-id", "b").exit_code == 0
    assert (folder / "clear.yml").read_text().startswith("$ANSIBLE_VAULT;1.2;AES256;b\n")
    assert run("vault", "view", "clear.yml", *ids).output == "secret: 1\n"


def test_rekey(run, folder: Path) -> None:
    run("vault", "encrypt", "clear.yml", *PW)
    assert run("vault", "rekey", "clear.yml", *PW, "--new-vault-password-file", "pw2").exit_code == 0
    assert run("vault", "view", "clear.yml", *PW).exit_code == 1
    assert run("vault", "view", "clear.yml", *PW2).output == "secret: 1\n"
    assert run("vault", "rekey", "clear.yml", *PW2, "--new-vault-id", "x@pw").exit_code == 0
    assert (folder / "clear.yml").read_text().startswith("$ANSIBLE_VAULT;1.2;AES256;x\n")


def test_rekey_opens_all_before_it_writes_any(run, folder: Path) -> None:
    run("vault", "encrypt", "clear.yml", *PW)
    before = (folder / "clear.yml").read_text()
    (folder / "plain").write_text("x")
    assert run("vault", "rekey", "clear.yml", "plain", *PW, "--new-vault-password-file", "pw2").exit_code == 1
    assert (folder / "clear.yml").read_text() == before


def test_edit_and_create(run, folder: Path, monkeypatch) -> None:
    run("vault", "encrypt", "clear.yml", *PW)
    monkeypatch.setenv("EDITOR", "sed -i s/1/2/")
    assert run("vault", "edit", "clear.yml", *PW).exit_code == 0
    assert run("vault", "view", "clear.yml", *PW).output == "secret: 2\n"
    monkeypatch.setenv("EDITOR", "cp pw2")
    assert run("vault", "create", "new.yml", *PW).exit_code == 5
    assert run("vault", "create", "new.yml", "--skip-tty-check", *PW).exit_code == 0
    assert run("vault", "view", "new.yml", *PW).output == "second password\n"


def test_strings(run, folder: Path) -> None:
    text = run("vault", "encrypt_string", "hello", "bye", "-n", "greet", *PW).output
    assert text.startswith("greet: !vault |\n          $ANSIBLE_VAULT;1.1;AES256\n")
    assert "\n!vault |\n" in text
    named = run("vault", "encrypt-string", "--stdin-name", "key", *PW, stdin="from a pipe").output
    yaml.SafeLoader.add_constructor("!vault", lambda loader, node: node.value)
    sealed = yaml.safe_load(named)["key"]
    assert run("vault", "decrypt", *PW, stdin=sealed).output == "from a pipe"


def test_more_names_than_texts(run, folder: Path) -> None:
    assert run("vault", "encrypt-string", "a", "-n", "x", "-n", "y", *PW).exit_code == 5


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("view", "clear.yml", *PW), "a vault text starts with"),
        (("view", "nowhere", *PW), "cannot read the file"),
        (("view", "clear.yml", "--vault-password-file", "nowhere"), "does not exist"),
        (("encrypt", "a", "b", "--output", "c", *PW), "--output takes one input file"),
        (("rekey", "x", *PW, "--new-vault-id", "a@b", "--new-vault-password-file", "c"), "exclude each other"),
    ],
)
def test_errors(run, folder: Path, words: tuple[str, ...], said: str) -> None:
    result = run("vault", *words)
    assert result.exit_code == (2 if "exclude" in said else 5 if "one input" in said else 1)
    assert said in result.output


def test_passwords_are_asked_for(run, folder: Path) -> None:
    sealed = run("vault", "encrypt", "clear.yml", stdin="typed\ntyped\n")
    assert sealed.exit_code == 0
    assert run("vault", "view", "clear.yml", stdin="typed\n").output == "secret: 1\n"
    wrong = run("vault", "view", "clear.yml", stdin="other\n")
    assert wrong.exit_code == 1
    assert "Decryption failed (no vault secrets were found that could decrypt)" in wrong.output
    assert "are not the same" in run("vault", "encrypt", "pw", stdin="one\ntwo\n").output


def test_a_play_says_as_ansible_playbook_whose_vault_does_not_open(run, folder: Path) -> None:
    (folder / "play.yml").write_text("- {hosts: localhost, gather_facts: false, vars_files: [clear.yml], tasks: []}\n")
    (folder / "empty.yml").write_text("- {hosts: localhost, gather_facts: false, tasks: [{ping: }]}\n")
    run("vault", "encrypt", "clear.yml", *PW)
    assert run("play", "play.yml").exit_code == 1
    (folder / "group_vars").mkdir()
    (folder / "clear.yml").rename(folder / "group_vars/all.yml")
    assert run("play", "empty.yml").exit_code == 4

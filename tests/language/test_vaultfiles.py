"""What the vault command does to files: modes, one-step replacement, editors that fail."""

import os
import stat
from pathlib import Path

import pytest

from orchestra.errors import VaultError
from orchestra.language import vaultfiles
from orchestra.language.vault import VaultKey, VaultOpener
from orchestra.language.yamltext import load

KEY = VaultKey("default", b"one")
PROD = VaultKey("prod", b"two")
OPENER = VaultOpener([KEY, PROD])


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def editor(tmp_path: Path, body: str) -> list[str]:
    path = tmp_path / "editor"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o700)
    return [str(path)]


@pytest.fixture
def clear(tmp_path: Path) -> Path:
    path = tmp_path / "secrets.yml"
    path.write_text("a: 1\n")
    path.chmod(0o640)
    return path


def test_encrypt_keeps_the_mode_and_decrypt_is_private(clear: Path) -> None:
    vaultfiles.encrypt_file(str(clear), KEY)
    assert clear.read_bytes().startswith(b"$ANSIBLE_VAULT;1.1;AES256\n") and mode(clear) == 0o640
    assert vaultfiles.view_file(str(clear), OPENER) == b"a: 1\n"
    vaultfiles.decrypt_file(str(clear), OPENER)
    assert clear.read_text() == "a: 1\n" and mode(clear) == 0o600
    assert [path.name for path in clear.parent.iterdir()] == ["secrets.yml"]


def test_encrypt_into_another_file(clear: Path, tmp_path: Path) -> None:
    vaultfiles.encrypt_file(str(clear), PROD, output=str(tmp_path / "out"))
    assert clear.read_text() == "a: 1\n"
    assert (tmp_path / "out").read_bytes().startswith(b"$ANSIBLE_VAULT;1.2;AES256;prod\n")
    assert mode(tmp_path / "out") == 0o600


def test_encrypting_twice_is_refused(clear: Path) -> None:
    vaultfiles.encrypt_file(str(clear), KEY)
    with pytest.raises(VaultError, match="encrypted already") as caught:
        vaultfiles.encrypt_file(str(clear), KEY)
    assert str(clear) in caught.value.render()


def test_rekey_follows_a_link_and_keeps_the_mode(clear: Path, tmp_path: Path) -> None:
    vaultfiles.encrypt_file(str(clear), KEY)
    link = tmp_path / "link"
    link.symlink_to(clear)
    vaultfiles.rekey_file(str(link), OPENER, PROD)
    assert link.is_symlink() and mode(clear) == 0o640
    assert VaultOpener([PROD]).decrypt(clear.read_bytes()) == b"a: 1\n"
    assert b";1.2;AES256;prod" in clear.read_bytes()


def test_edit(clear: Path, tmp_path: Path) -> None:
    vaultfiles.encrypt_file(str(clear), PROD)
    watched = tmp_path / "seen"
    command = editor(tmp_path, f'echo "$1" > {watched}; stat -c %a "$1" >> {watched}; echo "b: 2" >> "$1"')
    assert vaultfiles.edit_file(str(clear), OPENER, command)
    assert vaultfiles.view_file(str(clear), OPENER) == b"a: 1\nb: 2\n"
    assert b";prod\n" in clear.read_bytes() and mode(clear) == 0o640
    copy, copy_mode = watched.read_text().split()
    assert copy.endswith("/secrets.yml") and copy_mode == "600"
    assert not os.path.exists(os.path.dirname(copy))


def test_an_edit_that_changes_nothing_leaves_the_bytes(clear: Path, tmp_path: Path) -> None:
    vaultfiles.encrypt_file(str(clear), KEY)
    before = clear.read_bytes()
    assert not vaultfiles.edit_file(str(clear), OPENER, editor(tmp_path, "true"))
    assert clear.read_bytes() == before


def test_an_editor_that_fails_saves_nothing(clear: Path, tmp_path: Path) -> None:
    vaultfiles.encrypt_file(str(clear), KEY)
    before = clear.read_bytes()
    with pytest.raises(VaultError, match="ended with status 1; nothing was saved"):
        vaultfiles.edit_file(str(clear), OPENER, editor(tmp_path, 'echo x > "$1"; exit 1'))
    assert clear.read_bytes() == before
    with pytest.raises(VaultError, match="cannot start the editor") as caught:
        vaultfiles.edit_file(str(clear), OPENER, [str(tmp_path / "none")])
    assert "EDITOR" in caught.value.hint


def test_an_edit_that_can_not_be_saved_is_not_lost(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    path = folder / "f.yml"
    path.write_text("a: 1\n")
    vaultfiles.encrypt_file(str(path), KEY)
    with pytest.raises(VaultError, match="what you wrote is in ") as caught:
        vaultfiles.edit_file(str(path), OPENER, editor(tmp_path, f'echo new > "$1"; rm -r {folder}'))
    kept = Path(caught.value.message.rsplit(" in ", 1)[1])
    assert kept.read_text() == "new\n" and mode(kept) == 0o600
    kept.unlink()
    kept.parent.rmdir()


def test_create(tmp_path: Path) -> None:
    path = tmp_path / "new" / "f.yml"
    command = editor(tmp_path, 'echo "c: 3" > "$1"')
    vaultfiles.create_file(str(path), KEY, command)
    assert vaultfiles.view_file(str(path), OPENER) == b"c: 3\n" and mode(path) == 0o600
    with pytest.raises(VaultError, match="exists"):
        vaultfiles.create_file(str(path), KEY, command)


def test_encrypt_string_is_yaml_that_opens() -> None:
    text = vaultfiles.encrypt_string("hello", PROD, "greeting")
    assert text.startswith("greeting: !vault |\n          $ANSIBLE_VAULT;1.2;AES256;prod\n")
    assert load(text, "f", vault=OPENER)["greeting"].reveal() == "hello"
    assert vaultfiles.encrypt_string("x", KEY).startswith("!vault |\n")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(VaultError, match="cannot read the file"):
        vaultfiles.view_file(str(tmp_path / "none"), OPENER)

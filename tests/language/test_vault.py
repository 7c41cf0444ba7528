"""Vault texts: fixed vectors, ids, passwords from everywhere, and ansible-vault itself where it is installed."""

import os
import subprocess
from pathlib import Path

import pytest

from orchestra.errors import UsageError, VaultError
from orchestra.language import vaultformat
from orchestra.language.vault import VaultKey, VaultOpener
from orchestra.language.vaultkeys import choose_key, read_keys, sources, split_id
from orchestra.model.origin import Origin
from orchestra.model.secret import Redactor, Secret

HERE = Path(__file__).parent
#: Made with ansible-vault, password old-password, this salt; the second with vault id prod.
V11 = (HERE / "vault11.txt").read_bytes()
V12 = (HERE / "vault12.txt").read_bytes()
SALT = b"0123456789abcdef0123456789abcdef"
OLD = VaultKey("default", b"old-password")
PROD = VaultKey("prod", b"old-password")
WRONG = VaultKey("dev", b"no")


def no_prompt(text: str) -> str:
    raise AssertionError(f"asked: {text}")


def script(path: Path, body: str) -> str:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o700)
    return str(path)


def test_fixed_texts_open() -> None:
    assert VaultOpener([OLD]).decrypt(V11) == b"top: secret\nnumber: 7\n"
    assert VaultOpener([OLD]).decrypt(V12.decode()) == "päss wörd".encode()


def test_the_same_salt_gives_the_same_bytes() -> None:
    assert vaultformat.lock(b"top: secret\nnumber: 7\n", b"old-password", None, SALT) == V11
    assert vaultformat.lock("päss wörd".encode(), b"old-password", "prod", SALT) == V12
    assert vaultformat.lock(b"", b"x", "default", SALT).startswith(b"$ANSIBLE_VAULT;1.1;AES256\n")


@pytest.mark.parametrize("data", [b"", b"x", b"0123456789abcdef", bytes(range(256)) * 9])
def test_what_is_locked_opens(data: bytes) -> None:
    text = vaultformat.lock(data, b"pw", "a")
    assert VaultOpener([VaultKey("b", b"pw")]).decrypt(text) == data


def test_ids_decide_the_order_and_can_be_made_binding() -> None:
    assert VaultOpener([WRONG, OLD, PROD]).decrypt_with_key(V12)[1] is PROD
    assert VaultOpener([WRONG, OLD]).decrypt_with_key(V12)[1] is OLD
    with pytest.raises(VaultError, match="no vault secrets were found that could decrypt") as caught:
        VaultOpener([WRONG, OLD], match_ids=True).decrypt(V12)
    assert "--vault-id prod@SOURCE" in caught.value.hint


def test_each_text_is_opened_once(monkeypatch: pytest.MonkeyPatch) -> None:
    opener = VaultOpener([OLD])
    opener.decrypt(V11)
    monkeypatch.setattr(vaultformat, "unlock", None)
    assert opener.decrypt(V11.decode()).startswith(b"top")


def test_wrong_password_is_located_and_never_shown() -> None:
    with pytest.raises(VaultError) as caught:
        VaultOpener([VaultKey("dev", b"hunter22")]).decrypt(V11, Origin("g.yml", 3, 4))
    assert caught.value.render().startswith(
        "g.yml:3:4: Decryption failed (no vault secrets were found that could decrypt)."
    )
    assert "hunter22" not in caught.value.render() + repr(VaultKey("dev", b"hunter22"))


def test_opened_text_and_passwords_are_known_to_the_redactor() -> None:
    redactor = Redactor()
    value = VaultOpener([OLD], redactor).open_text(V12.decode())
    assert isinstance(value, Secret)
    assert redactor.mask("päss wörd and old-password") == "******** and ********"


def test_inline_text_that_is_not_utf8() -> None:
    text = vaultformat.lock(b"\xff", b"old-password").decode()
    with pytest.raises(VaultError, match="not UTF-8"):
        VaultOpener([OLD]).open_text(text)


def test_sources_keep_ansibles_order() -> None:
    wanted = sources(["a@x"], ["b@y"], ["f1"], setting_file="f2", ask=True)
    assert wanted == ("a@x", "b@y", "default@f1", "default@f2", "default@prompt_ask_vault_pass")
    assert split_id("dev@~/p@w") == ("dev", "~/p@w")
    assert split_id("file") == (None, "file")


def test_password_files_are_stripped(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("  old-password \n")
    assert read_keys([f"x@{tmp_path}/pw"], no_prompt) == [VaultKey("x", b"old-password")]


def test_a_password_file_may_itself_be_a_vault(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("first")
    (tmp_path / "two").write_bytes(vaultformat.lock(b"second\n", b"first"))
    keys = read_keys([str(tmp_path / "one"), f"b@{tmp_path}/two"], no_prompt)
    assert keys[1] == VaultKey("b", b"second")
    with pytest.raises(VaultError, match="no earlier vault password"):
        read_keys([f"b@{tmp_path}/two"], no_prompt)


def test_scripts(tmp_path: Path) -> None:
    plain = script(tmp_path / "pw.sh", "echo from-script $#")
    client = script(tmp_path / "pw-client.sh", 'echo "$1=$2"')
    keys = read_keys([f"a@{plain}", f"b@{client}", client], no_prompt)
    assert [key.password for key in keys] == [b"from-script 0", b"--vault-id=b", b"="]


def test_a_failing_script_is_explained(tmp_path: Path) -> None:
    client = script(tmp_path / "pw-client", "echo no such id >&2; exit 2")
    with pytest.raises(VaultError, match=r"has no password for vault id 'b' \(exit 2\): no such id"):
        read_keys([f"b@{client}"], no_prompt)
    broken = script(tmp_path / "broken", "exit 3")
    with pytest.raises(VaultError, match=r"failed \(exit 3\)"):
        read_keys([broken], no_prompt)
    (tmp_path / "no-script").write_text("just-the-password")
    (tmp_path / "no-script").chmod(0o700)
    with pytest.raises(VaultError, match="cannot run") as caught:
        read_keys([str(tmp_path / "no-script")], no_prompt)
    assert "chmod -x" in caught.value.hint


def test_a_bad_source_is_a_warning_beside_a_good_one(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("x")
    (tmp_path / "empty").write_text("\n")
    heard: list[str] = []
    wanted = [str(tmp_path / "none"), str(tmp_path), str(tmp_path / "empty"), str(tmp_path / "pw")]
    assert len(read_keys(wanted, no_prompt, on_warning=heard.append)) == 1
    assert ["does not exist" in heard[0], "is a folder" in heard[1], "is empty" in heard[2]] == [True] * 3
    with pytest.raises(VaultError, match="does not exist"):
        read_keys(wanted[:2], no_prompt)


def test_prompts() -> None:
    asked: list[str] = []

    def answer(text: str) -> str:
        asked.append(text)
        return "pw"

    keys = read_keys(["dev@prompt", *sources(ask=True)], answer)
    assert [key.id for key in keys] == ["dev", "default"]
    assert asked == ["Vault password (dev): ", "Vault password: "]
    asked.clear()
    read_keys(["dev@prompt"], answer, new=True)
    assert asked == ["New vault password (dev): ", "Confirm new vault password (dev): "]


def test_prompts_that_fail() -> None:
    answers = iter(["a", "b"])
    with pytest.raises(VaultError, match="not the same"):
        read_keys(["x@prompt"], lambda text: next(answers), new=True)
    with pytest.raises(VaultError, match="empty"):
        read_keys(["x@prompt"], lambda text: " ")

    def closed(text: str) -> str:
        raise EOFError

    with pytest.raises(VaultError, match="not answered"):
        read_keys(["x@prompt"], closed)


def test_choosing_the_key_to_encrypt_with() -> None:
    assert choose_key([OLD]) is OLD
    assert choose_key([WRONG, PROD], "prod") is PROD
    with pytest.raises(UsageError, match="The vault-ids dev,prod are available to encrypt"):
        choose_key([WRONG, PROD])
    with pytest.raises(VaultError, match="in the known vault-ids"):
        choose_key([WRONG], "prod")
    with pytest.raises(VaultError, match="needs a vault password"):
        choose_key([])


@pytest.fixture
def ansible_vault() -> str:
    peer = os.environ.get("ORCHESTRA_TEST_ANSIBLE", "ansible-vault")
    found = subprocess.run(
        ["which", os.path.join(os.path.dirname(peer), "ansible-vault")], capture_output=True, text=True
    )
    if found.returncode:
        pytest.skip("ansible-vault is not installed")
    return found.stdout.strip()


@pytest.mark.compat
@pytest.mark.parametrize("vault_id", ["default", "prod"])
def test_both_ways_with_ansible_vault(ansible_vault: str, tmp_path: Path, vault_id: str) -> None:
    (tmp_path / "pw").write_text("s3cret\n")
    key = VaultKey(vault_id, b"s3cret")
    ours = vaultformat.lock(b"from us\n", key.password, vault_id)
    options = ["--vault-id", f"{vault_id}@{tmp_path}/pw"]
    read = subprocess.run([ansible_vault, "decrypt", *options, "-"], input=ours, capture_output=True, check=True)
    assert read.stdout == b"from us\n"
    made = subprocess.run([ansible_vault, "encrypt", *options, "-"], input=b"theirs", capture_output=True, check=True)
    assert VaultOpener([key], match_ids=True).decrypt(made.stdout) == b"theirs"

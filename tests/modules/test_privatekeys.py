"""openssl_privatekey with the real program."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from orchestra.runner.system import System
from tests.modules.driving import check, drive

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")


@pytest.mark.parametrize(
    ("options", "other", "first"),
    [
        ({"size": 2048}, {"size": 3072}, "-----BEGIN RSA PRIVATE KEY-----"),
        ({"size": 2048, "format": "pkcs8"}, {"type": "Ed25519"}, "-----BEGIN PRIVATE KEY-----"),
        ({"type": "ECC", "curve": "secp256r1"}, {"curve": "secp384r1"}, "-----BEGIN EC PRIVATE KEY-----"),
        ({"type": "Ed25519"}, {"type": "X25519"}, "-----BEGIN PRIVATE KEY-----"),
        ({"type": "Ed448"}, {"type": "X448"}, "-----BEGIN PRIVATE KEY-----"),
        ({"type": "DSA", "size": 2048}, {"type": "Ed25519"}, "-----BEGIN DSA PRIVATE KEY-----"),
    ],
)
def test_made_kept_and_made_anew(options: dict[str, Any], other: dict[str, Any], first: str, tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    assert check("openssl_privatekey", path=str(path), **options)["changed"]
    assert not path.exists()
    made = drive("openssl_privatekey", path=str(path), **options)
    assert made["changed"], made
    text = path.read_text()
    assert (text.splitlines()[0], path.stat().st_mode & 0o777) == (first, 0o600)
    again = drive("openssl_privatekey", path=str(path), **options)
    assert (again["changed"], again["fingerprint"]) == (False, made["fingerprint"])
    kept = drive("openssl_privatekey", path=str(path), regenerate="never", **{**options, **other})
    assert not kept["changed"]
    refused = drive("openssl_privatekey", path=str(path), regenerate="fail", **{**options, **other})
    assert "wrong type and/or size" in refused["msg"]
    fresh = drive("openssl_privatekey", path=str(path), backup=True, **{**options, **other})
    assert fresh["changed"]
    assert Path(fresh["backup_file"]).read_text() == text
    assert fresh["fingerprint"] != made["fingerprint"]


def test_passphrases(tmp_path: Path) -> None:
    asked: dict[str, Any] = {"path": str(tmp_path / "key.pem"), "type": "ECC", "curve": "secp384r1"}
    assert drive("openssl_privatekey", **asked, passphrase="one")["changed"]
    assert "ENCRYPTED" in (tmp_path / "key.pem").read_text()
    assert not drive("openssl_privatekey", **asked, passphrase="one")["changed"]
    wrong = drive("openssl_privatekey", **asked, passphrase="two", regenerate="partial_idempotence")
    assert "Unable to read the key" in wrong["msg"]
    assert drive("openssl_privatekey", **asked, passphrase="two")["changed"]
    assert drive("openssl_privatekey", **asked)["changed"]
    assert not drive("openssl_privatekey", **asked)["changed"]


def test_no_difference_shows_a_key(tmp_path: Path) -> None:
    asked = {"path": str(tmp_path / "key.pem"), "type": "Ed25519"}
    for force in (False, True):
        result = drive("openssl_privatekey", System(diff=True), **asked, force=force)
        assert result["diff"]
        assert (tmp_path / "key.pem").read_text().splitlines()[1] not in str(result)
    shown = drive("openssl_privatekey", **asked, return_content=True)
    assert shown["privatekey"] == (tmp_path / "key.pem").read_text()
    assert drive("openssl_privatekey", **asked, state="absent")["changed"]
    assert not (tmp_path / "key.pem").exists()


def test_the_fingerprint_is_that_of_the_public_half(tmp_path: Path) -> None:
    result = drive("openssl_privatekey", path=str(tmp_path / "k"), type="Ed25519")
    line = f"openssl pkey -in {tmp_path}/k -pubout -outform DER | openssl dgst -sha256 -r"
    said = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True).stdout
    assert result["fingerprint"]["sha256"].replace(":", "") == said.split()[0]


def test_refusals(tmp_path: Path) -> None:
    assert "curve" in drive("openssl_privatekey", path=str(tmp_path / "k"), type="ECC")["msg"]
    assert "raw keys" in drive("openssl_privatekey", path=str(tmp_path / "k"), format="raw")["msg"]
    assert "openssl:" in drive("openssl_privatekey", path=str(tmp_path / "k"), type="ECC", curve="none")["msg"]
    (tmp_path / "no").write_text("no key")
    assert "Unable to read" in drive("openssl_privatekey", path=str(tmp_path / "no"), regenerate="never")["msg"]

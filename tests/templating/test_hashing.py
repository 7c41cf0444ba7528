"""Password hashes: published vectors, and our own computation beside the system's."""

import shutil
from typing import Any

import pytest

from orchestra.errors import TemplateError
from orchestra.templating import hashing
from orchestra.templating.hashing import hash_password


@pytest.fixture(params=["system", "own"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "own":
        monkeypatch.setattr(hashing, "_LIBRARIES", ())
    return str(request.param)


@pytest.mark.parametrize(
    ("scheme", "salt", "rounds", "expected"),
    [
        ("sha256", "saltstring", 5000, "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"),
        (
            "sha512",
            "saltstring",
            5000,
            "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
        ),
        (
            "sha256",
            "saltstringsaltst",
            10000,
            "$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA",
        ),
        (
            "sha512",
            "saltstringsaltst",
            10000,
            "$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/"
            "y3RnOaw5v.",
        ),
        ("md5", "deadbeef", None, "$1$deadbeef$RAPdHBl6WylRnLu9F0jaM1"),
    ],
)
def test_vectors(way: str, scheme: str, salt: str, rounds: int | None, expected: str) -> None:
    assert hash_password("Hello world!", scheme, salt=salt, rounds=rounds) == expected


def test_both_ways_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    cases: list[tuple[str, str, int | None]] = [
        (scheme, word, rounds)
        for scheme, rounds in (("sha256", 1000), ("sha512", 1001), ("md5", None))
        for word in ("", "x", "a longer password with some length beyond one block of sixty-four bytes", "Grüße")
    ]
    system = [hash_password(word, scheme, salt="abcdefgh", rounds=rounds) for scheme, word, rounds in cases]
    monkeypatch.setattr(hashing, "_LIBRARIES", ())
    assert [hash_password(word, scheme, salt="abcdefgh", rounds=rounds) for scheme, word, rounds in cases] == system


def test_drawn_salts_differ_and_have_the_right_size() -> None:
    hashes = [hash_password("x", "sha512", rounds=1000) for _ in range(2)]
    assert hashes[0] != hashes[1]
    assert len(hashes[0].split("$")[3]) == 16
    assert len(hash_password("x", "sha512", rounds=1000, salt_size=8).split("$")[3]) == 8


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"scheme": "sha51"}, "not in the list of supported"),
        ({"salt": "a$b"}, "may hold letters"),
        ({"salt": "x" * 17}, "at most 16"),
        ({"scheme": "bcrypt", "salt": "short"}, "22 characters"),
        ({"salt_size": "4"}, "salt_size must be an integer"),
        ({"rounds": 1}, "Could not hash the secret"),
        ({"rounds": "x"}, "must be a number"),
        ({"scheme": "bcrypt", "rounds": "x"}, "must be a number"),
        ({"scheme": "bcrypt", "rounds": 32}, "must be 4 to 31"),
        ({"scheme": "md5", "rounds": 40}, "no rounds to choose"),
    ],
)
def test_wrong_arguments(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(TemplateError, match=message):
        hash_password("x", **arguments)


def test_rounds_may_be_text_as_the_command_line_gives_them() -> None:
    texts = [hash_password("x", "sha512", salt="abcdefgh", rounds=rounds) for rounds in ("1000", 1000)]
    assert texts[0] == texts[1] and hash_password("x", "bcrypt", rounds="4").startswith("$2b$04$")


def test_bcrypt_checks_against_itself() -> None:
    found = hash_password("secret", "bcrypt", salt="abcdefghijklmnopqrstuv", rounds=4)
    assert found.startswith("$2b$04$abcdefghijklmnopqrstu")
    assert found == hash_password("secret", "blowfish", salt="abcdefghijklmnopqrstuv", rounds=4)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_agrees() -> None:
    import subprocess

    found = subprocess.run(
        ["openssl", "passwd", "-6", "-salt", "rounds=2000$abcdefgh", "pass word"],
        capture_output=True,
        text=True,
        check=True,
    )
    if "rounds=2000" not in found.stdout:
        pytest.skip("this openssl knows no rounds")
    assert hash_password("pass word", "sha512", salt="abcdefgh", rounds=2000) == found.stdout.strip()

"""Whether a password belongs to what PostgreSQL keeps of it: md5 of password and name, or SCRAM-SHA-256 (RFC 5802)."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SCRAM = "SCRAM-SHA-256$"


def is_hash(text: "str") -> "bool":
    """Whether a text is a hash already, which the server takes as it is."""
    is_md5 = len(text) == 35 and text.startswith("md5") and not text[3:].strip("0123456789abcdef")
    return is_md5 or text.startswith(_SCRAM)


def is_of(known: "str", password: "str", role: "str") -> "bool":
    """Whether the server's `known` is the hash of a role's password."""
    import hashlib

    if known.startswith(_SCRAM):
        return _is_scram_of(known, password)
    if known.startswith("md5"):
        return known == "md5" + hashlib.md5((password + role).encode("utf-8", "surrogateescape")).hexdigest()
    return known == password


def _is_scram_of(known: "str", password: "str") -> "bool":
    import base64
    import hashlib
    import hmac

    _, head, tail = known.split("$")
    rounds, _, salt = head.partition(":")
    stored = base64.b64decode(tail.partition(":")[0])
    salted = hashlib.pbkdf2_hmac("sha256", _prepared(password), base64.b64decode(salt), int(rounds))
    client = hmac.new(salted, b"Client Key", hashlib.sha256).digest()
    return hmac.compare_digest(hashlib.sha256(client).digest(), stored)


def _prepared(password: "Any") -> "bytes":
    """SASLprep as the server does it, for all but the letters that it forbids."""
    if not all(ord(letter) < 128 for letter in password):
        import unicodedata

        password = unicodedata.normalize("NFKC", password)
    return bytes(password.encode("utf-8", "surrogateescape"))

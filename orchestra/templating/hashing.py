"""Hashes of login passwords, as /etc/shadow holds them: SHA-crypt, MD5-crypt, bcrypt.

The system's libcrypt is asked first, because it is fast; where there is none, SHA-crypt and MD5-crypt are computed
here (https://www.akkadia.org/drepper/SHA-crypt.txt).
"""

from __future__ import annotations

import ctypes
import hashlib
import random
import string
from collections.abc import Iterator

from orchestra.errors import TemplateError, nearest
from orchestra.model.record import record

_ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PLAIN_ROUNDS = 5000
_NOT_HASHED = "Could not hash the secret: "
_LIBRARIES = ("libcrypt.so.1", "libcrypt.so.2")


@record
class Scheme:
    """A hash scheme: the mark in front of its hashes, its salt's size, rounds by default, further identifier.

    ``limits`` are the fewest and the most rounds; None: it has none to choose.
    """

    mark: str
    salt_size: int
    rounds: int = 0
    ident: str = ""
    limits: tuple[int, int] | None = None


SCHEMES = {
    "md5_crypt": Scheme("1", 8),
    "bcrypt": Scheme("2b", 22, 12, "2b", limits=(4, 31)),
    "sha256_crypt": Scheme("5", 16, 535000, limits=(1000, 999_999_999)),
    "sha512_crypt": Scheme("6", 16, 656000, limits=(1000, 999_999_999)),
}
_ALIASES = {"md5": "md5_crypt", "blowfish": "bcrypt", "sha256": "sha256_crypt", "sha512": "sha512_crypt"}


def draw_salt(size: int) -> str:
    """A random salt."""
    source = random.SystemRandom()
    return "".join(source.choice(string.ascii_letters + string.digits + "./") for _ in range(size))


def hash_password(
    password: str,
    scheme: str = "sha512",
    *,
    salt: str | None = None,
    salt_size: int | None = None,
    rounds: int | str | None = None,
    ident: str | None = None,
) -> str:
    """Hash ``password``.

    Raises:
        TemplateError: unknown scheme, bad salt, or nothing here can compute it.
    """
    name = _ALIASES.get(scheme, scheme)
    known = SCHEMES.get(name)
    if known is None:
        close = nearest(scheme, [*_ALIASES, *SCHEMES])
        text = f"{scheme} is not in the list of supported passlib algorithms: {', '.join(_ALIASES)}"
        raise TemplateError(text, hint=f"did you mean {' or '.join(close)}?" if close else "")
    if salt_size is not None and not isinstance(salt_size, int):
        raise TemplateError("salt_size must be an integer")
    count = None if rounds is None else _checked_rounds(rounds, known)
    salt = salt or draw_salt(salt_size or known.salt_size)
    if not set(salt) <= set(_ALPHABET):
        raise TemplateError(f"{_NOT_HASHED}a salt may hold letters, digits, '.' and '/' only")
    if name == "bcrypt":
        return _bcrypt(password, salt, count or known.rounds, ident or known.ident)
    if len(salt) > known.salt_size:
        raise TemplateError(
            f"{_NOT_HASHED}a salt for {scheme} has at most {known.salt_size} characters, not {len(salt)}"
        )
    setting = f"${known.mark}${_rounds_mark(count or known.rounds)}{salt}"
    return _system_crypt(password, setting) or _own_crypt(password.encode(), known, salt.encode(), count, setting)


def _checked_rounds(rounds: int | str, scheme: Scheme) -> int:
    """As a number: variables of the command line are text."""
    try:
        count = int(rounds)
    except (TypeError, ValueError):
        raise TemplateError(f"{_NOT_HASHED}rounds must be a number, this is {rounds!r}") from None
    if scheme.limits is None:
        raise TemplateError(f"{_NOT_HASHED}this scheme has no rounds to choose")
    fewest, most = scheme.limits
    if not fewest <= count <= most:
        raise TemplateError(f"{_NOT_HASHED}rounds must be {fewest} to {most}, not {count}")
    return count


def _rounds_mark(rounds: int) -> str:
    return f"rounds={rounds}$" if rounds and rounds != _PLAIN_ROUNDS else ""


def _system_crypt(password: str, setting: str) -> str | None:
    """What the system's crypt(3) says, or None where it can not."""
    for name in _LIBRARIES:
        try:
            # PyDLL keeps the interpreter's lock: crypt(3) returns a static buffer.
            crypt = ctypes.PyDLL(name).crypt
        except (OSError, AttributeError):
            continue
        crypt.restype = ctypes.c_char_p
        found = crypt(password.encode(), setting.encode())
        if found and found.startswith(setting.rpartition("$")[0].encode()):
            return str(found.decode())
    return None


def _bcrypt(password: str, salt: str, rounds: int, ident: str) -> str:
    setting = f"${ident}${rounds:02d}${_repaired(salt)}"
    found = _system_crypt(password, setting)
    if found is None:
        try:
            import bcrypt
        except ImportError:
            raise TemplateError(
                "nothing on this machine can compute bcrypt", hint="pip install bcrypt, or use sha512"
            ) from None
        found = bcrypt.hashpw(password.encode(), setting.encode()).decode()
    return found


def _repaired(salt: str) -> str:
    """A bcrypt salt of 22 characters whose last one has no bits beyond the 128."""
    alphabet = "./" + string.ascii_uppercase + string.ascii_lowercase + string.digits
    if len(salt) < 22:
        raise TemplateError(f"{_NOT_HASHED}a salt for bcrypt has 22 characters, not {len(salt)}")
    return salt[:21] + alphabet[alphabet.index(salt[21]) & 0b110000]


def _own_crypt(password: bytes, scheme: Scheme, salt: bytes, rounds: int | None, setting: str) -> str:
    if scheme.mark == "1":
        return f"{setting}${_md5_crypt(password, salt)}"
    name = "sha512" if scheme.mark == "6" else "sha256"
    return f"{setting}${_sha_crypt(name, password, salt, rounds or scheme.rounds)}"


def _stretched(block: bytes, size: int) -> bytes:
    return (block * (size // len(block) + 1))[:size]


def _sha_crypt(name: str, password: bytes, salt: bytes, rounds: int) -> str:
    inner = hashlib.new(name, password + salt + password).digest()
    start = hashlib.new(name, password + salt + _stretched(inner, len(password)))
    length = len(password)
    while length:
        start.update(inner if length & 1 else password)
        length >>= 1
    digest = start.digest()
    word = _stretched(hashlib.new(name, password * len(password)).digest(), len(password))
    grain = _stretched(hashlib.new(name, salt * (16 + digest[0])).digest(), len(salt))
    for turn in range(rounds):
        parts = [word if turn & 1 else digest, grain if turn % 3 else b"", word if turn % 7 else b""]
        digest = hashlib.new(name, b"".join(parts) + (digest if turn & 1 else word)).digest()
    return _encoded(digest, _sha512_order() if name == "sha512" else _sha256_order())


def _sha512_order() -> Iterator[tuple[int, ...]]:
    first, second, third = 0, 21, 42
    for _ in range(21):
        yield first, second, third
        first, second, third = second + 1, third + 1, first + 1
    yield (63,)


def _sha256_order() -> Iterator[tuple[int, ...]]:
    first, second, third = 0, 10, 20
    for _ in range(10):
        yield first, second, third
        first, second, third = third + 1, first + 1, second + 1
    yield 31, 30


def _md5_crypt(password: bytes, salt: bytes) -> str:
    inner = hashlib.md5(password + salt + password).digest()  # noqa: S324 - the format's own
    start = password + b"$1$" + salt + _stretched(inner, len(password))
    length = len(password)
    while length:
        start += b"\0" if length & 1 else password[:1]
        length >>= 1
    digest = hashlib.md5(start).digest()  # noqa: S324
    for turn in range(1000):
        parts = [password if turn & 1 else digest, salt if turn % 3 else b"", password if turn % 7 else b""]
        digest = hashlib.md5(b"".join(parts) + (digest if turn & 1 else password)).digest()  # noqa: S324
    return _encoded(digest, ((0, 6, 12), (1, 7, 13), (2, 8, 14), (3, 9, 15), (4, 10, 5), (11,)))


def _encoded(digest: bytes, order: Iterator[tuple[int, ...]] | tuple[tuple[int, ...], ...]) -> str:
    chars = []
    for places in order:
        value = int.from_bytes(bytes(digest[place] for place in places), "big")
        for _ in range(len(places) + 1):
            chars.append(_ALPHABET[value & 63])
            value >>= 6
    return "".join(chars)

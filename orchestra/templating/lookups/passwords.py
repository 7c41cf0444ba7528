"""``lookup('password', path)``: a password that is drawn once and kept in a file."""

from __future__ import annotations

import fcntl
import os
import random
import string
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from orchestra.errors import TemplateError
from orchestra.model.record import record
from orchestra.templating.hashing import SCHEMES, draw_salt, hash_password
from orchestra.templating.lookups.call import Lookup, LookupCall

_OPTIONS = ("length", "encrypt", "chars", "ident", "seed")
_DEFAULT_CHARS = ("ascii_letters", "digits", ".,:-_")


@record
class Stored:
    """What a password file holds."""

    password: str
    salt: str = ""
    ident: str = ""

    @classmethod
    def parse(cls, text: str) -> Stored:
        """Read ``password salt=... ident=...``; the last two may be missing."""
        password, found, rest = text.rpartition(" salt=")
        if not found:
            return cls(text)
        salt, _, ident = rest.partition(" ident=")
        return cls(password, salt, ident)

    def __str__(self) -> str:
        ident = f" ident={self.ident}" if self.ident else ""
        return f"{self.password} salt={self.salt}{ident}" if self.salt else self.password


def password(call: LookupCall) -> Sequence[Any]:
    """The password kept in each file, drawn at first use; hashed where ``encrypt`` says how."""
    return [_one_password(*call.inline(term, _OPTIONS)) for term in call.texts()]


def _one_password(name: str, call: LookupCall) -> str:
    path = _absolute(name, call)
    # Another run may hold the lock, and hashing takes its time on purpose.
    return str(call.scope.lookups.wait(lambda: _kept_password(path, call)))


def _kept_password(path: str, call: LookupCall) -> str:
    scheme = call.text("encrypt")
    if path == os.devnull:
        stored = _complete(Stored(_draw(call)), scheme, call)
    else:
        with _locked(path):
            before = _read(path)
            stored = _complete(before or Stored(_draw(call)), scheme, call)
            if stored != before:
                _write(path, str(stored))
    if not scheme:
        return stored.password
    return hash_password(stored.password, scheme, salt=stored.salt, ident=stored.ident or None)


def _absolute(name: str, call: LookupCall) -> str:
    name = os.path.expanduser(name)
    base = call.scope.get("playbook_dir") or os.getcwd()
    return os.path.normpath(os.path.join(str(base), name))


def _complete(stored: Stored, scheme: str, call: LookupCall) -> Stored:
    """Add the salt and the identifier that hashing needs, so that the hash is the same each time."""
    if not scheme:
        return stored
    known = SCHEMES.get(scheme) or SCHEMES.get(f"{scheme}_crypt")
    wanted = call.text("ident")
    if stored.ident and wanted and stored.ident != wanted:
        raise TemplateError(f"the file says ident={stored.ident}, the lookup ident={wanted}")
    salt = stored.salt or draw_salt(known.salt_size if known else 8)
    return Stored(stored.password, salt, stored.ident or wanted or (known.ident if known else ""))


def _draw(call: LookupCall) -> str:
    seed = call.option("seed")
    source = random.SystemRandom() if seed is None else random.Random(seed)  # noqa: S311 - asked to be repeatable
    chars = _characters(call.option("chars", _DEFAULT_CHARS))
    if not chars:
        raise TemplateError("no characters are left to draw from")
    return "".join(source.choice(chars) for _ in range(call.number("length", 20) or 0))


def _characters(given: Any) -> str:
    if isinstance(given, str):
        comma = [","] if ",," in given else []
        given = comma + [part for part in given.replace(",,", ",").split(",") if part]
    sets = {name: value for name, value in vars(string).items() if isinstance(value, str)}
    chars = "".join(sets.get(str(part), str(part)) for part in given)
    return chars.replace('"', "").replace("'", "")


def _read(path: str) -> Stored | None:
    try:
        with open(path, encoding="utf-8") as file:
            return Stored.parse(file.read().rstrip())
    except FileNotFoundError:
        return None


def _write(path: str, text: str) -> None:
    """Replace the file in one step; nobody but the owner may ever read it."""
    temporary = f"{path}.{os.getpid()}.new"
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f"{text}\n")
    os.replace(temporary, path)


@contextmanager
def _locked(path: str) -> Iterator[None]:
    """Hold a lock beside the file, against other runs that draw at the same moment."""
    folder = os.path.dirname(path)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


LOOKUPS: dict[str, Lookup] = {"password": password}

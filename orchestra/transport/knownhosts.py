"""Which host keys are trusted: known_hosts files, read once in a run, and what to do with a key they do not hold.

asyncssh reads a known_hosts path anew for each connection and imports every key in it, which costs more than the
handshake; here a line's key is imported only when its host matches, and each line remembers its place, so that a
changed key can be shown with file and line. The format is sshd(8)'s. This file must not talk to hosts or to people.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from asyncssh import KeyImportError, SSHKey, import_public_key

from orchestra.model.record import record

_DEFAULT_PORT = 22
#: What asyncssh's known_hosts callable returns: trusted host keys, trusted CA keys, revoked keys.
Trusted = tuple[list[SSHKey], list[SSHKey], list[SSHKey]]


@record
class KnownKey:
    """One line of a known_hosts file."""

    #: "", cert-authority or revoked.
    marker: str
    #: Key type and base64 data, as the line has them.
    text: str
    place: str

    def key(self) -> SSHKey | None:
        """The key, or None where it is of a type that cannot be read."""
        try:
            return import_public_key(self.text)
        except KeyImportError:
            return None


class KnownHosts:
    """The lines of some known_hosts files; later files add to earlier ones."""

    def __init__(self) -> None:
        self._exact: dict[str, list[KnownKey]] = {}
        self._patterns: list[tuple[tuple[re.Pattern[str], ...], tuple[re.Pattern[str], ...], KnownKey]] = []
        self._hashed: list[tuple[bytes, bytes, KnownKey]] = []
        #: Lines that could not be understood, as ``file:line``; ssh passes over them too.
        self.unreadable: list[str] = []

    def read(self, path: Path) -> None:
        """Add a file's lines; a file that is missing or cannot be read adds none."""
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return
        for number, line in enumerate(text.splitlines(), 1):
            self.add_line(line.strip(), f"{path}:{number}")

    def add_line(self, line: str, place: str) -> None:
        """Add one line."""
        if not line or line.startswith("#"):
            return
        words = line.split(None, 3)
        marker = words.pop(0)[1:] if line.startswith("@") else ""
        if len(words) < 2 or marker not in ("", "cert-authority", "revoked"):
            self.unreadable.append(place)
            return
        names, text = words[0], " ".join(words[1:])
        known = KnownKey(marker, text, place)
        if names.startswith("|"):
            self._add_hashed(names, known)
        elif any(char in names for char in "*?!"):
            self._add_patterns(names.split(","), known)
        else:
            for name in names.lower().split(","):
                self._exact.setdefault(name, []).append(known)

    def _add_hashed(self, names: str, known: KnownKey) -> None:
        try:
            _, kind, salt, digest = names.split("|")
            if kind != "1":
                raise ValueError(kind)
            self._hashed.append((base64.b64decode(salt), base64.b64decode(digest), known))
        except (ValueError, binascii.Error):
            self.unreadable.append(known.place)

    def _add_patterns(self, names: Sequence[str], known: KnownKey) -> None:
        wanted = tuple(_glob(name) for name in names if not name.startswith("!"))
        unwanted = tuple(_glob(name[1:]) for name in names if name.startswith("!"))
        self._patterns.append((wanted, unwanted, known))

    def lookup(self, host: str, port: int) -> list[KnownKey]:
        """The lines about ``host`` at ``port``; those without a port serve where none names it, as with ssh."""
        found = self._matching(host if port == _DEFAULT_PORT else f"[{host}]:{port}")
        if port != _DEFAULT_PORT and not any(known.marker != "revoked" for known in found):
            found += self._matching(host)
        return found

    def _matching(self, name: str) -> list[KnownKey]:
        name = name.lower()
        found = list(self._exact.get(name, ()))
        for wanted, unwanted, known in self._patterns:
            if any(p.fullmatch(name) for p in wanted) and not any(p.fullmatch(name) for p in unwanted):
                found.append(known)
        encoded = name.encode()
        for salt, digest, known in self._hashed:
            if hmac.digest(salt, encoded, "sha1") == digest:
                found.append(known)
        return found


def _glob(pattern: str) -> re.Pattern[str]:
    """known_hosts patterns know only ``*`` and ``?``; brackets stand for themselves."""
    return re.compile("".join({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in pattern.lower()))


def sort_keys(known: Iterable[KnownKey]) -> Trusted:
    """Import the keys of some lines and sort them as asyncssh wants them."""
    trusted: Trusted = ([], [], [])
    position = {"": 0, "cert-authority": 1, "revoked": 2}
    for line in known:
        key = line.key()
        if key is not None:
            trusted[position[line.marker]].append(key)
    return trusted


def fingerprint(key: SSHKey) -> str:
    """``ED25519 SHA256:...``, as ssh shows a key."""
    return f"{key_kind(key)} {key.get_fingerprint()}"


def key_kind(key: Any) -> str:
    """The short name of a key's type: ED25519, RSA, ECDSA."""
    name = key.get_algorithm().removeprefix("sk-").removeprefix("ssh-").split("-")[0].split("@")[0]
    return str(name).upper()


def host_name(host: str, port: int) -> str:
    """The name that known_hosts has for a host: brackets only where the port is not 22."""
    return host if port == _DEFAULT_PORT else f"[{host}]:{port}"


class TrustStore:
    """The known hosts of one run: each combination of files is read once, and new keys join it at once."""

    def __init__(self) -> None:
        self._by_files: dict[tuple[Path, ...], KnownHosts] = {}

    def hosts(self, files: Sequence[Path]) -> KnownHosts:
        """The lines of these files together."""
        key = tuple(files)
        if key not in self._by_files:
            self._by_files[key] = known = KnownHosts()
            for path in key:
                known.read(path)
        return self._by_files[key]

    def remember(self, files: Sequence[Path], home_file: Path | None, name: str, key: SSHKey, *, hashed: bool) -> str:
        """Trust ``key`` for ``name`` from now on, and write it to ``home_file``.

        Returns what went wrong with the writing, or nothing; the key is trusted for this run in any case.
        """
        data = " ".join(key.export_public_key("openssh").decode().split()[:2])
        line = f"{_hashed(name) if hashed else name.lower()} {data}"
        self.hosts(files).add_line(line, str(home_file or "this run"))
        return "" if home_file is None else _append(home_file, line)


def _hashed(name: str) -> str:
    salt = os.urandom(20)
    digest = hmac.digest(salt, name.lower().encode(), hashlib.sha1)
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"


def _append(path: Path, line: str) -> str:
    """Add a line to a file of the user's, private if it is new; in one write, so that runs beside us do not mix in."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "rb+", buffering=0) as file:
            size = os.fstat(descriptor).st_size
            ends_open = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            file.write((b"\n" if ends_open else b"") + line.encode() + b"\n")
    except OSError as problem:
        return f"{path}: {problem.strerror}"
    return ""

"""Lines of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT): marker, host names, type, key.

The names are a list of patterns with * and ?, where one with ! in front excludes; or one name as |1|salt|HMAC-SHA1.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_HASHED = "|1|"


class Entry:
    """One line with a key."""

    def __init__(self, marker: "str", names: "str", kind: "str", blob: "str") -> "None":
        self.marker = marker
        self.names = names
        self.kind = kind
        self.blob = blob

    @classmethod
    def parse(cls, line: "str") -> "Entry | None":
        """None for a comment, an empty line, and one that is not understood."""
        words = line.split()
        if not words or words[0].startswith("#"):
            return None
        marker = words.pop(0) if words[0].startswith("@") else ""
        return cls(marker, words[0], words[1], words[2]) if len(words) > 2 else None

    def is_of(self, host: "str") -> "bool":
        """Whether ssh would find this line when it looks for the host (in lower case)."""
        if self.names.startswith(_HASHED):
            return _is_hash_of(self.names, host)
        found = False
        for pattern in self.names.lower().split(","):
            if _fits(host, pattern.lstrip("!")):
                if pattern.startswith("!"):
                    return False
                found = True
        return found


def same_entry(there: "Entry", wanted: "Entry", hash_names: "bool") -> "bool":
    """Whether a line already says what is wanted; one hash of a name is as good as another."""
    both_hashed = there.names.startswith(_HASHED) and (hash_names or wanted.names.startswith(_HASHED))
    same_names = both_hashed or (there.names == wanted.names and not hash_names)
    return same_names and (there.marker, there.kind, there.blob) == (wanted.marker, wanted.kind, wanted.blob)


def _fits(host: "str", pattern: "str") -> "bool":
    """* and ? as ssh knows them; brackets are part of a name with a port."""
    if "*" not in pattern and "?" not in pattern:
        return host == pattern
    import re

    parts = [{"*": ".*", "?": "."}.get(letter) or re.escape(letter) for letter in pattern]
    return re.match("".join(parts) + r"\Z", host, re.DOTALL) is not None


def _digest(salt: "bytes", host: "str") -> "bytes":
    import hashlib
    import hmac

    return hmac.new(salt, host.encode("utf-8", "surrogateescape"), hashlib.sha1).digest()


def _is_hash_of(names: "str", host: "str") -> "bool":
    import base64
    import binascii

    try:
        salt, _, known = names[len(_HASHED) :].partition("|")
        return _digest(base64.b64decode(salt), host) == base64.b64decode(known)
    except (binascii.Error, ValueError):
        return False  # a damaged line is nobody's


def hashed(host: "str", salt: "Any" = None) -> "str":
    """The name as |1|salt|hash, with a fresh salt."""
    import base64
    import os

    salt = salt or os.urandom(20)
    return _HASHED + "|".join(base64.b64encode(one).decode() for one in (salt, _digest(salt, host)))

"""Words and lines that mean the same in every login shell that a host may have: sh, bash, dash, csh, tcsh, fish.

A login shell stands between us and every command, and we do not choose it. It must not know what the commands do.
"""

from __future__ import annotations

import re
import shlex

#: Text that every shell, and most network devices, read alike; it needs no quoting and no sh around it.
_PLAIN = re.compile(r"[A-Za-z0-9_./:][A-Za-z0-9_./:@%+,-]*( [A-Za-z0-9_./:@%+,= -]*)?")
_PLAIN_WORD = re.compile(r"[A-Za-z0-9_./:@%+,-]+")
#: Inside single quotes these are special to one shell or another: ``!`` to csh, ``\`` to fish.
_AWKWARD = str.maketrans({"'": "'\"'\"'", "\\": "'\\\\'", "!": "'\\!'"})
_NEEDS_PRINTF = re.compile(r"[\n\r]")


def quote(word: str) -> str:
    """Quote ``word`` as one word for any login shell. A line break cannot be quoted for csh: see ``sh_line``."""
    if _PLAIN_WORD.fullmatch(word):
        return word
    text = word.translate(_AWKWARD)
    return f"'{text}'".replace("''\"", '"').replace("\"''", '"') if word else "''"


def is_plain(command: str) -> bool:
    """Say whether ``command`` reads alike everywhere, so that it can go to the login shell as it is."""
    return _PLAIN.fullmatch(command) is not None


def sh_line(script: str) -> str:
    """The line that makes any login shell run the POSIX ``script``, leaving no shell of its own behind."""
    if _NEEDS_PRINTF.search(script):
        script = f'eval "$(printf %b {shlex.quote(_escape_for_printf(script))})"'
    return f"exec /bin/sh -c {quote(script)}"


def _escape_for_printf(script: str) -> str:
    """Write ``script`` for ``printf %b``: without line breaks, which csh has no way to quote."""
    return script.replace("\\", "\\0134").replace("\n", "\\n").replace("\r", "\\r")


def split_words(text: str) -> list[str]:
    """Split ``text`` (flags, options) into words as a POSIX shell would. Raises ValueError for an open quote."""
    return shlex.split(text)

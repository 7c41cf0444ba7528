"""What never reaches the history though no ``Secret`` marks it: credentials in URLs, values that a name gives away."""

from __future__ import annotations

import re
from collections.abc import Callable

from orchestra.model.secret import MASK

#: Credentials before the host of a URL. A user name alone is one for git's and ssh's sake; over HTTP it may be a token.
#: Both begin at what is fixed, so that a text of whatever form is gone through but once.
_PASSWORD = re.compile(r"((?<=[a-z0-9+.-])://[^\s/:@'\"]*:)[^\s/@'\"]+@", re.IGNORECASE)
_TOKEN = re.compile(r"(\bhttps?://)[^\s/:@'\"]+@", re.IGNORECASE)
#: Names whose values are nobody's business.
_WORDS = "pass|pwd|secret|token|credential|api[_-]?key|private[_-]?key|auth|plugin_hash"
NAMES = rf"[\w.-]*(?:{_WORDS})[\w.-]*"
_VALUE = r"""(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^\s,}]+)"""
#: A header says first of which kind its secret is.
_SCHEME = r"(?:(?:basic|bearer|digest|token)\s+)?"
_GIVEN = re.compile(rf"""(?<![\w.-])(["']?)({NAMES})\1(\s*[=:]\s*){_SCHEME}{_VALUE}""", re.IGNORECASE)
_FLAG = re.compile(rf"(?<!\S)(--?{NAMES})(\s+)(?!-){_VALUE}", re.IGNORECASE)


def without_credentials(text: str) -> str:
    """``text`` with the credentials of URLs masked."""
    if "://" not in text or "@" not in text:
        return text
    return _TOKEN.sub(rf"\1{MASK}@", _PASSWORD.sub(rf"\1{MASK}@", text))


def careful(text: str) -> str:
    """A user's words without credentials of URLs, and without values of what is called a password, key or token."""
    text = _GIVEN.sub(rf"\1\2\1\3{MASK}", without_credentials(text))
    return _FLAG.sub(rf"\1\2{MASK}", text)


def mask_of(mask: Callable[[str], str]) -> Callable[[str], str]:
    """A run's mask that hides credentials of URLs, too."""

    def both(text: str) -> str:
        return mask(without_credentials(text))

    return both

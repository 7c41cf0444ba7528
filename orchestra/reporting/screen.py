"""The one way from a sink to a stream: masked, freed of control characters, coloured, and encodable.

It knows nothing of events. Text goes in as pieces with a role (``ok``, ``error`` ...), so that what a host printed can
never bring its own colours or move the cursor.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from typing import TextIO

from orchestra.model.record import record

#: What each role looks like unless the settings say otherwise; the names are those of ansible.cfg's [colors].
DEFAULT_COLOURS: Mapping[str, str] = {
    "ok": "green",
    "changed": "yellow",
    "error": "red",
    "unreachable": "bright red",
    "skip": "cyan",
    "included": "cyan",
    "debug": "dark gray",
    "verbose": "blue",
    "warn": "bright purple",
    "deprecate": "purple",
    "diff_add": "green",
    "diff_remove": "red",
    "diff_lines": "cyan",
    "highlight": "white",
}

_PLAIN_NAMES = ("black", "red", "green", "yellow", "blue", "purple", "cyan", "gray")
_CODES: Mapping[str, str] = {
    **{name: f"0;3{number}" for number, name in enumerate(_PLAIN_NAMES[:7])},
    **{f"bright {name}": f"1;3{number}" for number, name in enumerate(_PLAIN_NAMES[:7]) if number},
    "magenta": "0;35",
    "bright magenta": "1;35",
    "bright gray": "0;37",
    "dark gray": "1;30",
    "white": "1;37",
    "normal": "0",
}

#: Control characters, the marks that reverse the direction of text, and lone surrogates (bytes that were no UTF-8).
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

#: A piece of a line and the role that colours it ("" for none).
Piece = tuple[str, str]


def clean(text: str, *, returns: bool = False) -> str:
    r"""Return ``text``, what could steer a terminal made visible; ``\n``, ``\t``, with ``returns`` ``\r`` stay."""
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\r\n", "\n")
    if returns:
        return "\r".join(clean(part) for part in text.split("\r"))
    return _UNSAFE.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    code = ord(match.group())
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    # The long form for what JSON leaves raw, so that a dumped result stays JSON.
    return f"\\x{code:02x}" if code < 0x20 else f"\\u{code:04x}"


def display_width(text: str) -> int:
    """How many columns ``text`` takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def sgr(colour: str) -> str:
    """The terminal's number for a colour name of ansible.cfg (``bright red``, ``color12``, ``rgb125``, ``gray3``)."""
    if colour in _CODES:
        return _CODES[colour]
    match = re.fullmatch(r"color(\d+)|rgb([0-5])([0-5])([0-5])|gray(\d+)", colour)
    if match is None:
        return "0"
    if match[1]:
        return f"38;5;{int(match[1])}"
    if match[5]:
        return f"38;5;{232 + int(match[5])}"
    return f"38;5;{16 + 36 * int(match[2]) + 6 * int(match[3]) + int(match[4])}"


@record
class Look:
    """How a screen looks: columns, whether it is coloured, which colours its roles have, whether it shows UTF-8.

    ``returns`` leaves carriage returns in texts, as ansible-playbook does.
    """

    width: int = 79
    colour: bool = False
    #: Over the default colours.
    colours: Mapping[str, str] = field(default_factory=dict)
    unicode: bool = True
    returns: bool = False


class Screen:
    """Two streams (output and errors) behind one mask. Each call writes one message, ended by one newline."""

    def __init__(self, out: TextIO, err: TextIO, look: Look | None = None, mask: Callable[[str], str] = str) -> None:
        self.out = out
        self.err = err
        self.look = look or Look()
        self._mask = mask
        self._codes = {role: sgr(name) for role, name in {**DEFAULT_COLOURS, **self.look.colours}.items()}

    def write(self, text: str, role: str = "", *, error: bool = False, raw: bool = False) -> None:
        """Write one message; a newline that ends it counts as its end.

        ``error`` sends it to the second stream; ``raw`` leaves known secrets as they are.
        """
        self.write_pieces(((text, role),), error=error, raw=raw)

    def write_pieces(self, pieces: Iterable[Piece], *, error: bool = False, raw: bool = False) -> None:
        """Write one message that is made of differently coloured pieces."""
        content = list(pieces)
        if content and content[-1][0].endswith("\n"):
            content[-1] = (content[-1][0][:-1], content[-1][1])
        text = "".join(self.paint(piece, role, raw=raw) for piece, role in content)
        stream = self.err if error else self.out
        stream.write(encodable(text + "\n", stream))

    def paint(self, text: str, role: str, *, raw: bool = False) -> str:
        """Return ``text`` as it may be printed, in the colour of ``role``."""
        shown = clean(text if raw else self._mask(text), returns=self.look.returns)
        code = (self._codes.get(role) or _named(role)) if self.look.colour else None
        if code is None:
            return shown
        return "\n".join(f"\x1b[{code}m{line}\x1b[0m" for line in shown.split("\n"))

    def banner(self, text: str) -> None:
        """Write a blank line and ``text`` with stars up to the width."""
        shown = clean(self._mask(text.strip()))
        self.write(f"\n{shown} {'*' * max(3, self.look.width - display_width(shown))}")

    def flush(self) -> None:
        """Hand what was written to the system."""
        self.out.flush()
        self.err.flush()


def _named(role: str) -> str | None:
    """The number for a role that is a colour's name with ``=`` in front."""
    return sgr(role[1:]) if role.startswith("=") else None


def encodable(text: str, stream: TextIO) -> str:
    """Return ``text`` with what the stream's encoding lacks written as escapes."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    if text.isascii() or encoding.lower().replace("-", "") == "utf8":
        return text
    return text.encode(encoding, "backslashreplace").decode(encoding)

"""Colours in texts of callbacks: ``ansible.utils.color``. The screen colours whole messages, so texts stay plain."""

from __future__ import annotations

from typing import Any

ANSIBLE_COLOR = False


def stringc(text: Any, color: str | None = None, wrap_nonvisible_chars: bool = False) -> str:
    """A text, which is coloured by ``display(text, color=...)`` if at all."""
    return str(text)


def colorize(lead: str, num: Any, color: str | None = None) -> str:
    """A count of the recap: ``ok=3``."""
    return f"{lead}={num!s:<4}"


def hostcolor(host: str, stats: Any, color: bool = True) -> str:
    """A host's name, as wide as the recap has it."""
    return f"{host:<26}"

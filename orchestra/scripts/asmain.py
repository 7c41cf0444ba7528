"""``python -m ansible NAME ...``: becomes ``orchestra as ansible-NAME ...`` (``adhoc`` is ``ansible`` itself)."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence


def command(words: Sequence[str]) -> list[str]:
    """The program and its arguments; a name that is none is left to the command that knows them all."""
    names = [f"ansible-{name}".removesuffix("-adhoc") for name in words[:1]]
    return [sys.executable, "-P", "-m", "orchestra", "as", *names, *words[1:]]


if __name__ == "__main__":
    os.execv(sys.executable, command(sys.argv[1:]))  # noqa: S606 - in place of this process, with its terminal and signals

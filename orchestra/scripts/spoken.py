"""What a program says through Ansible's Display goes to its own standard output and errors."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping
from typing import Any

from orchestra.runner.foreign.text import jsonify


class Spoken:
    """The outputs of a program: there is no run to show, and so no events."""

    wanted = ""
    wants_ours = True
    verbosity = 0

    @property
    def columns(self) -> int:
        """How wide a banner is."""
        return shutil.get_terminal_size().columns

    def knows(self, callback: str) -> bool:
        """Callbacks are a run's."""
        return False

    def show(self, text: str, colour: str = "", *, error: bool = False, newline: bool = True) -> None:
        """Write a text."""
        stream = sys.stderr if error else sys.stdout
        stream.write(text + "\n" * newline)
        stream.flush()

    def add(self, sink: Callable[[Any], None]) -> None:
        """No event will come."""

    replace = add

    def standard(self, dump: Callable[[dict[str, Any]], str] | None = None) -> Callable[[Any], None]:
        """No event will come."""
        return lambda event: None

    def dump(self, result: Mapping[str, Any], indent: int | None = None) -> str:
        """A result as text."""
        return jsonify(dict(result), indent=indent)

    def diff(self, diffs: Any) -> str:
        """Differences are a run's."""
        return ""

    def mask(self, value: Any) -> Any:
        """Data as it is: there are no secrets but the program's own."""
        return value

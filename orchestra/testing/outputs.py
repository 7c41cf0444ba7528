"""What shows a run, as a list of what was shown: implements model.ports.Outputs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any


class FakeOutputs:
    """Keeps texts in ``shown`` and sinks in ``sinks``; ``emit`` hands an event to them."""

    def __init__(self, wanted: str = "", *, wants_ours: bool = False, verbosity: int = 0) -> None:
        self.wanted = wanted
        self.wants_ours = wants_ours
        self.verbosity = verbosity
        self.columns = 40
        self.shown: list[str] = []
        #: Texts that went to the errors.
        self.errors: list[str] = []
        self.sinks: list[Callable[[Any], None]] = []
        #: What took the output's place.
        self.replaced: Callable[[Any], None] | None = None
        #: Events that the standard output got.
        self.standard_events: list[Any] = []
        self.secret = ""

    def knows(self, callback: str) -> bool:
        """One form of output has a name here."""
        return callback == "default"

    def emit(self, event: Any) -> None:
        """Let everybody who watches have an event."""
        for sink in filter(None, (self.replaced, *self.sinks)):
            sink(event)

    def show(self, text: str, colour: str = "", *, error: bool = False, newline: bool = True) -> None:
        """Keep a text."""
        (self.errors if error else self.shown).append(text)

    def add(self, sink: Callable[[Any], None]) -> None:
        """One more watches."""
        self.sinks.append(sink)

    def replace(self, sink: Callable[[Any], None]) -> None:
        """It takes the output's place."""
        self.replaced = sink

    def standard(self, dump: Callable[[dict[str, Any]], str] | None = None) -> Callable[[Any], None]:
        """Keeps the events."""
        return self.standard_events.append

    def dump(self, result: Mapping[str, Any], indent: int | None = None) -> str:
        """JSON."""
        return json.dumps(self.mask(dict(result)), sort_keys=True, indent=indent, default=str)

    def diff(self, diffs: Any) -> str:
        """What was before and after."""
        return "".join(f"-{diff.get('before')}\n+{diff.get('after')}\n" for diff in diffs)

    def mask(self, value: Any) -> Any:
        """Data without the secret."""
        if isinstance(value, dict):
            return {key: self.mask(item) for key, item in value.items()}
        return "***" if self.secret and value == self.secret else value

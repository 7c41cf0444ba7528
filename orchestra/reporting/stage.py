"""What shows a run, for those who write beside it or take its place: callbacks of the project."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from orchestra.model.secret import Redactor
from orchestra.reporting.bus import Bus, Sink
from orchestra.reporting.choose import Output, is_ours
from orchestra.reporting.results import shown_result
from orchestra.reporting.screen import DEFAULT_COLOURS, encodable

#: Outputs that programs read: what plugins say goes to the errors there.
_DATA = ("json", "document")


class Stage:
    """The output of one run; implements model.ports.Outputs.

    Args:
        bus: feeds the sinks of the run.
        output: what was chosen; the first of its sinks is what people see.
    """

    def __init__(self, bus: Bus, output: Output, redactor: Redactor) -> None:
        assert output.screen is not None, "it was chosen for a run"
        self._bus = bus
        self._shown = output.sinks[0]
        self._screen = output.screen
        self._options = output.options
        self._suspended = output.suspended
        self._redactor = redactor
        self._is_data = output.mode in _DATA
        self.wanted = output.callback
        self.wants_ours = output.callback_is_ours

    def knows(self, callback: str) -> bool:
        """Whether a stdout callback's name stands for an output of ours."""
        return is_ours(callback)

    @property
    def verbosity(self) -> int:
        """How many -v there were."""
        return self._options.verbosity

    @property
    def columns(self) -> int:
        """How wide a banner is."""
        return self._screen.look.width

    def show(self, text: str, colour: str = "", *, error: bool = False, newline: bool = True) -> None:
        """Write a text, secrets masked, into what is shown (or to the errors)."""
        error = error or self._is_data
        role = colour if colour in DEFAULT_COLOURS or not colour else f"={colour}"
        with self._suspended():
            if newline:
                self._screen.write(text, role, error=error)
            else:
                stream = self._screen.err if error else self._screen.out
                stream.write(encodable(self._screen.paint(text, role), stream))

    def add(self, sink: Sink) -> None:
        """Let ``sink`` have the events, after those that are there."""
        self._bus.add(sink)

    def replace(self, sink: Sink) -> None:
        """Let ``sink`` have the events instead of what shows them."""
        self._bus.replace(self._shown, sink)
        self._shown = sink
        self._is_data = False

    def standard(self, dump: Callable[[dict[str, Any]], str] | None = None) -> Sink:
        """A sink that shows what Ansible's own default does; ``dump`` lays out results."""
        from orchestra.reporting.ansible import AnsibleSink

        sink = AnsibleSink(self._screen, self._options, self._redactor.mask_data)
        if dump is not None:
            sink._dump = lambda outcome: str(dump(dict(shown_result(outcome))))  # type: ignore[method-assign]
        return sink

    def dump(self, result: Mapping[str, Any], indent: int | None = None) -> str:
        """A result as text, in the format of the settings, secrets masked."""
        from orchestra.reporting.results import dump_data

        return dump_data(self._redactor.mask_data(dict(result)), self._options, indent=indent)

    def diff(self, diffs: Any) -> str:
        """Differences as text."""
        from orchestra.reporting.difftext import diff_pieces

        found = [diff for diff in diffs or () if isinstance(diff, Mapping)]
        return "".join(self._screen.paint(text, role) for text, role in diff_pieces(found, self._options))

    def mask(self, value: Any) -> Any:
        """Data without known secrets."""
        return self._redactor.mask_data(value)

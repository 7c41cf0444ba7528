"""``--output live``: the dense view with a moving part below it, which says who is at what and for how long.

The only file that knows rich, which is imported when a terminal is there to show it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING

from orchestra.model.event import Event, Interrupted, RunFinished
from orchestra.model.outcome import Status
from orchestra.model.record import record
from orchestra.reporting.dense import DenseSink
from orchestra.reporting.fold import fold
from orchestra.reporting.options import OutputOptions
from orchestra.reporting.screen import Piece, Screen, encodable
from orchestra.reporting.tally import Tally
from orchestra.reporting.taskview import counts, seconds

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

#: Times a second that the moving part is drawn.
_REFRESH = 4
_NAMED = 3
#: Seconds after which a host is worth naming.
_SLOW = 2.0


class LiveSink:
    """Shows a run on a terminal. Close it, or let the run's end do so, before anything else writes there."""

    def __init__(
        self,
        screen: Screen,
        options: OutputOptions,
        mask: Callable[[object], object],
        clock: Callable[[], float],
        *,
        command: Sequence[str] = (),
        base: str = "",
    ) -> None:
        self._screen = screen
        self._clock = clock
        self._frame: tuple[_Line, ...] = ()
        self._silenced = 0
        self._dense = DenseSink(self._print, screen.look, options, mask, clock, command=command, base=base)
        self._console = _console(screen)
        self._live: Live | None = None

    def __call__(self, event: Event) -> None:
        """Take one event."""
        if isinstance(event, (Interrupted, RunFinished)):
            self._silenced += isinstance(event, Interrupted)
            self.close()
        elif self._live is None and not self._silenced:
            self._start()
        self._dense(event)
        self._frame = tuple(_Line.of(tally) for tally in islice(self._dense.tallies.values(), _NAMED))

    def close(self) -> None:
        """Remove the moving part."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Keep the moving part away while something else (a question) has the terminal."""
        self._silenced += 1
        self.close()
        try:
            yield
        finally:
            self._silenced -= 1

    def _start(self) -> None:
        from rich.live import Live

        self._live = Live(
            get_renderable=self._moving,
            console=self._console,
            refresh_per_second=_REFRESH,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start()

    def _print(self, pieces: Sequence[Piece]) -> None:
        self._console.print(self._text(pieces), soft_wrap=True)

    def _text(self, pieces: Sequence[Piece]) -> Text:
        from rich.text import Text

        painted = "".join(self._screen.paint(text, role) for text, role in pieces)
        return Text.from_ansi(encodable(painted, self._screen.out))

    def _moving(self) -> Text:
        """Drawn by rich's thread: it only reads the last frame, which is never changed, so no lock is needed."""
        now = self._clock()
        drawn = [line.drawn(now, self._screen.look.unicode) for line in self._frame]
        return self._text([piece for line in drawn for piece in (*line, ("\n", ""))][:-1])


@record
class _Line:
    """What the moving part says about one task."""

    name: str
    done: int
    expected: int
    counts: Mapping[Status, int]
    ignored: int
    slowest: tuple[tuple[str, float], ...]
    running: int

    @staticmethod
    def of(tally: Tally) -> _Line:
        """The state of ``tally`` now."""
        done, running = tally.done, len(tally.running)
        expected = tally.expected or done + running
        numbers = dict(tally.counts)
        return _Line(tally.task.name, done, expected, numbers, tally.ignored, tally.slowest(_NAMED), running)

    def drawn(self, now: float, unicode: bool) -> list[Piece]:
        """The line at the time ``now``."""
        mark = " ▸ " if unicode else " > "
        line: list[Piece] = [(mark, "highlight"), (self.name, ""), (f"  {self.done}/{self.expected}  ", "highlight")]
        line += counts(self.counts, self.ignored, unicode)
        slow = [f"{host} {seconds(now - begun)}" for host, begun in self.slowest if now - begun >= _SLOW]
        if slow:
            line.append((f"  slowest: {', '.join(slow)}", "debug"))
        elif 0 < self.running <= _NAMED:
            line.append((f"  {fold(host for host, _ in self.slowest)}", "debug"))
        return line


def _console(screen: Screen) -> Console:
    from rich.console import Console

    return Console(
        file=screen.out,
        force_terminal=True,
        color_system="standard" if screen.look.colour else None,
        no_color=not screen.look.colour,
        width=screen.look.width,
        highlight=False,
        markup=False,
        emoji=False,
    )

"""How a run ends for people: failures with cause and place, handlers that did not run, the sum, how to try again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from orchestra.model.event import RunFinished
from orchestra.reporting.failures import report, retry_command
from orchestra.reporting.fold import fold
from orchestra.reporting.screen import Look, Piece
from orchestra.reporting.taskview import summary_line


def ending(event: RunFinished, look: Look, command: Sequence[str], base: str) -> Iterator[list[Piece]]:
    """The last lines. ``command`` is what the user typed, ``base`` the folder that paths are shown from."""
    yield [(("─" if look.unicode else "-") * look.width, "debug")]
    if event.failures:
        yield from report(event.failures, base)
    yield from _pending(event)
    retry = retry_command(command, _to_retry(event))
    if retry:
        yield [("  retry: ", "debug"), (retry, "highlight")]
    yield summary_line(list(event.totals.values()), event.elapsed)


def _pending(event: RunFinished) -> Iterator[list[Piece]]:
    by_handler: dict[str, list[str]] = {}
    for host, handlers in event.pending_handlers.items():
        for handler in handlers:
            by_handler.setdefault(handler, []).append(host)
    for handler, hosts in by_handler.items():
        yield [(f"PENDING HANDLER  {handler}   {fold(hosts, 12)}", "warn")]


def _to_retry(event: RunFinished) -> list[str]:
    return [host for host, totals in event.totals.items() if totals.failed or totals.unreachable]

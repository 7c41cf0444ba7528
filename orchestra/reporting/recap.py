"""The counts for each host at the end of a run, in the forms that people and scripts read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from orchestra.model.outcome import HostTotals
from orchestra.reporting.options import OutputOptions
from orchestra.reporting.results import dump_data
from orchestra.reporting.screen import Piece, Screen

#: The words in their order, and the role that colours each when it is not 0.
COLUMNS: tuple[tuple[str, str], ...] = (
    ("ok", "ok"),
    ("changed", "changed"),
    ("unreachable", "unreachable"),
    ("failed", "error"),
    ("skipped", "skip"),
    ("rescued", "ok"),
    ("ignored", "warn"),
)
_NAME_WIDTH = 26


def host_role(totals: HostTotals) -> str:
    """The role that colours a host's name."""
    if totals.failed or totals.unreachable:
        return "error"
    return "changed" if totals.changed else "ok"


def recap_line(host: str, totals: HostTotals) -> str:
    """``web01 : ok=9 changed=2 unreachable=0 failed=0 skipped=1 rescued=0 ignored=0``."""
    return f"{host} : " + " ".join(f"{word}={getattr(totals, word)}" for word, _ in COLUMNS)


def padded_recap(host: str, totals: HostTotals) -> list[Piece]:
    """The same in columns, as ansible-playbook prints it."""
    pieces: list[Piece] = [(host, host_role(totals)), (" " * (_NAME_WIDTH - len(host)) + " :", "")]
    for word, role in COLUMNS:
        number = getattr(totals, word)
        pieces += [(" ", ""), (f"{word}={number:<4}", role if number else "")]
    return pieces


def show_custom_stats(
    stats: Mapping[str, Any], screen: Screen, options: OutputOptions, mask: Callable[[object], object]
) -> None:
    """What ``set_stats`` collected: for each host, then (``_run``) for the run."""

    def flat(data: object) -> str:
        return dump_data(mask(data), options, indent=1).replace("\n", "")

    screen.banner("CUSTOM STATS: ")
    for host in sorted(set(stats) - {"_run"}):
        screen.write(f"\t{host}: {flat(stats[host])}")
    if "_run" in stats:
        screen.write("")
        screen.write(f"\tRUN: {flat(stats['_run'])}")
    screen.write("")

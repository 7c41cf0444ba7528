"""The output cases: a project, what happened when its playbooks ran (events), and the text of each output.

``python tests/reporting/outputcases.py`` writes the expected texts anew; read the difference before you commit it.
"""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestra.model.event import Event
from orchestra.model.secret import Redactor
from orchestra.reporting.bus import Sink
from orchestra.reporting.choose import _MAKERS, Request
from orchestra.reporting.codec import decode
from orchestra.reporting.options import OutputOptions
from orchestra.reporting.screen import Look, Screen

FOLDER = Path(__file__).parent.parent / "cases" / "output"
PROJECT = FOLDER / "project"
#: Stands for the project's folder in events and texts.
PLACE = "{project}"
#: Outputs whose text every case has; ``ansible`` alone is compared for the variants of a case.
MODES = ("ansible", "lines", "dense")


@dataclass(frozen=True)
class Case:
    """One run: the playbook, the flags and environment it ran with, and the options that these mean."""

    name: str
    playbook: str
    flags: tuple[str, ...]
    environment: dict[str, str]
    options: dict[str, Any]
    colour: bool

    @property
    def is_variant(self) -> bool:
        """Whether only the Ansible form is of interest."""
        return bool(self.environment or "-v" in "".join(self.flags))

    def events(self) -> list[Event]:
        """What happened, with the project's folder filled in."""
        text = (FOLDER / self.name / "events.jsonl").read_text().replace(PLACE, str(PROJECT))
        return list(decode(json.loads(line) for line in text.splitlines()))

    def expected(self, file: str) -> str:
        """An expected text."""
        return (FOLDER / self.name / file).read_text().replace(PLACE, str(PROJECT))


def cases() -> list[Case]:
    """All cases."""
    return [_case(path) for path in sorted(FOLDER.glob("*/case.json"))]


def _case(path: Path) -> Case:
    data = json.loads(path.read_text())
    return Case(
        path.parent.name,
        data["playbook"],
        tuple(data.get("flags", ())),
        data.get("environment", {}),
        data.get("options", {}),
        data.get("colour", False),
    )


def render(case: Case, mode: str) -> tuple[str, str]:
    """What ``mode`` prints for a case: output and errors."""
    out, err = io.StringIO(), io.StringIO()
    ticks = itertools.count()
    look = Look(width=79 if mode == "ansible" else 100, colour=case.colour)
    request = Request(
        options=OutputOptions(**case.options),
        command=("orchestra", "play", "-i", "inventory.ini", case.playbook, *case.flags),
        base=str(PROJECT),
    )
    redactor = Redactor()
    sink: Sink = _MAKERS[mode](
        Screen(out, err, look, redactor.mask), request, redactor.mask_data, lambda: next(ticks) / 10
    )
    for event in case.events():
        sink(event)
    return out.getvalue(), err.getvalue()


def expected_files(case: Case) -> Iterator[tuple[str, str, str]]:
    """For each text of a case: its file, and what our output is now."""
    for mode in MODES[:1] if case.is_variant else MODES:
        out, err = render(case, mode)
        yield mode, f"{mode}.txt", out
        if err:
            yield mode, f"{mode}.errors.txt", err


def update() -> None:
    """Write every expected text anew."""
    for case in cases():
        for _, file, text in expected_files(case):
            (FOLDER / case.name / file).write_text(text.replace(str(PROJECT), PLACE))


if __name__ == "__main__":
    update()

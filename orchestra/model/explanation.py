"""What a playbook would do where, and why not: what ``orchestra explain`` shows."""

from __future__ import annotations

from orchestra.model.origin import Origin
from orchestra.model.record import record


@record
class Reason:
    """Why hosts do not, or may not, take part: a sentence, and the place that says so."""

    text: str
    hosts: tuple[str, ...]
    origin: Origin | None = None


@record
class StepExplained:
    """A task or handler: on whom it runs for sure, who is left out and why, for whom only the run can tell."""

    name: str
    action: str
    origin: Origin
    tags: tuple[str, ...]
    runs: tuple[str, ...]
    #: Not on these, whatever happens.
    never: tuple[Reason, ...] = ()
    #: Decided when it runs.
    open: tuple[Reason, ...] = ()
    #: What else is to be known: run_once, delegation, that it is a handler ...
    notes: tuple[str, ...] = ()
    handler: bool = False


@record
class PlayExplained:
    """A play: its hosts, those that it leaves out, its steps in the order of their text."""

    name: str
    origin: Origin
    pattern: str
    hosts: tuple[str, ...]
    left_out: tuple[Reason, ...]
    steps: tuple[StepExplained, ...]


@record
class PlaybookExplained:
    """A playbook file with its plays; ``warnings`` are what the user should hear of."""

    path: str
    plays: tuple[PlayExplained, ...]
    warnings: tuple[str, ...] = ()
